-- The findings as they are told, with amounts in whole millionths.
--
-- Quotients are rounded half to even without leaving whole numbers. Most amounts fit in 64 bits, where dividing is quick: the
-- others have their whole and their broken part divided one after the other (wide_…). Each step is made once, so that the
-- next may use it twice.
CREATE VIEW told_finding AS
WITH amount AS (
    SELECT g.*, l.unit AS one, l.comparison, l.threshold, abs(g.top) AS size, abs(g.bottom) AS whole,
        CASE WHEN g.top < 0 THEN -1 ELSE 1 END::HUGEINT AS sign, CASE WHEN g.bottom < 0 THEN -1 ELSE 1 END::HUGEINT AS whole_sign,
        g.known AND abs(g.top) < 9000000000000 AND g.bottom < 1000000000000000000 AS fits,
        g.enough AND l.unit <> 1000000 AS scaled
    FROM finding g JOIN lead l ON l.profile = g.profile AND l.scenario = g.scenario),
fitted AS (
    SELECT *, CASE WHEN fits THEN size::BIGINT * 1000000 END AS n, CASE WHEN fits THEN whole::BIGINT END AS d,
        CASE WHEN known AND NOT fits THEN size END AS wide_n, CASE WHEN known AND NOT fits THEN whole END AS wide_d,
        CASE WHEN scaled THEN size END AS top_n, CASE WHEN scaled THEN whole END AS bottom_n
    FROM amount),
divided AS (
    SELECT *, n // d AS q, n % d AS r, wide_n // wide_d * 1000000 AS wide_whole, wide_n % wide_d * 1000000 AS wide_rest,
        top_n // one * 1000000 + top_n % one * 1000000 // one AS top_q, top_n % one * 1000000 % one AS top_r,
        bottom_n // one * 1000000 + bottom_n % one * 1000000 // one AS bottom_q, bottom_n % one * 1000000 % one AS bottom_r
    FROM fitted),
nearly AS (
    SELECT *, wide_whole + wide_rest // wide_d AS wide_q, wide_rest % wide_d AS wide_r FROM divided)
SELECT g.unit, g.requirement, g.grade, g.unwaived_grade,
    (sign * coalesce(rounded(q, r, d), rounded(wide_q, wide_r, wide_d)))::DECIMAL(38, 0) AS value,
    CASE WHEN scaled THEN sign * rounded(top_q, top_r, one) WHEN enough THEN top END::DECIMAL(38, 0) AS numerator,
    CASE WHEN scaled THEN whole_sign * rounded(bottom_q, bottom_r, one) WHEN enough THEN bottom END::DECIMAL(38, 0) AS denominator,
    g.comparison, CASE WHEN g.comparison <> 'known' THEN g.threshold END::DECIMAL(38, 0) AS threshold,
    w.waiver, t.via,
    g.profile, g.known, g.top, g.bottom      -- for the points
FROM nearly g
LEFT JOIN waiver_told w ON w.unit = g.unit AND w.requirement = g.requirement
LEFT JOIN via_told t ON t.unit = g.unit AND t.requirement = g.requirement;
