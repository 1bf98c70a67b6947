-- The sums of some units, and what is kept of them observation by observation.
INSERT INTO summed
    WITH mine AS (
        SELECT g.unit, g.fact, p.frame, g.total, g.months, p.bits, p.shift
        FROM gathered g JOIN plain p USING (fact) ANTI JOIN kept_unit USING (unit)
        WHERE g.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit'))
    SELECT unit, fact, frame, total, (months & bits) >> shift AS months, bit_count(months & bits) AS found
    FROM mine ANTI JOIN torn USING (unit)
    WHERE found > 0
    UNION ALL
    -- What stands in two parts is found twice.
    SELECT unit, fact, frame, sum(total), (bit_or(months) & bits) >> shift,
        sum(bit_count(months)) - bit_count(bit_or(months) & ~bits) AS found
    FROM mine SEMI JOIN torn USING (unit)
    GROUP BY unit, fact, frame, bits, shift
    HAVING found > 0;

INSERT INTO observation
    WITH each AS MATERIALIZED (
        SELECT unit, fact, unnest(single) AS o
        FROM gathered
        WHERE single IS NOT NULL AND unit BETWEEN getvariable('first_unit') AND getvariable('last_unit'))
    SELECT e.unit, e.fact, greatest(b.slot, 0), in_millionths(e.o.amount)
    FROM each e JOIN slot_bit b ON b.bit = e.o.bit;
