-- Kind months: 100 × the months that hold, which depends on the scenario's and profile's threshold.
INSERT INTO held
    WITH threshold AS (
        SELECT v.unit, v.measure, v.version, c.scenario, coalesce(p.value, m.threshold) AS value, m.comparison,
            m.divisor::HUGEINT * 1000000 AS bottom
        FROM measured v
        JOIN measure m ON m.measure = v.measure AND m.kind = 'months'
        JOIN scenario c ON c.portfolio = v.portfolio
        LEFT JOIN setting p ON p.profile = v.profile AND p.scenario = c.scenario AND p.name = m.parameter),
    month_value AS (
        SELECT o.unit, w.measure, NULL::INTEGER AS version, w.top * o.value AS top, true AS counts
        FROM observation o
        JOIN weighted w ON w.fact = o.fact
        JOIN measure m ON m.measure = w.measure AND m.kind = 'months'
        JOIN frame f ON f.frame = w.frame AND o.slot BETWEEN f.first_month AND f.last_month
        ANTI JOIN monthwise n ON n.unit = o.unit AND n.measure = w.measure AND NOT n.lifted
        UNION ALL
        SELECT t.unit, t.measure, s.version, t.top, t.counts
        FROM month_sum t
        JOIN measure m ON m.measure = t.measure AND m.kind = 'months'
        JOIN subject s ON s.unit = t.unit AND s.requirement = m.requirement AND s.lifted = t.lifted)
    SELECT t.scenario, t.unit, t.measure, t.version,
        CASE WHEN bool_and(t.value IS NOT NULL) THEN
            100 * count(*) FILTER (v.counts AND holds(v.top, t.bottom, t.comparison, t.value))
        END AS top
    FROM threshold t
    JOIN month_value v ON v.unit = t.unit AND v.measure = t.measure
        AND (v.version = t.version OR (v.version IS NULL
            AND NOT EXISTS (FROM monthwise n WHERE n.unit = t.unit AND n.measure = t.measure AND n.lifted
                AND t.version = 1)))
    GROUP BY t.scenario, t.unit, t.measure, t.version;

INSERT INTO measured
    SELECT c.scenario, v.portfolio, v.unit, v.requirement, v.version, v.profile, v.measure, v.position, v.asked,
        v.counted, v.first_month, v.last_month, v.enough, h.top, v.bottom, v.known AND h.top IS NOT NULL
    FROM measured v
    JOIN measure m ON m.measure = v.measure AND m.kind = 'months'
    JOIN scenario c ON c.portfolio = v.portfolio
    LEFT JOIN held h ON h.scenario = c.scenario AND h.unit = v.unit AND h.measure = v.measure
        AND h.version = v.version;

DELETE FROM measured USING measure m
    WHERE measured.scenario IS NULL AND m.measure = measured.measure AND m.kind = 'months';
