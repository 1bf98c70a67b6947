-- The other measures, without waivers.

-- Something is missing so far where none of a measure's facts was observed.
INSERT INTO short
    WITH due AS (
        SELECT c.cohort, count(*) AS measures
        FROM cohort_profile c JOIN measure m USING (requirement) WHERE m.frame IS NOT NULL GROUP BY c.cohort),
    there AS (SELECT unit, count(*) AS measures FROM measured GROUP BY unit)
    SELECT u.unit, u.cohort, u.portfolio
    FROM unit u JOIN due d USING (cohort) LEFT JOIN there t USING (unit)
    WHERE coalesce(t.measures, 0) < d.measures;

INSERT INTO measured
    SELECT NULL, s.portfolio, s.unit, c.requirement, 0, c.profile, m.measure, m.position,
        CASE WHEN m.monthly THEN f.last_month - f.first_month + 1 ELSE 0 END, 0, NULL, NULL, false, NULL, NULL, false
    FROM short s
    JOIN cohort_profile c USING (cohort)
    JOIN measure m ON m.requirement = c.requirement
    JOIN frame f ON f.frame = m.frame
    ANTI JOIN measured v ON v.unit = s.unit AND v.measure = m.measure
    ANTI JOIN (SELECT unit, measure FROM monthwise WHERE NOT lifted) n ON n.unit = s.unit AND n.measure = m.measure;

INSERT INTO measured
    SELECT NULL, u.portfolio, r.unit, c.requirement, 0, c.profile, r.measure, m.position, r.asked, r.counted,
        r.first_month, r.last_month, r.enough, r.top, r.bottom, coalesce(r.enough AND r.bottom > 0, false)
    FROM monthwise_result r
    JOIN measure m USING (measure)
    JOIN unit u USING (unit)
    JOIN cohort_profile c ON c.cohort = u.cohort AND c.requirement = m.requirement
    WHERE NOT r.lifted;
