-- Kind months: 100 × the months that hold, which depends on the scenario's and profile's threshold.
INSERT INTO held
    SELECT c.scenario, v.unit, v.measure, v.version,
        CASE WHEN bool_and(coalesce(p.value, m.threshold) IS NOT NULL) THEN
            100 * count(*) FILTER (t.counts
                AND holds(t.top, m.divisor::HUGEINT * 1000000, m.comparison, coalesce(p.value, m.threshold)))
        END AS top
    FROM measured v
    JOIN measure m ON m.measure = v.measure AND m.kind = 'months'
    JOIN scenario c ON c.portfolio = v.portfolio
    JOIN subject s ON s.unit = v.unit AND s.requirement = v.requirement AND s.version = v.version
    LEFT JOIN setting p ON p.profile = v.profile AND p.scenario = c.scenario AND p.name = m.parameter
    JOIN month_sum t ON t.unit = v.unit AND t.measure = v.measure AND t.lifted = s.lifted
    GROUP BY c.scenario, v.unit, v.measure, v.version;

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
