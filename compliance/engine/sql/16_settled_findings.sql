-- What is settled without any figure.
CREATE OR REPLACE VIEW grading AS
    SELECT g.* REPLACE (coalesce(e.grade, g.grade) AS grade)
    FROM by_ladder g
    LEFT JOIN settled e ON e.unit = g.unit AND e.requirement = g.requirement AND e.version = g.version;
