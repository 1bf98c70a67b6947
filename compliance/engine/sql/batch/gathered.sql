-- The observations' sums over the months that are asked for, in millionths. Bits stand for the months observed, and for the
-- one value of a year. fault: one of them can't be right, or stands there twice, or it isn't known what it is of.
CREATE TABLE gathered (unit INTEGER, fact SMALLINT, total HUGEINT, months BIGINT, fault BOOLEAN, part INTEGER);

-- Units whose observations lie in several parts.
CREATE TABLE torn (unit INTEGER);

-- Observations that are kept one by one.
CREATE TABLE single (unit INTEGER, fact SMALLINT, bit SMALLINT, value BIGINT);
