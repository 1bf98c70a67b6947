-- The findings in their order.
SELECT * EXCLUDE (profile, known, top, bottom) FROM told_finding ORDER BY unit, requirement;
