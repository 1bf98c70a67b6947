-- Most measures, from whole sums, without waivers. enough is NULL where it must be looked at single months first.
INSERT INTO measured
    SELECT NULL::INTEGER AS scenario, w.unit, 0 AS version, c.profile, w.measure, m.position = 0 AS leads,
        w.counted = w.asked AS complete,
        CASE WHEN w.enough AND w.uneven THEN NULL ELSE w.enough END AS enough, w.top, w.bottom,
        coalesce(w.enough AND w.bottom > 0, false) AS known
    FROM whole_result w
    JOIN measure m USING (measure)
    JOIN unit u USING (unit)
    JOIN cohort_profile c ON c.cohort = u.cohort AND c.requirement = m.requirement
    ANTI JOIN (SELECT unit, measure FROM monthwise WHERE NOT lifted) n USING (unit, measure);
