-- What findings rest on.

CREATE VIEW final AS
    SELECT s.unit, s.requirement, s.version, s.lifted
    FROM subject s LEFT JOIN eased e ON e.unit = s.unit AND e.requirement = s.requirement
    WHERE s.version = 1 OR e.unit IS NULL;

-- Its months are those of the way that it went: month by month (r), from whole sums (w), or nothing was observed.
CREATE VIEW finding_measure AS
    SELECT c.scenario, v.unit, m.requirement, m.position,
        CASE WHEN r.unit IS NOT NULL THEN r.asked WHEN m.monthly THEN f.last_month - f.first_month + 1 ELSE 0 END AS asked,
        CASE WHEN r.unit IS NOT NULL THEN r.counted ELSE coalesce(w.counted, 0) END AS counted,
        CASE WHEN r.unit IS NOT NULL THEN r.first_month ELSE w.first_month END AS first_month,
        CASE WHEN r.unit IS NOT NULL THEN r.last_month ELSE w.last_month END AS last_month,
        v.enough, v.known, v.top, v.bottom
    FROM measured v
    JOIN measure m USING (measure)
    JOIN requirement q ON q.requirement = m.requirement
    JOIN scenario c ON c.portfolio = q.portfolio AND (v.scenario IS NULL OR v.scenario = c.scenario)
    LEFT JOIN frame f ON f.frame = m.frame
    LEFT JOIN eased e ON e.unit = v.unit AND e.requirement = m.requirement
    LEFT JOIN monthwise_result r ON r.unit = v.unit AND r.measure = v.measure AND r.lifted = coalesce(e.lifted, false)
    LEFT JOIN whole_result w ON w.unit = v.unit AND w.measure = v.measure
    WHERE v.version = 1 OR e.unit IS NULL;

-- Cells that a finding asked for and that hold nothing, or nothing to rely on. (Materialized: DuckDB 2.0 ends with an
-- internal error where it takes lists apart straight after joins.)
CREATE VIEW gap AS
    WITH lacking AS MATERIALIZED (
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
