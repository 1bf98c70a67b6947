-- An empty cell of a fact with a default means something: such measures go month by month, too.
INSERT INTO monthwise
    SELECT s.unit, t.measure, false, s.requirement
    FROM (SELECT DISTINCT t.measure, m.requirement
          FROM term t JOIN fact f USING (fact) JOIN measure m USING (measure)
          WHERE f.fallback IS NOT NULL AND m.frame IS NOT NULL) t
    JOIN subject s ON s.requirement = t.requirement AND s.version = 0
    LEFT JOIN measured w ON w.unit = s.unit AND w.measure = t.measure
    ANTI JOIN monthwise n ON n.unit = s.unit AND n.measure = t.measure AND NOT n.lifted
    WHERE w.unit IS NULL OR NOT w.complete OR NOT w.enough;

DELETE FROM measured USING monthwise n WHERE n.unit = measured.unit AND n.measure = measured.measure AND NOT n.lifted;
