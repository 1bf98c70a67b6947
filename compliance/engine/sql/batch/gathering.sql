-- One part of them. rest is 0 where all values are whole.
CREATE TABLE piece AS
    SELECT unit, fact, sum(value) AS total, bit_or(1::BIGINT << bit) AS months, count(*)::INTEGER AS found,
        min(value) AS least, max(value) AS most, bit_or(value % 1000000) AS rest
    FROM coded GROUP BY unit, fact;

INSERT INTO faulty
    SELECT DISTINCT p.unit
    FROM piece p JOIN fact_name f USING (fact)
    WHERE p.months & ~f.bits <> 0 OR p.least < f.low OR p.most > f.high
        OR f.type IN ('text', 'opening_hours', 'choice', 'date')
        OR (p.rest <> 0 AND f.type IN ('count', 'yes_no', 'level', 'choice'));

INSERT INTO gathered
    SELECT p.unit, p.fact, CASE f.pick WHEN 'min' THEN p.least WHEN 'max' THEN p.most ELSE p.total END, p.months, p.found
    FROM piece p JOIN plain f USING (fact);

DROP TABLE piece;
