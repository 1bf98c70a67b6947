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
