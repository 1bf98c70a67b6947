-- The sums of several parts, where some of their units are the same.
CREATE TABLE united AS
    SELECT unit, fact, sum(total) AS total, bit_or(months) AS months,
        bool_or(fault) OR sum(bit_count(months)) <> bit_count(bit_or(months)) AS fault,
        flatten(list(single) FILTER (single IS NOT NULL)) AS single, max(part) AS part
    FROM gathered GROUP BY unit, fact;

DROP TABLE gathered;

ALTER TABLE united RENAME TO gathered;

DELETE FROM torn;
