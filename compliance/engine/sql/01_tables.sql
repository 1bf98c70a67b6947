-- What the engine is given: the contract as rows, and the observations. All values, thresholds and
-- weights are whole numbers (see compliance/language/program.py); months are year * 12 + month - 1.

CREATE TYPE grade AS ENUM ('pass', 'partial', 'fail', 'unknown', 'not_applicable', 'info');

-- Whom it is about ------------------------------------------------------------------------------

-- Several portfolios are graded in one run: 0 is the one asked about, 1 its predecessor. Units,
-- requirements and measures of different portfolios have different numbers; facts are shared.

CREATE TABLE unit (
    unit INTEGER,
    portfolio INTEGER,
    first_month INTEGER,        -- the months in which it was open
    last_month INTEGER,
    readable BOOLEAN,           -- false: its row had errors, so nothing is certain about it
    before BOOLEAN,             -- it stands in the previous portfolio too
    defaults BOOLEAN,           -- its portfolio's empty cells are really empty, so that fallbacks count
    cohort INTEGER               -- units of one cohort have the same kind, operator and so on
);

-- What tells units apart for a contract. `id` is NULL where no requirement names the unit.
CREATE TABLE cohort (
    cohort INTEGER, portfolio INTEGER, id VARCHAR, kind VARCHAR, operator VARCHAR, municipality VARCHAR
);

-- Every measure of every unit is worked out month by month, as the proof of one unit's findings needs.
CREATE TABLE mode (proof BOOLEAN);

-- What is known ---------------------------------------------------------------------------------

CREATE TABLE fact (
    fact INTEGER,
    fallback BIGINT             -- what an empty cell means, where the catalogue says so
);

-- A slot is a month, 0 for the one value of a year or period, -1 for the previous portfolio's.
CREATE TABLE observation (unit INTEGER, fact INTEGER, slot INTEGER, value BIGINT);

-- The observations that are met through another provider.
CREATE TABLE through_other (unit INTEGER, fact INTEGER, slot INTEGER);

-- Cells that hold something which can't be relied on: withheld, doubtful, contradictory, unreadable.
CREATE TABLE doubt (unit INTEGER, fact INTEGER, slot INTEGER);

-- Opening hours, day by day (0 is Monday), in minutes from midnight.
CREATE TABLE opening (unit INTEGER, fact INTEGER, slot INTEGER, day TINYINT, opens SMALLINT, closes SMALLINT);

-- The contract ----------------------------------------------------------------------------------

CREATE TABLE requirement (
    requirement INTEGER,
    portfolio INTEGER,
    first_month INTEGER,
    last_month INTEGER,
    via_agreement BOOLEAN       -- what is met through another provider counts as met
);

-- Layer 0: whom the requirement concerns; 1 and on: whom its `vary` entries concern.
-- A unit belongs to a layer when it has one of the values of each of the `attributes` attributes.
CREATE TABLE audience (
    requirement INTEGER, layer INTEGER, attribute VARCHAR, value VARCHAR, attributes INTEGER
);

CREATE TABLE measure (
    measure INTEGER,
    requirement INTEGER,
    position INTEGER,           -- 0 is the rule's first
    kind VARCHAR,               -- value, share, rate, met, count, answered, months, open, change
    aggregate VARCHAR,          -- sum, last, min or max of the months
    monthly BOOLEAN,
    singles BOOLEAN,            -- has facts that are not monthly
    only_last BOOLEAN,          -- asks for the last month only
    first_month INTEGER,
    last_month INTEGER,
    coverage INTEGER,           -- so many months are enough; NULL: all
    each HUGEINT,               -- added to the denominator for each month that counts
    once HUGEINT,               -- added to it once
    opens SMALLINT,             -- kind open: open from … to …
    closes SMALLINT,
    comparison VARCHAR,         -- kind months: what must hold in a month
    parameter VARCHAR,
    threshold BIGINT,
    divisor INTEGER,            -- kind months: the fact's values per its own unit (60 minutes an hour)
    frame INTEGER,              -- the months that it asks for, where whole sums of them will do; else NULL
    terms INTEGER,              -- how many terms it has, and how many of them are monthly
    monthly_terms INTEGER,
    top_by_months BOOLEAN,      -- with a frame: its sums are multiplied by the number of months that count
    bottom_by_months BOOLEAN
);

-- Spans of at most 40 months, over which facts are summed (or their smallest or largest value picked:
-- `pick` is sum, min or max). Frame 0 is the one value of a year or period.
CREATE TABLE frame (frame INTEGER, first_month INTEGER, last_month INTEGER, pick VARCHAR);

CREATE TABLE term (
    measure INTEGER,
    fact INTEGER,
    numerator BOOLEAN,
    weight BIGINT,
    by_months BOOLEAN,          -- multiplied by the number of months that count
    shift INTEGER,              -- so many months earlier (change); 0 otherwise
    monthly BOOLEAN
);

CREATE TABLE open_day (measure INTEGER, day TINYINT);

-- Rungs: 0 the rule's `applies`, 1 the requirement's, 2 pass, 3 partial.
CREATE TABLE test (
    requirement INTEGER,
    rung TINYINT,
    branch INTEGER,
    ordinal INTEGER,            -- its place among the requirement's criteria
    measure INTEGER,
    comparison VARCHAR,
    parameter VARCHAR,          -- a parameter's name, or
    threshold BIGINT            -- a value in millionths
);

