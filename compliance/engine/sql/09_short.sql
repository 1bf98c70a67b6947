-- Units that something is missing of so far, where none of a measure's facts was observed.
INSERT INTO short
    WITH due AS (
        SELECT c.cohort, count(*) AS measures
        FROM cohort_profile c JOIN measure m USING (requirement) WHERE m.frame IS NOT NULL GROUP BY c.cohort),
    there AS (SELECT unit, count(*) AS measures FROM measured GROUP BY unit)
    SELECT u.unit, u.cohort, u.portfolio
    FROM unit u JOIN due d USING (cohort) LEFT JOIN there t USING (unit)
    WHERE coalesce(t.measures, 0) < d.measures;
