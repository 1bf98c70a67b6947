-- One part of the observations, with numbers for names: summed, and kept where single months matter.
-- Here all slots of what isn't monthly are 0, whatever label they were given by.
INSERT INTO part
    SELECT o.unit, f.fact, f.frame, 'sum', (sum(o.value)::DECIMAL(38, 6) * 1000000)::HUGEINT,
        bit_or(1::BIGINT << (o.slot - f.first_month)), count(*)
    FROM (SELECT unit, fact, greatest(slot, 0) AS slot, value FROM coded) o
    JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
    WHERE f.pick = 'sum'
    GROUP BY o.unit, f.fact, f.frame;

INSERT INTO part
    SELECT o.unit, f.fact, f.frame, f.pick,
        in_millionths(CASE f.pick WHEN 'min' THEN min(o.value) ELSE max(o.value) END),
        bit_or(1::BIGINT << (o.slot - f.first_month)), count(*)
    FROM (SELECT unit, fact, greatest(slot, 0) AS slot, value FROM coded) o
    JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
    WHERE f.pick <> 'sum'
    GROUP BY o.unit, f.fact, f.frame, f.pick;

INSERT INTO observation
    SELECT o.unit, o.fact, greatest(o.slot, 0), in_millionths(o.value)
    FROM coded o
    WHERE o.fact IN (SELECT fact FROM kept_fact) OR o.unit IN (SELECT unit FROM kept_unit);
