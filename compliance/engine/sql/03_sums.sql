-- Each measure's numerator (top) and denominator (bottom), as exact sums. Nothing is divided here.
--
-- Most measures need no look at single months: each fact is summed over its months once, beside a mask
-- with one bit for each month observed. Where the masks of a measure's facts are equal, the same months
-- count for all of them and the sums are right; where they differ but too few months count anyway, the
-- sums don't matter. Only the rest goes month by month.

INSERT INTO summed
    SELECT o.unit, f.fact, f.frame,
        CASE f.pick WHEN 'sum' THEN sum(o.value) WHEN 'min' THEN min(o.value) ELSE max(o.value) END AS total,
        bit_or(1::BIGINT << (o.slot - f.first_month)) AS months, count(*) AS found
    FROM observation o JOIN framed f ON f.fact = o.fact AND o.slot BETWEEN f.first_month AND f.last_month
    GROUP BY o.unit, f.fact, f.frame, f.pick;
