-- One row where what is counted isn't a whole number.
SELECT 1
FROM coded c SEMI JOIN (SELECT fact FROM fact_name WHERE type IN ('count', 'yes_no', 'level', 'choice')) USING (fact)
WHERE value <> trunc(value)
LIMIT 1;
