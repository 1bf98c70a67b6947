-- What is told of findings beside their sums and grades.

-- What is added to a quotient for its remainder.
CREATE MACRO up(q, r, d) AS CASE WHEN 2 * r > d OR (2 * r = d AND q % 2 = 1) THEN 1 ELSE 0 END;

CREATE TYPE told_comparison AS ENUM ('above', 'at_least', 'below', 'at_most', 'equals', 'known');

CREATE TABLE lead AS
    SELECT profile, scenario, arg_min(comparison, ordinal)::told_comparison AS comparison, arg_min(threshold, ordinal) AS threshold
    FROM bar WHERE rung = 2 GROUP BY profile, scenario;

CREATE TABLE waiver_told AS
    SELECT w.unit, w.requirement, any_value(d.text) AS waiver
    FROM waiver w JOIN decision d ON d.waiver = w.waiver
    ANTI JOIN unsettled x ON x.unit = w.unit AND x.requirement = w.requirement
    WHERE w.in_force
    GROUP BY w.unit, w.requirement;

CREATE TABLE via_told (unit INTEGER, requirement INTEGER, via VARCHAR);
