-- The grade, beside the first measure's sums. It is that of the first rung, from pass down, that isn't false; if that is unknown, so is the grade.
CREATE VIEW grading AS
    SELECT s.scenario, s.portfolio, v.unit, s.requirement, v.version, v.profile, v.enough, v.known, v.top, v.bottom,
        CASE
            WHEN e.grade IS NOT NULL THEN e.grade
            WHEN NOT v.known THEN 'unknown'::grade
            WHEN s.pass IS NULL AND s.partial IS NULL THEN 'info'::grade
            WHEN s.pass IS NOT NULL AND holds(v.top, v.bottom, s.pass, s.pass_from) THEN 'pass'::grade
            WHEN s.partial IS NOT NULL AND holds(v.top, v.bottom, s.partial, s.partial_from) THEN 'partial'::grade
            ELSE 'fail'::grade
        END AS grade
    FROM measured v
    JOIN shape s ON s.profile = v.profile AND s.simple
        AND (v.scenario IS NULL OR v.scenario = s.scenario)
    LEFT JOIN settled e ON e.unit = v.unit AND e.requirement = s.requirement AND e.version = v.version
    WHERE v.leads
    UNION ALL
    SELECT s.scenario, s.portfolio, v.unit, s.requirement, v.version, v.profile, v.enough, v.known, v.top, v.bottom,
        CASE
            WHEN e.grade IS NOT NULL THEN e.grade
            WHEN l.applies = 0 THEN 'not_applicable'::grade
            WHEN l.applies = 1 THEN 'unknown'::grade
            WHEN l.pass IS NULL AND l.partial IS NULL THEN CASE WHEN v.known THEN 'info'::grade ELSE 'unknown'::grade END
            WHEN l.pass = 2 THEN 'pass'::grade
            WHEN l.pass = 1 THEN 'unknown'::grade
            WHEN l.partial = 2 THEN 'partial'::grade
            WHEN l.partial = 1 THEN 'unknown'::grade
            ELSE 'fail'::grade
        END
    FROM measured v
    JOIN shape s ON s.profile = v.profile AND NOT s.simple
        AND (v.scenario IS NULL OR v.scenario = s.scenario)
    LEFT JOIN ladder l ON l.scenario = s.scenario AND l.unit = v.unit AND l.requirement = s.requirement
        AND l.version = v.version
    LEFT JOIN settled e ON e.unit = v.unit AND e.requirement = s.requirement AND e.version = v.version
    WHERE v.leads;

-- Under the waivers, beside the grade that it would be without any.
CREATE VIEW finding AS
    SELECT g.* EXCLUDE (grade), g.grade, g.grade AS unwaived_grade
    FROM grading g ANTI JOIN eased USING (unit, requirement)
    UNION ALL
    FROM eased_finding;
