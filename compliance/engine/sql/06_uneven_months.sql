-- Enough months count, but not the same ones for all facts: such measures go month by month.
INSERT INTO monthwise
    SELECT w.unit, w.measure, false, m.requirement
    FROM whole_result w
    JOIN measure m USING (measure)
    JOIN unit u USING (unit)
    JOIN cohort_profile c ON c.cohort = u.cohort AND c.requirement = m.requirement
    ANTI JOIN monthwise n ON n.unit = w.unit AND n.measure = w.measure AND NOT n.lifted
    WHERE w.enough AND w.uneven;
