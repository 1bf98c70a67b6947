-- One row where anything is wrong with the observations of some units, and none where nothing is.
SELECT 1
FROM (
    SELECT fact, bit_or(months) AS months, min(least) AS least, max(most) AS most, bit_or(rest) AS rest
    FROM gathered WHERE unit BETWEEN getvariable('first_unit') AND getvariable('last_unit') GROUP BY fact) g
JOIN fact_name f USING (fact)
WHERE g.months & ~f.bits <> 0 OR g.least < f.low OR g.most > f.high
    OR f.type IN ('text', 'opening_hours', 'choice', 'date')
    OR (g.rest <> 0 AND f.type IN ('count', 'yes_no', 'level', 'choice'))
LIMIT 1;
