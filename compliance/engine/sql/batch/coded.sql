-- One part of the observations, with numbers for names: summed, and kept where single months matter.
INSERT INTO part
    SELECT o.unit, f.fact, f.frame, 'sum', sum((o.value * 1000000)::BIGINT),
        bit_or(1::BIGINT << (o.slot - f.first_month)), count(*)
    FROM coded o JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
    WHERE f.pick = 'sum'
    GROUP BY o.unit, f.fact, f.frame;

INSERT INTO part
    SELECT o.unit, f.fact, f.frame, f.pick,
        (CASE f.pick WHEN 'min' THEN min(o.value) ELSE max(o.value) END * 1000000)::BIGINT,
        bit_or(1::BIGINT << (o.slot - f.first_month)), count(*)
    FROM coded o JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
    WHERE f.pick <> 'sum'
    GROUP BY o.unit, f.fact, f.frame, f.pick;

INSERT INTO observation
    SELECT o.unit, o.fact, o.slot, (o.value * 1000000)::BIGINT
    FROM coded o
    WHERE o.fact IN (SELECT fact FROM kept_fact) OR o.unit IN (SELECT unit FROM kept_unit);
