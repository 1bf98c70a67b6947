-- Enough months count, but not the same ones for all facts: such measures go month by month.
INSERT INTO monthwise
    SELECT unit, measure, false, requirement FROM measured WHERE enough IS NULL;

DELETE FROM measured WHERE enough IS NULL;
