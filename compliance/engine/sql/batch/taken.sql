-- The sums of some units, and what is kept of them observation by observation.
INSERT INTO summed
    SELECT g.unit, g.fact, p.frame, g.total, (g.months & p.bits) >> p.shift AS months, bit_count(g.months & p.bits) AS found
    FROM gathered g JOIN plain p USING (fact) ANTI JOIN kept_unit USING (unit) ANTI JOIN torn USING (unit)
    WHERE g.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit') AND g.months & p.bits <> 0;

INSERT INTO observation
    WITH each AS MATERIALIZED (
        SELECT unit, fact, unnest(single) AS o
        FROM gathered
        WHERE single IS NOT NULL AND unit BETWEEN getvariable('first_unit') AND getvariable('last_unit'))
    SELECT e.unit, e.fact, greatest(s.slot, 0), in_millionths(e.o.amount)
    FROM each e JOIN slot_name s ON s.month = e.o.month;
