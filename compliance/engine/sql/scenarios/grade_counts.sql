-- How many units have each grade of each requirement, in every scenario. No finding is kept, so that millions take no room.
SELECT g.scenario, g.requirement, g.grade, count(*) AS units
FROM grading g LEFT JOIN eased e ON e.unit = g.unit AND e.requirement = g.requirement
WHERE g.portfolio = 0 AND (g.version = 1 OR e.unit IS NULL)
GROUP BY g.scenario, g.requirement, g.grade
ORDER BY ALL;
