-- The units of whom an observation can't be right; NULL where it isn't known whose it is.
CREATE TABLE faulty AS
    SELECT DISTINCT g.unit
    FROM gathered g JOIN fact_name f USING (fact)
    WHERE g.fault OR g.months & ~f.bits <> 0;
