-- The sums of units whose observations lie in several parts. What stands in two of them is found twice.
INSERT INTO summed
    SELECT g.unit, g.fact, p.frame, sum(g.total), (bit_or(g.months) & p.bits) >> p.shift AS months,
        sum(bit_count(g.months)) - bit_count(bit_or(g.months) & ~p.bits) AS found
    FROM gathered g JOIN plain p USING (fact) ANTI JOIN kept_unit USING (unit) SEMI JOIN torn USING (unit)
    WHERE g.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit')
    GROUP BY g.unit, g.fact, p.frame, p.bits, p.shift
    HAVING found > 0;
