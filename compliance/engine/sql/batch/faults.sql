-- One row where anything is wrong with a part of the observations, and none where nothing is.
WITH by_slot AS (
    SELECT fact, slot, min(value) AS least, max(value) AS most, count(*) - count(value) AS empty,
        count(*) - count(unit) AS strange
    FROM coded GROUP BY fact, slot)
SELECT 1
FROM by_slot g JOIN fact_name f USING (fact)
WHERE g.slot IS NULL OR g.empty > 0 OR g.strange > 0 OR CASE WHEN f.slot IS NULL THEN g.slot <= 0 ELSE g.slot <> f.slot END
    OR in_millionths(g.least) < f.low OR in_millionths(g.most) > f.high
    OR f.type IN ('text', 'opening_hours', 'choice', 'date')
LIMIT 1;
