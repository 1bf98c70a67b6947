-- Of these facts and units every observation is kept: their single months may matter, or sums of several spans.
CREATE TABLE kept_fact AS
    SELECT t.fact
    FROM term t JOIN measure m USING (measure) JOIN fact f USING (fact)
    WHERE m.frame IS NULL OR m.kind = 'months' OR (m.coverage IS NOT NULL AND m.terms > 1) OR f.fallback IS NOT NULL
    UNION
    SELECT t.fact
    FROM term t WHERE t.measure IN (
        SELECT o.measure FROM term o JOIN fact f USING (fact) WHERE f.fallback IS NOT NULL)
    UNION
    SELECT fact FROM framed GROUP BY fact HAVING count(*) > 1 OR any_value(pick) <> 'sum';

CREATE TABLE kept_unit AS SELECT DISTINCT unit FROM monthwise WHERE measure IN (
    SELECT measure FROM measure WHERE frame IS NOT NULL);

-- One sum over the months will do for the others. bits: those of the months, of which the shift-th is the first.
CREATE TABLE plain AS
    SELECT r.fact, r.frame, b.bit::BIGINT AS shift, ((1::BIGINT << (r.last_month - r.first_month + 1)) - 1) << b.bit AS bits
    FROM framed r JOIN fact_name f USING (fact)
    JOIN slot_bit b ON b.slot = coalesce(f.slot, r.first_month)
    ANTI JOIN kept_fact k USING (fact)
    WHERE b.bit < 62;

CREATE TABLE known_unit AS
    SELECT n.unit, n.id, k.unit IS NOT NULL AS kept FROM unit_name n LEFT JOIN kept_unit k USING (unit);

-- What facts are called in the observations, and what their values may be: no number, where they are words. bits: those of the months whose sum is asked for.
CREATE TABLE known_fact AS
    SELECT f.fact, f.name, CASE WHEN words THEN 1 ELSE f.low END AS low, CASE WHEN words THEN 0 ELSE f.high END AS high,
        f.type IN ('count', 'yes_no', 'level') AS whole, k.fact IS NOT NULL AS kept, coalesce(p.bits, 0) AS bits
    FROM (SELECT *, type IN ('text', 'opening_hours', 'choice', 'date') AS words FROM fact_name) f
    LEFT JOIN kept_fact k USING (fact) LEFT JOIN plain p USING (fact);

-- All months that a fact can be observed in are asked for, wherever a sum is.
SET VARIABLE all_months = NOT EXISTS (FROM plain p JOIN fact_name f USING (fact) WHERE f.bits & ~p.bits <> 0);
