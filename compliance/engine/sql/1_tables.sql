-- What the engine is given: the contract as rows, and the observations. All values, thresholds and
-- weights are whole numbers (see compliance/language/program.py); months are year * 12 + month - 1.

-- Whom it is about ------------------------------------------------------------------------------

-- Several portfolios are graded in one run: 0 is the one asked about, 1 its predecessor. Units,
-- requirements and measures of different portfolios have different numbers; facts are shared.

CREATE TABLE unit (
    unit INTEGER,
    portfolio INTEGER,
    id VARCHAR,
    kind VARCHAR,
    operator VARCHAR,
    municipality VARCHAR,
    first_month INTEGER,        -- the months in which it was open
    last_month INTEGER,
    readable BOOLEAN,           -- false: its row had errors, so nothing is certain about it
    before BOOLEAN,             -- it stands in the previous portfolio too
    defaults BOOLEAN            -- its portfolio's empty cells are really empty, so that fallbacks count
);

-- What is known ---------------------------------------------------------------------------------

CREATE TABLE fact (
    fact INTEGER,
    fallback BIGINT             -- what an empty cell means, where the catalogue says so
);

-- A slot is a month, 0 for the one value of a year or period, -1 for the previous portfolio's.
CREATE TABLE observation (unit INTEGER, fact INTEGER, slot INTEGER, value BIGINT, via BOOLEAN);

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
    divisor INTEGER             -- kind months: the fact's values per its own unit (60 minutes an hour)
);

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
