-- Each finding's grade in the first scenario, and in each later one where it isn't that of the one before, of the units from ? up to ?.
SELECT unit, requirement, scenario, grade
FROM (SELECT g.unit, g.requirement, g.scenario, g.grade,
          lag(g.grade) OVER (PARTITION BY g.unit, g.requirement ORDER BY g.scenario) AS before
      FROM grading g LEFT JOIN eased e ON e.unit = g.unit AND e.requirement = g.requirement
      WHERE g.portfolio = 0 AND g.unit >= ? AND g.unit < ? AND (g.version = 1 OR e.unit IS NULL))
WHERE before IS DISTINCT FROM grade
ORDER BY ALL;
