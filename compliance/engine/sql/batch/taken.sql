-- The sums of some units, and what is kept of them observation by observation.
INSERT INTO summed
    SELECT g.unit, g.fact, p.frame, g.total, g.months >> p.shift, g.found
    FROM gathered g JOIN plain p USING (fact) ANTI JOIN beyond USING (fact) ANTI JOIN kept_unit USING (unit)
    WHERE g.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit');

INSERT INTO observation
    SELECT s.unit, s.fact, greatest(b.slot, 0), s.value
    FROM single s JOIN slot_bit b USING (bit)
    WHERE s.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit');
