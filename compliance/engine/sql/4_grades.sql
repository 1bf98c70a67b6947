-- From measures to grades, in three-valued logic: 0 false, 1 unknown, 2 true.

-- Compares top / bottom with a limit in millionths, without dividing and without overflow: whole parts
-- first, then what is left over. Needs bottom > 0.
CREATE MACRO holds(top, bottom, comparison, threshold) AS
    CASE
        WHEN top // bottom <> threshold::HUGEINT // 1000000
            THEN CASE WHEN top // bottom > threshold::HUGEINT // 1000000
                THEN comparison IN ('above', 'at_least') ELSE comparison IN ('below', 'at_most') END
        WHEN (top % bottom) * 1000000 > (threshold::HUGEINT % 1000000) * bottom
            THEN comparison IN ('above', 'at_least')
        WHEN (top % bottom) * 1000000 < (threshold::HUGEINT % 1000000) * bottom
            THEN comparison IN ('below', 'at_most')
        ELSE comparison IN ('at_least', 'at_most', 'equals')
    END;

-- Kind months: 100 × the months that hold, which depends on the scenario's and profile's threshold.
CREATE VIEW held AS
    SELECT c.scenario, s.unit, s.requirement, s.version, m.measure,
        CASE WHEN bool_and(coalesce(p.value, m.threshold) IS NOT NULL) THEN
            100 * count(*) FILTER (t.counts
                AND holds(t.top, m.divisor::HUGEINT * 1000000, m.comparison, coalesce(p.value, m.threshold)))
        END AS top
    FROM subject s
    JOIN measure m ON m.requirement = s.requirement AND m.kind = 'months'
    JOIN scenario c ON c.portfolio = s.portfolio
    LEFT JOIN setting p ON p.profile = s.profile AND p.scenario = c.scenario AND p.name = m.parameter
    JOIN month_sum t ON t.unit = s.unit AND t.measure = m.measure AND t.lifted = s.lifted
    GROUP BY c.scenario, s.unit, s.requirement, s.version, m.measure;

CREATE TABLE measured AS
    SELECT c.scenario, s.unit, s.requirement, s.version, s.profile, m.measure, m.position,
        r.asked, r.counted, r.first_month, r.last_month, r.enough,
        CASE WHEN m.kind = 'months' THEN h.top ELSE r.top END AS top,
        r.bottom,
        coalesce(r.enough AND r.bottom > 0
            AND (m.kind <> 'months' OR h.top IS NOT NULL), false) AS known
    FROM scenario c
    JOIN subject s ON s.portfolio = c.portfolio
    JOIN measure m ON m.requirement = s.requirement
    JOIN result r ON r.unit = s.unit AND r.measure = m.measure AND r.lifted = s.lifted
    LEFT JOIN held h ON h.scenario = c.scenario AND h.unit = s.unit AND h.requirement = s.requirement
        AND h.version = s.version AND h.measure = m.measure;

CREATE VIEW tested AS
    SELECT v.scenario, v.unit, v.requirement, v.version, t.rung, t.branch,
        t.parameter IS NOT NULL AND p.value IS NULL AS left_out,
        CASE
            WHEN t.comparison = 'known' THEN CASE WHEN v.known = (t.threshold > 0) THEN 2 ELSE 0 END
            WHEN NOT v.known THEN 1
            WHEN holds(v.top, v.bottom, t.comparison, coalesce(p.value, t.threshold)) THEN 2
            ELSE 0
        END AS truth
    FROM test t
    JOIN measured v ON v.requirement = t.requirement AND v.measure = t.measure
    LEFT JOIN setting p ON p.profile = v.profile AND p.scenario = v.scenario AND p.name = t.parameter;

CREATE VIEW branch AS
    SELECT scenario, unit, requirement, version, rung, branch, min(truth) AS truth, bool_or(left_out) AS left_out
    FROM tested GROUP BY ALL;

-- A rung with a parameter that is null is left out.
CREATE VIEW rung AS
    SELECT scenario, unit, requirement, version, rung, max(truth) AS truth
    FROM branch GROUP BY scenario, unit, requirement, version, rung
    HAVING NOT bool_or(left_out);

CREATE VIEW ladder AS
    SELECT scenario, unit, requirement, version,
        min(truth) FILTER (rung < 2) AS applies,
        max(truth) FILTER (rung = 2) AS pass,
        max(truth) FILTER (rung = 3) AS partial
    FROM rung GROUP BY scenario, unit, requirement, version;

-- The grade is that of the first rung, from pass down, that isn't false; if that is unknown, so is the grade.
CREATE TABLE graded AS
    SELECT c.scenario, s.unit, s.requirement, s.version, s.profile,
        CASE
            WHEN NOT u.readable OR n.unit IS NOT NULL THEN 'unknown'
            WHEN r.first_month > r.last_month THEN 'not_applicable'
            WHEN u.first_month > r.last_month OR u.last_month < r.first_month THEN 'not_applicable'
            WHEN s.exempt THEN 'not_applicable'
            WHEN l.applies = 0 THEN 'not_applicable'
            WHEN l.applies = 1 THEN 'unknown'
            WHEN l.pass IS NULL AND l.partial IS NULL THEN CASE WHEN f.known THEN 'info' ELSE 'unknown' END
            WHEN l.pass = 2 THEN 'pass'
            WHEN l.pass = 1 THEN 'unknown'
            WHEN l.partial = 2 THEN 'partial'
            WHEN l.partial = 1 THEN 'unknown'
            ELSE 'fail'
        END AS grade
    FROM scenario c
    JOIN subject s ON s.portfolio = c.portfolio
    JOIN unit u ON u.unit = s.unit
    JOIN requirement r ON r.requirement = s.requirement
    JOIN measured f ON f.scenario = c.scenario AND f.unit = s.unit AND f.requirement = s.requirement
        AND f.version = s.version AND f.position = 0
    LEFT JOIN ladder l ON l.scenario = c.scenario AND l.unit = s.unit AND l.requirement = s.requirement
        AND l.version = s.version
    LEFT JOIN unsettled n ON n.unit = s.unit AND n.requirement = s.requirement;
