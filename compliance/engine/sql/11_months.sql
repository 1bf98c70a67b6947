-- Month by month: the measures and units in `monthwise`. Left out where there are none.

-- (Materialized: DuckDB 2.0 ends with an internal error where it takes lists apart straight after joins.)
CREATE VIEW open_month AS
    WITH span AS MATERIALIZED (
        SELECT s.unit, s.measure, s.lifted, m.only_last, m.requirement,
            greatest(m.first_month, u.first_month) AS first_month, least(m.last_month, u.last_month) AS last_month
        FROM monthwise s JOIN measure m USING (measure) JOIN unit u USING (unit)
        WHERE m.monthly)
    SELECT unit, measure, lifted, only_last, requirement, unnest(range(first_month, last_month + 1))::INTEGER AS month
    FROM span;

CREATE VIEW asked AS
    WITH kept AS (
        SELECT o.unit, o.measure, o.lifted, o.only_last, o.month
        FROM open_month o
        WHERE NOT o.lifted
        UNION ALL
        SELECT o.unit, o.measure, o.lifted, o.only_last, o.month
        FROM open_month o ANTI JOIN waiver w
            ON w.unit = o.unit AND w.requirement = o.requirement AND w.exempt
            AND o.month BETWEEN w.first_month AND w.last_month
        WHERE o.lifted)
    SELECT unit, measure, lifted, month FROM kept WHERE NOT only_last
    UNION ALL
    SELECT unit, measure, lifted, max(month) FROM kept WHERE only_last GROUP BY unit, measure, lifted;

-- Days of the week on which the unit is open all the time that the measure asks about.
CREATE VIEW open_days AS
    SELECT o.unit, o.fact, o.slot, m.measure, count(DISTINCT o.day) * 1000000 AS value
    FROM opening o
    JOIN open_day d USING (day)
    JOIN measure m ON m.measure = d.measure AND o.opens <= m.opens AND o.closes >= m.closes
    GROUP BY o.unit, o.fact, o.slot, m.measure;

CREATE VIEW wanted AS
    SELECT a.unit, a.measure, a.lifted, a.month, a.month - t.shift AS slot,
        t.fact, t.numerator, t.weight, t.by_months, t.shift
    FROM asked a JOIN term t USING (measure)
    WHERE t.monthly
    UNION ALL
    SELECT s.unit, s.measure, s.lifted, NULL, CASE WHEN t.shift > 0 THEN -1 ELSE 0 END,
        t.fact, t.numerator, t.weight, t.by_months, t.shift
    FROM monthwise s JOIN term t USING (measure)
    WHERE NOT t.monthly;

-- What each term finds in each slot. value is NULL where nothing that can be relied on was observed.
-- seen: it was observed, not fallen back on.
INSERT INTO read
    SELECT w.unit, m.requirement, w.measure, w.lifted, w.month, w.slot, w.fact, w.numerator, w.weight,
        w.by_months,
        o.value IS NOT NULL AS seen,
        d.unit IS NOT NULL AS doubted,
        v.unit IS NOT NULL AS via,
        CASE
            WHEN m.kind = 'answered' THEN CASE WHEN o.value IS NULL THEN 0 ELSE 1000000 END
            WHEN v.unit IS NOT NULL AND NOT r.via_agreement THEN 0
            WHEN o.value IS NOT NULL AND m.kind = 'open' THEN coalesce(n.value, 0)
            WHEN o.value IS NOT NULL THEN o.value
            WHEN d.unit IS NULL AND u.defaults AND (w.shift = 0 OR u.before) THEN f.fallback
        END AS value
    FROM wanted w
    JOIN measure m USING (measure)
    JOIN requirement r ON r.requirement = m.requirement
    JOIN unit u ON u.unit = w.unit
    JOIN fact f ON f.fact = w.fact
    LEFT JOIN observation o ON o.unit = w.unit AND o.fact = w.fact AND o.slot = w.slot
    LEFT JOIN doubt d ON d.unit = w.unit AND d.fact = w.fact AND d.slot = w.slot
    LEFT JOIN through_other v ON v.unit = w.unit AND v.fact = w.fact AND v.slot = w.slot
    LEFT JOIN open_days n ON n.unit = w.unit AND n.fact = w.fact AND n.slot = w.slot AND n.measure = w.measure;

