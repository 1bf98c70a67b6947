-- One part of the observations, with numbers for names.
CREATE OR REPLACE TEMP VIEW named AS
    SELECT u.unit, f.fact, f.kept OR u.kept AS kept, s.bit, 1::BIGINT << s.bit AS month, TRY_CAST(o.value AS DECIMAL(18, 6)) AS amount,
        CASE WHEN getvariable('all_months') OR month & f.bits <> 0 THEN amount END AS asked,
        u.unit IS NULL OR s.bit IS NULL OR amount IS NULL OR amount NOT BETWEEN f.low AND f.high OR f.words
            OR CASE WHEN f.whole THEN amount % 1 <> 0 ELSE false END AS fault
    FROM part o
    JOIN known_fact f ON f.name = o.fact
    LEFT JOIN known_unit u ON u.id = o.unit
    LEFT JOIN slot_name s ON s.label = o.period;
