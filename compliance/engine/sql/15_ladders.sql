-- Ladders that don't fit in one row, in three-valued logic: 0 false, 1 unknown, 2 true.

CREATE VIEW tested AS
    SELECT b.scenario, v.unit, s.requirement, v.version, b.rung, b.branch,
        CASE
            WHEN b.comparison = 'known' THEN CASE WHEN v.known = (b.threshold > 0) THEN 2 ELSE 0 END
            WHEN NOT v.known THEN 1
            WHEN holds(v.top, v.bottom, b.comparison, b.threshold) THEN 2
            ELSE 0
        END AS truth
    FROM measured v
    JOIN bar b ON b.profile = v.profile AND b.measure = v.measure
        AND (v.scenario IS NULL OR v.scenario = b.scenario)
    JOIN shape s ON s.profile = b.profile AND s.scenario = b.scenario AND NOT s.simple;

-- `all` is the minimum, `any` the maximum.
CREATE VIEW rung AS
    SELECT scenario, unit, requirement, version, rung, max(truth) AS truth
    FROM (SELECT scenario, unit, requirement, version, rung, branch, min(truth) AS truth
          FROM tested GROUP BY ALL)
    GROUP BY scenario, unit, requirement, version, rung;

INSERT INTO ladder
    SELECT scenario, unit, requirement, version,
        min(truth) FILTER (rung < 2) AS applies,
        max(truth) FILTER (rung = 2) AS pass,
        max(truth) FILTER (rung = 3) AS partial
    FROM rung GROUP BY scenario, unit, requirement, version;

CREATE VIEW by_criteria AS
    SELECT s.scenario, s.portfolio, v.unit, s.requirement, v.version, v.profile, v.enough, v.known, v.top, v.bottom,
        CASE
            WHEN l.applies = 0 THEN 'not_applicable'::grade
            WHEN l.applies = 1 THEN 'unknown'::grade
            WHEN l.pass IS NULL AND l.partial IS NULL THEN CASE WHEN v.known THEN 'info'::grade ELSE 'unknown'::grade END
            WHEN l.pass = 2 THEN 'pass'::grade
            WHEN l.pass = 1 THEN 'unknown'::grade
            WHEN l.partial = 2 THEN 'partial'::grade
            WHEN l.partial = 1 THEN 'unknown'::grade
            ELSE 'fail'::grade
        END AS grade
    FROM measured v
    JOIN shape s ON s.profile = v.profile AND NOT s.simple AND (v.scenario IS NULL OR v.scenario = s.scenario)
    LEFT JOIN ladder l ON l.scenario = s.scenario AND l.unit = v.unit AND l.requirement = s.requirement
        AND l.version = v.version
    WHERE v.leads;

CREATE OR REPLACE VIEW by_ladder AS FROM by_first_measure UNION ALL FROM by_criteria;
