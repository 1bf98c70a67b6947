-- What units, facts and periods are called in observations that come in columns, and what is said of findings.
CREATE TABLE unit_name (unit INTEGER, id VARCHAR);
CREATE TABLE fact_name (
    fact INTEGER, name VARCHAR, type VARCHAR,
    slot INTEGER,               -- that of a yearly or period fact's own label; NULL for monthly facts
    low DECIMAL(18, 6), high DECIMAL(18, 6),
    bits BIGINT                 -- those of the periods that it may be observed in
);
CREATE TABLE slot_bit (bit SMALLINT, slot INTEGER);
CREATE TABLE slot_name (label VARCHAR, slot INTEGER, month BIGINT);     -- that bit set, where there is room for it
CREATE TABLE agreed (unit INTEGER, fact INTEGER, provider VARCHAR);
CREATE TABLE scale (measure INTEGER, unit HUGEINT);
CREATE TABLE decision (waiver INTEGER, text VARCHAR);

CREATE TABLE provider (unit INTEGER, fact INTEGER, slot INTEGER, provider VARCHAR);

-- Amounts in millionths. Most fit in 64 bits before and after, where that is quick.
CREATE MACRO in_millionths(amount) AS
    CASE WHEN amount BETWEEN -999999 AND 999999 THEN (amount::DECIMAL(12, 6) * 1000000::DECIMAL(7, 0))::BIGINT
        ELSE (amount::DECIMAL(30, 6) * 1000000::DECIMAL(7, 0))::HUGEINT END;

-- The slot of an observation: of a monthly fact (which has no slot of its own) that of its month, of any other its
-- own, where no period is told or its own. NULL where the fact isn't asked for in that period.
CREATE MACRO slot_of(own, label, told) AS
    CASE WHEN own IS NULL THEN CASE WHEN told > 0 THEN told END
        WHEN coalesce(label, '') = '' OR told = own THEN 0 END;
