-- Enough months count, but not the same ones for all facts: such measures go month by month.
INSERT INTO monthwise
    SELECT v.unit, v.measure, false, m.requirement FROM measured v JOIN measure m USING (measure) WHERE v.enough IS NULL;

DELETE FROM measured WHERE enough IS NULL;
