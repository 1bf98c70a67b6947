-- One part of them.
INSERT INTO laid
    SELECT u.unit, f.fact,
        CASE WHEN coalesce(g.period, '') = '' AND f.per <> 'month' THEN 0
            WHEN f.per = 'month' THEN CASE WHEN s.slot > 0 THEN s.slot END
            WHEN s.slot = 0 OR g.period = (SELECT max(label) FROM slot_name WHERE slot = 0) THEN 0 END,
        f.type, f.name, nullif(g.via, ''), g.value,
        coalesce(g.quality = 'doubtful', false),
        coalesce((g.value * 1000000)::HUGEINT NOT BETWEEN f.low AND f.high, false)
            OR coalesce(f.type IN ('count', 'yes_no', 'level', 'choice') AND g.value <> trunc(g.value), false),
        coalesce(nullif(g.via, '') IS NOT NULL AND f.type NOT IN ('yes_no', 'level'), false),
        nullif(g.via, '') IS NOT NULL AND a.unit IS NULL,
        g.unit, g.period
    FROM given g
    LEFT JOIN unit_name u ON u.id = g.unit
    JOIN fact_name f ON f.name = g.fact
    LEFT JOIN slot_name s ON s.label = g.period
    LEFT JOIN agreed a ON a.unit = u.unit AND a.fact = f.fact AND a.provider = g.via
    WHERE g.value IS NOT NULL;
