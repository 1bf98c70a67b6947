-- The findings as they are told, with amounts in whole millionths.

-- n / d in millionths, rounded half to even, without leaving whole numbers. Needs d > 0.
CREATE MACRO rounded(n, d) AS
    (CASE WHEN n < 0 THEN -1 ELSE 1 END) * (
        abs(n) // d * 1000000 + (abs(n) % d) * 1000000 // d
        + CASE
            WHEN 2 * ((abs(n) % d) * 1000000 % d) > d THEN 1
            WHEN 2 * ((abs(n) % d) * 1000000 % d) = d AND (abs(n) // d * 1000000 + (abs(n) % d) * 1000000 // d) % 2 = 1
                THEN 1
            ELSE 0
        END);

-- Most amounts fit in 64 bits, where dividing is quick.
CREATE MACRO millionths(n, d) AS
    CASE WHEN abs(n) < 1000000000000::HUGEINT AND d < 1000000000000::HUGEINT
        THEN rounded(TRY_CAST(n AS BIGINT), TRY_CAST(d AS BIGINT))::HUGEINT
        ELSE rounded(n, d) END;

CREATE TYPE told_comparison AS ENUM ('above', 'at_least', 'below', 'at_most', 'equals', 'known');

CREATE TABLE lead AS
    SELECT profile, scenario, arg_min(comparison, ordinal)::told_comparison AS comparison, arg_min(threshold, ordinal) AS threshold
    FROM bar WHERE rung = 2 GROUP BY profile, scenario;

CREATE VIEW shown AS
    SELECT g.unit, g.requirement, g.grade, g.unwaived_grade,
        CASE WHEN g.known THEN millionths(g.top, g.bottom) END::DECIMAL(38, 0) AS value,
        CASE WHEN g.enough THEN CASE WHEN s.unit = 1000000 THEN g.top ELSE millionths(g.top, s.unit) END END
            ::DECIMAL(38, 0) AS numerator,
        CASE WHEN g.enough THEN CASE WHEN s.unit = 1000000 THEN g.bottom ELSE millionths(g.bottom, s.unit) END END
            ::DECIMAL(38, 0) AS denominator,
        l.comparison,
        CASE WHEN l.comparison <> 'known' THEN l.threshold END::DECIMAL(38, 0) AS threshold,
        w.waiver, t.via, g.profile, g.known, g.top, g.bottom
    FROM finding g
    JOIN scale s ON s.measure = g.measure
    LEFT JOIN lead l ON l.profile = g.profile AND l.scenario = g.scenario
    LEFT JOIN (
        SELECT w.unit, w.requirement, any_value(d.text) AS waiver
        FROM waiver w JOIN decision d ON d.waiver = w.waiver
        WHERE w.in_force AND NOT EXISTS (
            FROM unsettled x WHERE x.unit = w.unit AND x.requirement = w.requirement)
        GROUP BY w.unit, w.requirement) w ON w.unit = g.unit AND w.requirement = g.requirement
    LEFT JOIN (
        SELECT h.unit, h.requirement, string_agg(DISTINCT p.provider, ', ' ORDER BY p.provider) AS via
        FROM through h JOIN provider p USING (unit, fact, slot)
        GROUP BY h.unit, h.requirement) t ON t.unit = g.unit AND t.requirement = g.requirement
    WHERE g.portfolio = 0
    ORDER BY g.unit, g.requirement;
