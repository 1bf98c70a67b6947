-- The observations summed over whatever months there are. Bits stand for the months, and for the one value of a year;
-- values are in millionths, and rest is 0 where all of them are whole.
CREATE TABLE gathered (
    unit INTEGER, fact SMALLINT, total HUGEINT, months BIGINT, found BIGINT, least BIGINT, most BIGINT, rest BIGINT
);
