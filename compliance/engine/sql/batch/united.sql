-- The sums of several parts, where some of their units are the same.
CREATE TABLE united AS
    SELECT g.unit, g.fact,
        CASE f.pick WHEN 'min' THEN min(g.total) WHEN 'max' THEN max(g.total) ELSE sum(g.total) END AS total,
        bit_or(g.months) AS months, sum(g.found)::INTEGER AS found
    FROM gathered g JOIN plain f USING (fact)
    GROUP BY g.unit, g.fact, f.pick;

DROP TABLE gathered;

ALTER TABLE united RENAME TO gathered;
