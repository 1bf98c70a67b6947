-- What units, facts and periods are called in observations that come in columns, and what is said of findings.
CREATE TABLE unit_name (unit INTEGER, id VARCHAR);
CREATE TABLE fact_name (
    fact INTEGER, name VARCHAR, type VARCHAR,
    slot INTEGER,               -- that of a yearly or period fact's own label; NULL for monthly facts
    low BIGINT, high BIGINT     -- the fact's range, in millionths
);
CREATE TABLE slot_name (label VARCHAR, slot INTEGER);
CREATE TABLE agreed (unit INTEGER, fact INTEGER, provider VARCHAR);
CREATE TABLE scale (measure INTEGER, unit HUGEINT);
CREATE TABLE decision (waiver INTEGER, text VARCHAR);

CREATE TABLE provider (unit INTEGER, fact INTEGER, slot INTEGER, provider VARCHAR);

-- Amounts in millionths. Most fit in 64 bits before and after, where that is quick.
CREATE MACRO in_millionths(amount) AS
    CASE WHEN amount BETWEEN -999999 AND 999999 THEN (amount * 1000000)::BIGINT
        ELSE (amount::DECIMAL(38, 6) * 1000000)::BIGINT END;

-- Sums of one part of the observations after another.
CREATE TABLE part (
    unit INTEGER, fact INTEGER, frame INTEGER, pick VARCHAR, total HUGEINT, months BIGINT, found BIGINT
);

-- Whose single months may matter: of these facts and units every observation is kept.
CREATE TABLE kept_fact AS
    SELECT DISTINCT t.fact
    FROM term t JOIN measure m USING (measure) JOIN fact f USING (fact)
    WHERE m.frame IS NULL OR m.kind = 'months' OR m.coverage IS NOT NULL OR f.fallback IS NOT NULL
    UNION
    SELECT t.fact
    FROM term t WHERE t.measure IN (
        SELECT o.measure FROM term o JOIN fact f USING (fact) WHERE f.fallback IS NOT NULL);

CREATE TABLE kept_unit AS SELECT DISTINCT unit FROM monthwise WHERE measure IN (
    SELECT measure FROM measure WHERE frame IS NOT NULL);
