-- One part of them.
INSERT INTO laid
    SELECT u.unit, f.fact, slot_of(f.slot, g.period, s.slot), f.type, f.name, nullif(g.via, ''),
        TRY_CAST(g.value AS DECIMAL(18, 6)),
        coalesce(nullif(g.quality, '') <> 'good', false),
        coalesce(g.value::DECIMAL(38, 6) NOT BETWEEN f.low AND f.high
            OR (f.type IN ('count', 'yes_no', 'level', 'choice') AND g.value <> trunc(g.value)), false),
        nullif(g.via, '') IS NOT NULL AND f.type NOT IN ('yes_no', 'level'),
        nullif(g.via, '') IS NOT NULL AND a.unit IS NULL,
        coalesce(g.quality NOT IN ('', 'good', 'doubtful'), false),
        g.value IS NULL AND (nullif(g.via, '') IS NOT NULL OR nullif(g.quality, '') IS NOT NULL),
        g.unit, g.period
    FROM given g
    LEFT JOIN unit_name u ON u.id = g.unit
    JOIN fact_name f ON f.name = g.fact
    LEFT JOIN slot_name s ON s.label = coalesce(g.period, '')
    LEFT JOIN agreed a ON a.unit = u.unit AND a.fact = f.fact AND a.provider = g.via
    WHERE u.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit')
        OR (u.unit IS NULL AND getvariable('first_unit') = 0);
