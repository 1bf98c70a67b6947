-- The grade, beside the first measure's sums. It is that of the first rung, from pass down, that isn't false; if that is unknown, so is the grade.
CREATE TABLE graded AS
    SELECT s.scenario, v.portfolio, v.unit, v.requirement, v.version, v.profile, v.measure, v.enough, v.known,
        v.top, v.bottom,
        CASE
            WHEN e.grade IS NOT NULL THEN e.grade
            WHEN NOT v.known THEN 'unknown'::grade
            WHEN s.pass IS NULL AND s.partial IS NULL THEN 'info'::grade
            WHEN s.pass IS NOT NULL AND holds(v.top, v.bottom, s.pass, s.pass_from) THEN 'pass'::grade
            WHEN s.partial IS NOT NULL AND holds(v.top, v.bottom, s.partial, s.partial_from) THEN 'partial'::grade
            ELSE 'fail'::grade
        END AS grade
    FROM measured v
    JOIN shape s ON s.profile = v.profile AND s.simple AND (v.scenario IS NULL OR v.scenario = s.scenario)
    LEFT JOIN settled e ON e.unit = v.unit AND e.requirement = v.requirement AND e.version = v.version
    WHERE v.position = 0
    UNION ALL
    SELECT s.scenario, v.portfolio, v.unit, v.requirement, v.version, v.profile, v.measure, v.enough, v.known,
        v.top, v.bottom,
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
    JOIN shape s ON s.profile = v.profile AND NOT s.simple AND (v.scenario IS NULL OR v.scenario = s.scenario)
    LEFT JOIN ladder l ON l.scenario = s.scenario AND l.unit = v.unit AND l.requirement = v.requirement
        AND l.version = v.version
    LEFT JOIN settled e ON e.unit = v.unit AND e.requirement = v.requirement AND e.version = v.version
    WHERE v.position = 0;

-- What is told about each finding ----------------------------------------------------------------------

CREATE VIEW final AS
    SELECT s.unit, s.requirement, s.version, s.lifted
    FROM subject s LEFT JOIN eased e ON e.unit = s.unit AND e.requirement = s.requirement
    WHERE s.version = 1 OR e.unit IS NULL;

CREATE VIEW finding AS
    WITH plain AS (
        SELECT g.scenario, g.unit, g.requirement, g.grade
        FROM graded g SEMI JOIN eased USING (unit, requirement) WHERE g.version = 0)
    SELECT g.* EXCLUDE (grade), g.grade, coalesce(p.grade, g.grade) AS unwaived_grade
    FROM graded g
    LEFT JOIN eased e ON e.unit = g.unit AND e.requirement = g.requirement
    LEFT JOIN plain p ON p.scenario = g.scenario AND p.unit = g.unit AND p.requirement = g.requirement
    WHERE g.version = 1 OR e.unit IS NULL;

CREATE VIEW finding_measure AS
    SELECT c.scenario, v.unit, v.requirement, v.position, v.asked, v.counted, v.first_month, v.last_month,
        v.enough, v.known, v.top, v.bottom
    FROM measured v
    JOIN scenario c ON c.portfolio = v.portfolio AND (v.scenario IS NULL OR v.scenario = c.scenario)
    LEFT JOIN eased e ON e.unit = v.unit AND e.requirement = v.requirement
    WHERE v.version = 1 OR e.unit IS NULL;

-- Cells that a finding asked for and that hold nothing, or nothing to rely on.
CREATE VIEW gap AS
    WITH lacking AS (
        SELECT f.unit, f.requirement, w.fact, r.first_month,
            ((1::BIGINT << (r.last_month - r.first_month + 1)) - 1) & ~coalesce(s.months, 0) AS months
        FROM final f
        JOIN measure m ON m.requirement = f.requirement AND m.frame IS NOT NULL
        JOIN weighted w ON w.measure = m.measure
        JOIN frame r ON r.frame = w.frame
        LEFT JOIN summed s ON s.unit = f.unit AND s.fact = w.fact AND s.frame = w.frame
        ANTI JOIN monthwise n ON n.unit = f.unit AND n.measure = m.measure AND n.lifted = f.lifted),
    cells AS (
        SELECT unit, requirement, fact, first_month + bit AS slot
        FROM (SELECT *, unnest(range(40))::INTEGER AS bit FROM lacking WHERE months <> 0)
        WHERE (months >> bit) & 1 = 1)
    SELECT c.unit, c.requirement, c.fact, c.slot, d.unit IS NOT NULL AS doubted
    FROM cells c LEFT JOIN doubt d ON d.unit = c.unit AND d.fact = c.fact AND d.slot = c.slot
    UNION
    SELECT r.unit, r.requirement, r.fact, r.slot, r.doubted
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN measure m ON m.measure = r.measure
    WHERE NOT r.seen AND (r.value IS NULL OR r.doubted OR m.kind = 'answered');

-- Cells met through another provider that a finding counted.
CREATE VIEW through AS
    SELECT f.unit, f.requirement, o.fact, o.slot
    FROM through_other o
    JOIN weighted w ON w.fact = o.fact
    JOIN frame a ON a.frame = w.frame AND o.slot BETWEEN a.first_month AND a.last_month
    JOIN measure m ON m.measure = w.measure
    JOIN requirement q ON q.requirement = m.requirement AND q.via_agreement
    JOIN final f ON f.unit = o.unit AND f.requirement = m.requirement
    ANTI JOIN monthwise n ON n.unit = o.unit AND n.measure = m.measure AND n.lifted = f.lifted
    UNION
    SELECT r.unit, r.requirement, r.fact, r.slot
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN requirement q ON q.requirement = r.requirement
    WHERE r.via AND q.via_agreement;

-- The parameters that would count without the waivers, of those findings that have waivers.
CREATE VIEW unwaived_profile AS
    SELECT e.unit, e.requirement, c.profile
    FROM eased e JOIN cohort_profile c USING (cohort, requirement);

-- What each term of a finding's measures found, for the proof.
CREATE VIEW proof AS
    SELECT r.unit, r.requirement, m.position, r.numerator, r.fact, r.weight, r.month, r.slot, r.seen, r.doubted, r.via,
        r.value
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN measure m ON m.measure = r.measure;
