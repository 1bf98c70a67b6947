-- One row where a cell that no sum tells of was observed twice, in different parts.
SELECT 1
FROM observation o
SEMI JOIN torn t ON t.unit = o.unit
ANTI JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
GROUP BY o.unit, o.fact, o.slot
HAVING count(*) > 1
LIMIT 1;
