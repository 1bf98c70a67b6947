-- Version 1, with the waivers: the same sums, or those without the months of exemption.
INSERT INTO measured
    SELECT NULL, s.unit, 1, s.profile, v.measure, v.leads, v.complete, v.enough, v.top, v.bottom, v.known
    FROM subject s
    JOIN measure m ON m.requirement = s.requirement
    JOIN measured v ON v.unit = s.unit AND v.measure = m.measure
    WHERE s.version = 1 AND NOT s.lifted
    UNION ALL
    SELECT NULL, s.unit, 1, s.profile, r.measure, m.position = 0, r.counted = r.asked, r.enough, r.top, r.bottom,
        coalesce(r.enough AND r.bottom > 0, false)
    FROM subject s
    JOIN measure m ON m.requirement = s.requirement
    JOIN monthwise_result r ON r.unit = s.unit AND r.measure = m.measure AND r.lifted
    WHERE s.version = 1 AND s.lifted;
