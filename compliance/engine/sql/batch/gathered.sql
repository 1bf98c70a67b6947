-- The observations summed over whatever months there are. Bits stand for the months, and for the one value of
-- a year; values are in millionths, and rest is 0 where all of them are whole.
CREATE TABLE gathered AS
    SELECT unit, fact, sum(value) AS total, bit_or(1::BIGINT << bit) AS months, count(*) AS found,
        min(value) AS least, max(value) AS most, bit_or(value % 1000000) AS rest
    FROM coded GROUP BY unit, fact;
