-- One part of them.
INSERT INTO gathered
    SELECT unit, fact, sum(value), bit_or(1::BIGINT << bit), count(*), min(value), max(value), bit_or(value % 1000000)
    FROM coded GROUP BY unit, fact;
