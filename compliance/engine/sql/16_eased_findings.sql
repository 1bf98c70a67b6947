-- Those who have waivers: under them, beside the grade that it would be without any.
INSERT INTO eased_finding
    WITH graded AS (FROM grading SEMI JOIN eased USING (unit, requirement))
    SELECT g.* EXCLUDE (grade), g.grade, p.grade
    FROM graded g JOIN graded p USING (scenario, unit, requirement)
    WHERE g.version = 1 AND p.version = 0;
