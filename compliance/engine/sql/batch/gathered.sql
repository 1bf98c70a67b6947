-- The observations' sums over the months that are asked for, in millionths. Bits stand for the months observed, and for the
-- one value of a year. fault: one of them can't be right, or stands there twice, or it isn't known what it is of.
-- single: the observations one by one, where they are kept.
CREATE TABLE gathered (
    unit INTEGER, fact SMALLINT, total HUGEINT, months BIGINT, fault BOOLEAN,
    single STRUCT(month BIGINT, amount DECIMAL(18, 6))[], part INTEGER);

-- Units whose observations lie in several parts.
CREATE TABLE torn (unit INTEGER);
