-- What is told of findings beside their sums and grades.

-- A quotient of whole numbers, none below zero, with what its remainder adds to it: half to even.
CREATE MACRO rounded(q, r, d) AS q + (2 * r + (q & 1) > d)::BIGINT;

CREATE TYPE told_comparison AS ENUM ('above', 'at_least', 'below', 'at_most', 'equals', 'known');

-- The first criterion for a pass, and what the first measure's amounts are told in.
CREATE TABLE lead AS
    SELECT s.profile, s.scenario, any_value(c.unit) AS unit,
        arg_min(b.comparison, b.ordinal)::told_comparison AS comparison, arg_min(b.threshold, b.ordinal) AS threshold
    FROM shape s
    JOIN profile p ON p.profile = s.profile
    JOIN measure m ON m.requirement = p.requirement AND m.position = 0
    JOIN scale c ON c.measure = m.measure
    LEFT JOIN bar b ON b.profile = s.profile AND b.scenario = s.scenario AND b.rung = 2
    WHERE s.portfolio = 0
    GROUP BY s.profile, s.scenario;

CREATE TABLE waiver_told AS
    SELECT w.unit, w.requirement, any_value(d.text) AS waiver
    FROM waiver w JOIN decision d ON d.waiver = w.waiver
    ANTI JOIN unsettled x ON x.unit = w.unit AND x.requirement = w.requirement
    WHERE w.in_force
    GROUP BY w.unit, w.requirement;

CREATE TABLE via_told (unit INTEGER, requirement INTEGER, via VARCHAR);
