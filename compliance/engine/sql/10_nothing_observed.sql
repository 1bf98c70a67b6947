-- Measures of which no fact was observed.
INSERT INTO measured
    SELECT NULL, s.portfolio, s.unit, c.requirement, 0, c.profile, m.measure, m.position,
        CASE WHEN m.monthly THEN f.last_month - f.first_month + 1 ELSE 0 END, 0, NULL, NULL, false, NULL, NULL, false
    FROM short s
    JOIN cohort_profile c USING (cohort)
    JOIN measure m ON m.requirement = c.requirement
    JOIN frame f ON f.frame = m.frame
    ANTI JOIN measured v ON v.unit = s.unit AND v.measure = m.measure
    ANTI JOIN (SELECT unit, measure FROM monthwise WHERE NOT lifted) n ON n.unit = s.unit AND n.measure = m.measure;
