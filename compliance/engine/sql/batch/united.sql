-- The sums of several parts, where some of their units are the same.
CREATE TABLE united AS
    SELECT unit, fact, sum(total) AS total, bit_or(months) AS months, sum(found)::BIGINT AS found, min(least) AS least,
        max(most) AS most, bit_or(rest) AS rest
    FROM gathered GROUP BY unit, fact;

DROP TABLE gathered;

ALTER TABLE united RENAME TO gathered;