-- One row a month, and one with month NULL for what is not monthly.
INSERT INTO month_sum
    SELECT unit, measure, lifted, month,
        bool_and(value IS NOT NULL) AS counts,
        coalesce(sum(weight::HUGEINT * value) FILTER (numerator AND NOT by_months), 0) AS top,
        coalesce(sum(weight::HUGEINT * value) FILTER (numerator AND by_months), 0) AS top_n,
        coalesce(sum(weight::HUGEINT * value) FILTER (NOT numerator AND NOT by_months), 0) AS bottom,
        coalesce(sum(weight::HUGEINT * value) FILTER (NOT numerator AND by_months), 0) AS bottom_n
    FROM read
    GROUP BY unit, measure, lifted, month;

CREATE VIEW tally AS
    SELECT unit, measure, lifted,
        count(month) AS asked,
        count(month) FILTER (counts) AS counted,
        min(month) FILTER (counts) AS first_month,
        max(month) FILTER (counts) AS last_month,
        coalesce(sum(top) FILTER (month IS NOT NULL AND counts), 0)::HUGEINT AS top,
        coalesce(sum(top_n) FILTER (month IS NOT NULL AND counts), 0)::HUGEINT AS top_n,
        coalesce(sum(bottom) FILTER (month IS NOT NULL AND counts), 0)::HUGEINT AS bottom,
        coalesce(sum(bottom_n) FILTER (month IS NOT NULL AND counts), 0)::HUGEINT AS bottom_n,
        arg_max(top, month) FILTER (month IS NOT NULL AND counts) AS last_top,
        min(top) FILTER (month IS NOT NULL AND counts) AS min_top,
        max(top) FILTER (month IS NOT NULL AND counts) AS max_top,
        bool_and(counts) FILTER (month IS NULL) AS single_counts,
        coalesce(sum(top) FILTER (month IS NULL), 0)::HUGEINT AS single_top,
        coalesce(sum(top_n) FILTER (month IS NULL), 0)::HUGEINT AS single_top_n,
        coalesce(sum(bottom) FILTER (month IS NULL), 0)::HUGEINT AS single_bottom,
        coalesce(sum(bottom_n) FILTER (month IS NULL), 0)::HUGEINT AS single_bottom_n
    FROM month_sum
    GROUP BY unit, measure, lifted;

INSERT INTO monthwise_result
    SELECT s.unit, s.measure, s.lifted,
        coalesce(t.asked, 0) AS asked,
        coalesce(t.counted, 0) AS counted,
        t.first_month,
        t.last_month,
        coalesce(
            (NOT m.monthly OR (t.counted > 0 AND t.counted >= least(coalesce(m.coverage, t.asked), t.asked)))
            AND (NOT m.singles OR t.single_counts),
            false) AS enough,
        CASE WHEN m.monthly THEN t.counted ELSE 1 END AS n,
        CASE m.aggregate
            WHEN 'last' THEN CASE WHEN m.monthly THEN t.last_top ELSE 0 END + t.single_top
            WHEN 'min' THEN CASE WHEN m.monthly THEN t.min_top ELSE 0 END + t.single_top
            WHEN 'max' THEN CASE WHEN m.monthly THEN t.max_top ELSE 0 END + t.single_top
            ELSE t.top + t.single_top + n * (t.top_n + t.single_top_n)
        END AS top,
        t.bottom + t.single_bottom + n * (t.bottom_n + t.single_bottom_n) + n * m.each + m.once AS bottom
    FROM monthwise s JOIN measure m USING (measure) LEFT JOIN tally t USING (unit, measure, lifted);

INSERT INTO measured
    SELECT NULL, r.unit, 0, c.profile, r.measure, m.position = 0, r.counted = r.asked, r.enough, r.top, r.bottom,
        coalesce(r.enough AND r.bottom > 0, false)
    FROM monthwise_result r
    JOIN measure m USING (measure)
    JOIN unit u USING (unit)
    JOIN cohort_profile c ON c.cohort = u.cohort AND c.requirement = m.requirement
    WHERE NOT r.lifted;
