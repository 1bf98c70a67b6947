-- Those who have waivers: under them, beside the grade that it would be without any.
INSERT INTO eased_finding
    WITH graded AS (FROM grading SEMI JOIN eased USING (unit, requirement))
    SELECT g.*, p.grade
    FROM graded g JOIN graded p USING (scenario, unit, requirement)
    WHERE g.version = 1 AND p.version = 0;

CREATE OR REPLACE VIEW finding AS
    SELECT g.*, g.grade AS unwaived_grade FROM grading g ANTI JOIN eased USING (unit, requirement)
    UNION ALL
    FROM eased_finding;
