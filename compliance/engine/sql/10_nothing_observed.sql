-- Measures of which no fact was observed.
INSERT INTO measured
    SELECT NULL, s.unit, 0, c.profile, m.measure, m.position = 0, NOT m.monthly, false, NULL, NULL, false
    FROM short s
    JOIN cohort_profile c USING (cohort)
    JOIN measure m ON m.requirement = c.requirement AND m.frame IS NOT NULL
    ANTI JOIN measured v ON v.unit = s.unit AND v.measure = m.measure
    ANTI JOIN (SELECT unit, measure FROM monthwise WHERE NOT lifted) n ON n.unit = s.unit AND n.measure = m.measure;
