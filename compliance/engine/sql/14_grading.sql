-- The grade, beside the first measure's sums. It is that of the first rung, from pass down, that isn't false; if that is unknown, so is the grade.
-- These views are enough where ladders compare the first measure alone, and where nothing is settled beforehand or waived; the
-- steps that follow put others in their place.
CREATE VIEW by_first_measure AS
    SELECT s.scenario, s.portfolio, v.unit, s.requirement, v.version, v.profile, v.enough, v.known, v.top, v.bottom,
        CASE
            WHEN NOT v.known THEN 'unknown'::grade
            WHEN s.pass IS NULL AND s.partial IS NULL THEN 'info'::grade
            WHEN s.pass IS NOT NULL AND holds(v.top, v.bottom, s.pass, s.pass_from) THEN 'pass'::grade
            WHEN s.partial IS NOT NULL AND holds(v.top, v.bottom, s.partial, s.partial_from) THEN 'partial'::grade
            ELSE 'fail'::grade
        END AS grade
    FROM measured v
    JOIN shape s ON s.profile = v.profile AND s.simple AND (v.scenario IS NULL OR v.scenario = s.scenario)
    WHERE v.leads;

CREATE VIEW by_ladder AS FROM by_first_measure;

CREATE VIEW grading AS FROM by_ladder;

CREATE VIEW finding AS SELECT *, grade AS unwaived_grade FROM grading;
