-- Kind months: 100 × the months that hold, which depends on the scenario's and profile's threshold.
INSERT INTO held
    WITH threshold AS (
        SELECT b.scenario, v.unit, v.measure, v.version, coalesce(e.lifted, false) AS lifted, b.comparison, b.threshold, b.bottom
        FROM measured v
        JOIN month_bar b ON b.measure = v.measure AND b.profile = v.profile
        LEFT JOIN eased e ON v.version = 1 AND e.unit = v.unit AND e.requirement = b.requirement
        WHERE b.threshold IS NOT NULL),
    month_value AS (
        SELECT o.unit, t.measure, false AS lifted, t.top * o.value AS top, true AS counts
        FROM observation o
        JOIN month_term t ON t.fact = o.fact AND o.slot BETWEEN t.first_month AND t.last_month
        ANTI JOIN monthwise n ON n.unit = o.unit AND n.measure = t.measure AND NOT n.lifted
        UNION ALL
        SELECT unit, measure, lifted, top, counts
        FROM month_sum SEMI JOIN month_bar USING (measure))
    SELECT t.scenario, t.unit, t.measure, t.version,
        100 * count(*) FILTER (m.counts AND holds(m.top, t.bottom, t.comparison, t.threshold)) AS top
    FROM threshold t JOIN month_value m USING (unit, measure, lifted)
    GROUP BY t.scenario, t.unit, t.measure, t.version;

INSERT INTO measured
    SELECT b.scenario, v.unit, v.version, v.profile, v.measure, v.leads, v.complete, v.enough, h.top, v.bottom,
        v.known AND h.top IS NOT NULL
    FROM measured v
    JOIN month_bar b ON b.measure = v.measure AND b.profile = v.profile
    LEFT JOIN held h ON h.scenario = b.scenario AND h.unit = v.unit AND h.measure = v.measure
        AND h.version = v.version;

DELETE FROM measured USING month_bar b WHERE measured.scenario IS NULL AND b.measure = measured.measure;
