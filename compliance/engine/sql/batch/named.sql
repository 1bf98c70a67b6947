-- One part of the observations, with numbers for names. month: the bit of its month, or NULL where the value can't be right.
CREATE OR REPLACE TEMP VIEW named AS
    SELECT u.unit, f.fact, f.kept OR u.kept AS kept, TRY_CAST(o.value AS DECIMAL(18, 6)) AS amount,
        CASE WHEN getvariable('all_months') OR s.month & f.bits <> 0 THEN amount END AS asked,
        CASE WHEN amount BETWEEN f.low AND f.high AND CASE WHEN f.whole THEN amount % 1 = 0 ELSE true END THEN s.month END AS month
    FROM part o
    JOIN known_fact f ON f.name = o.fact
    LEFT JOIN known_unit u ON u.id = o.unit
    LEFT JOIN slot_name s ON s.label = o.period;
