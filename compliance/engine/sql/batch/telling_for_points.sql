-- The findings in their order, with what their points are made of.
FROM told_finding ORDER BY unit, requirement;
