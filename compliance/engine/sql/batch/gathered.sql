-- The observations summed over whatever months there are, in millionths, or the smallest or largest of them. Bits stand for
-- the months, and for the one value of a year.
CREATE TABLE gathered (unit INTEGER, fact SMALLINT, total HUGEINT, months BIGINT, found INTEGER);

-- Units with an observation that can't be right.
CREATE TABLE faulty (unit INTEGER);