-- Layer 0: the contract; 1: a scenario; 1 + n: the n-th `vary` entry; 1000000: a waiver. The highest wins.
CREATE TABLE parameter (
    requirement INTEGER, scenario INTEGER, layer INTEGER, waiver INTEGER, name VARCHAR, value BIGINT
);

CREATE TABLE scenario (scenario INTEGER, portfolio INTEGER);

-- What eases it ---------------------------------------------------------------------------------

CREATE TABLE waiver (
    waiver INTEGER,
    unit INTEGER,
    requirement INTEGER,
    exempt BOOLEAN,
    in_force BOOLEAN,           -- on the day that counts
    first_month INTEGER,
    last_month INTEGER
);

-- Waivers of these contradict each other: nothing is certain until that is settled.
CREATE TABLE unsettled (unit INTEGER, requirement INTEGER);

-- What the steps fill in ----------------------------------------------------------------------------

-- Each fact of each unit over the months of a frame: its sum (or smallest or largest value), a mask with one
-- bit for each month observed, and how many observations that were.
CREATE TABLE summed (
    unit INTEGER, fact INTEGER, frame INTEGER, total HUGEINT, months BIGINT, found BIGINT
);

-- Each measure of each finding, from all ways. scenario is NULL where the measure is the same in all of them.
-- Version 0 is without waivers, version 1 with them. leads: it is the rule's first, whose sums the finding tells.
-- complete: all the months that it asks for count.
-- enough: so many of them as must; NULL until that is known.
CREATE TABLE measured (
    scenario INTEGER, unit INTEGER, version INTEGER, profile INTEGER, measure INTEGER, leads BOOLEAN,
    complete BOOLEAN, enough BOOLEAN, top HUGEINT, bottom HUGEINT, known BOOLEAN
);

-- Units of which none of a measure's facts was observed.
CREATE TABLE short (unit INTEGER, cohort INTEGER, portfolio INTEGER);

-- What each term of a measure finds in each slot, where that goes month by month. value is NULL where nothing
-- that can be relied on was observed; seen: it was observed, not fallen back on.
CREATE TABLE read (
    unit INTEGER, requirement INTEGER, measure INTEGER, lifted BOOLEAN, month INTEGER, slot INTEGER, fact INTEGER,
    numerator BOOLEAN, weight BIGINT, by_months BOOLEAN, seen BOOLEAN, doubted BOOLEAN, via BOOLEAN, value BIGINT
);

-- Its sums: one row a month, and one with month NULL for what is not monthly.
CREATE TABLE month_sum (
    unit INTEGER, measure INTEGER, lifted BOOLEAN, month INTEGER, counts BOOLEAN,
    top HUGEINT, top_n HUGEINT, bottom HUGEINT, bottom_n HUGEINT
);

CREATE TABLE monthwise_result (
    unit INTEGER, measure INTEGER, lifted BOOLEAN, asked INTEGER, counted INTEGER, first_month INTEGER,
    last_month INTEGER, enough BOOLEAN, n INTEGER, top HUGEINT, bottom HUGEINT
);

-- Kind months: 100 × the months that hold, in each scenario.
CREATE TABLE held (scenario INTEGER, unit INTEGER, measure INTEGER, version INTEGER, top HUGEINT);

CREATE TABLE ladder (
    scenario INTEGER, unit INTEGER, requirement INTEGER, version INTEGER,
    applies INTEGER, pass INTEGER, partial INTEGER
);

-- The findings of those who have waivers.
CREATE TABLE eased_finding (
    scenario INTEGER, portfolio INTEGER, unit INTEGER, requirement INTEGER, version INTEGER, profile INTEGER,
    enough BOOLEAN, known BOOLEAN, top HUGEINT, bottom HUGEINT, grade grade, unwaived_grade grade
);

-- Comparing ----------------------------------------------------------------------------------------

-- Compares top / bottom with a limit in millionths (-1, 0 or 1), without dividing. Multiplying across is
-- exact while the products stay within 128 bits; beyond, whole parts are compared first and then what is
-- left over. Needs bottom > 0.
CREATE MACRO compared(top, bottom, threshold) AS
    CASE
        WHEN top BETWEEN -1000000000000000000000000000000 AND 1000000000000000000000000000000
                AND bottom < 1000000000000000000
            THEN sign(top * 1000000 - threshold::HUGEINT * bottom)
        WHEN top // bottom <> threshold::HUGEINT // 1000000
            THEN sign(top // bottom - threshold::HUGEINT // 1000000)
        ELSE sign((top % bottom) * 1000000 - (threshold::HUGEINT % 1000000) * bottom)
    END;

-- A bit for each of what may come out of it: below, equal, above.
CREATE MACRO accepted(comparison) AS
    CASE comparison
        WHEN 'above' THEN 4 WHEN 'at_least' THEN 6 WHEN 'below' THEN 1 WHEN 'at_most' THEN 3 WHEN 'equals' THEN 2 ELSE 0
    END;

CREATE MACRO holds(top, bottom, comparison, threshold) AS
    (accepted(comparison) >> (compared(top, bottom, threshold) + 1)) & 1 = 1;
