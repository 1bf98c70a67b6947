-- What another provider does isn't always counted: such measures go month by month, too.
INSERT INTO monthwise
    SELECT DISTINCT s.unit, t.measure, false, s.requirement
    FROM through_other o
    JOIN term t USING (fact)
    JOIN measure m USING (measure)
    JOIN requirement r USING (requirement)
    JOIN subject s ON s.unit = o.unit AND s.requirement = m.requirement AND s.version = 0
    ANTI JOIN monthwise n ON n.unit = s.unit AND n.measure = t.measure AND NOT n.lifted
    WHERE NOT r.via_agreement;

DELETE FROM measured USING monthwise n WHERE n.unit = measured.unit AND n.measure = measured.measure AND NOT n.lifted;
