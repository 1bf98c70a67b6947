-- One row where an observation of some units can't be right.
SELECT 1
FROM gathered g JOIN fact_name f USING (fact)
WHERE g.unit BETWEEN getvariable('first_unit') AND getvariable('last_unit') AND (g.fault OR g.months & ~f.bits <> 0)
LIMIT 1;
