-- What doesn't depend on the observations: whom each requirement concerns, with and without waivers, the
-- parameters that hold for them, and the criteria with their thresholds.

CREATE VIEW attribute AS
    SELECT cohort, 'kind' AS attribute, kind AS value FROM cohort
    UNION ALL SELECT cohort, 'operator', operator FROM cohort
    UNION ALL SELECT cohort, 'municipality', municipality FROM cohort
    UNION ALL SELECT cohort, 'unit', id FROM cohort
    UNION ALL SELECT cohort, 'portfolio', portfolio::VARCHAR FROM cohort;

CREATE VIEW concerned AS
    SELECT requirement, layer, cohort
    FROM audience JOIN attribute USING (attribute, value)
    GROUP BY requirement, layer, cohort, attributes
    HAVING count(DISTINCT attribute) = attributes;

-- A requirement's parameter sets differ by the `vary` layers that a unit belongs to.
CREATE TABLE audience_cohort AS
    SELECT c.cohort, c.requirement, coalesce(any_value(l.layers), []) AS layers
    FROM concerned c
    LEFT JOIN (SELECT cohort, requirement, list(layer ORDER BY layer) AS layers
               FROM concerned WHERE layer > 0 GROUP BY cohort, requirement) l USING (cohort, requirement)
    WHERE c.layer = 0
    GROUP BY c.cohort, c.requirement;

-- Where a unit has waivers of a requirement, a second version of the finding counts with them.
-- lifted: months of exemption are left out. waiver: the one in force, whose parameters count.
CREATE TABLE eased AS
    SELECT u.unit, w.requirement, u.cohort, a.layers, bool_or(w.exempt) AS lifted,
        bool_or(w.exempt AND w.in_force) AS exempt,
        max(w.waiver) FILTER (w.in_force AND NOT w.exempt) AS waiver
    FROM waiver w JOIN unit u USING (unit)
    JOIN audience_cohort a ON a.cohort = u.cohort AND a.requirement = w.requirement
    GROUP BY u.unit, w.requirement, u.cohort, a.layers;

-- Units with the same layers and waiver share a profile, and with it all parameters.
CREATE TABLE profile AS
    SELECT row_number() OVER (ORDER BY requirement, layers, waiver)::INTEGER AS profile, *
    FROM (SELECT requirement, layers, NULL::INTEGER AS waiver FROM audience_cohort
          UNION SELECT requirement, layers, waiver FROM eased);

CREATE TABLE cohort_profile AS
    SELECT a.cohort, a.requirement, p.profile
    FROM audience_cohort a
    JOIN profile p ON p.requirement = a.requirement AND p.layers = a.layers AND p.waiver IS NULL;

-- Version 0 is the finding as if there were no waivers; version 1, where there are any, the one with them.
CREATE VIEW subject AS
    SELECT u.unit, c.requirement, u.portfolio, 0 AS version, false AS lifted, false AS exempt, c.profile
    FROM unit u JOIN cohort_profile c USING (cohort)
    UNION ALL
    SELECT e.unit, e.requirement, u.portfolio, 1, e.lifted, e.exempt, p.profile
    FROM eased e JOIN unit u USING (unit)
    JOIN profile p ON p.requirement = e.requirement AND p.layers = e.layers
        AND p.waiver IS NOT DISTINCT FROM e.waiver;

CREATE TABLE setting AS
    SELECT p.profile, s.scenario, a.name, arg_max({value: a.value}, a.layer).value AS value
    FROM profile p
    JOIN requirement r ON r.requirement = p.requirement
    JOIN parameter a ON a.requirement = p.requirement
        AND (a.layer < 2 OR a.waiver = p.waiver OR (a.waiver IS NULL AND list_contains(p.layers, a.layer - 1)))
    JOIN scenario s ON s.portfolio = r.portfolio AND (a.scenario IS NULL OR a.scenario = s.scenario)
    GROUP BY p.profile, s.scenario, a.name;

-- Thresholds ----------------------------------------------------------------------------------------

-- Every criterion with its threshold. A rung with a parameter that is null is left out.
CREATE TABLE bar AS
    SELECT p.profile, c.scenario, t.rung, t.branch, t.ordinal, t.measure, t.comparison,
        coalesce(s.value, t.threshold) AS threshold,
        count(*) OVER (PARTITION BY p.profile, c.scenario, t.rung) = 1 AS alone
    FROM test t
    JOIN profile p USING (requirement)
    JOIN requirement r USING (requirement)
    JOIN scenario c ON c.portfolio = r.portfolio
    LEFT JOIN setting s ON s.profile = p.profile AND s.scenario = c.scenario AND s.name = t.parameter
    QUALIFY NOT bool_or(t.parameter IS NOT NULL AND s.value IS NULL)
        OVER (PARTITION BY p.profile, c.scenario, t.rung);

-- Most ladders compare the rule's first measure alone; their criteria fit in one row.
CREATE TABLE shape AS
    SELECT p.profile, c.scenario, any_value(p.requirement) AS requirement, any_value(r.portfolio) AS portfolio,
        coalesce(bool_and(b.alone AND b.rung > 1 AND m.position = 0 AND b.comparison <> 'known'), true) AS simple,
        max(b.comparison) FILTER (b.rung = 2) AS pass, max(b.threshold) FILTER (b.rung = 2) AS pass_from,
        max(b.comparison) FILTER (b.rung = 3) AS partial, max(b.threshold) FILTER (b.rung = 3) AS partial_from
    FROM profile p
    JOIN requirement r USING (requirement)
    JOIN scenario c ON c.portfolio = r.portfolio
    LEFT JOIN bar b ON b.profile = p.profile AND b.scenario = c.scenario
    LEFT JOIN measure m ON m.measure = b.measure
    GROUP BY p.profile, c.scenario;

-- What is settled without any figure.
CREATE TABLE settled AS
    SELECT s.unit, s.requirement, s.version,
        CASE WHEN NOT u.readable OR n.unit IS NOT NULL THEN 'unknown'::grade ELSE 'not_applicable'::grade END AS grade
    FROM subject s
    JOIN unit u USING (unit)
    JOIN requirement r USING (requirement)
    LEFT JOIN unsettled n ON n.unit = s.unit AND n.requirement = s.requirement
    WHERE NOT u.readable OR n.unit IS NOT NULL OR s.exempt OR r.first_month > r.last_month
        OR u.first_month > r.last_month OR u.last_month < r.first_month;

-- Measures ------------------------------------------------------------------------------------------

-- What a fact's sum adds to a measure's two sums. all_months: bits that single values don't speak of.
CREATE TABLE weighted AS
    SELECT t.measure, t.fact, CASE WHEN t.monthly THEN m.frame ELSE 0 END AS frame, t.monthly, m.terms = 1 AS alone,
        CASE WHEN t.monthly THEN 0 ELSE -1 END::BIGINT AS all_months,
        CASE WHEN t.numerator THEN t.weight ELSE 0 END::HUGEINT AS top,
        CASE WHEN t.numerator THEN 0 ELSE t.weight END::HUGEINT AS bottom
    FROM term t JOIN measure m USING (measure)
    WHERE m.frame IS NOT NULL;

-- Kind months: what must hold in a month, and the values that it is asked of.
CREATE TABLE month_bar AS
    SELECT m.measure, m.requirement, p.profile, c.scenario, m.comparison, coalesce(s.value, m.threshold) AS threshold,
        m.divisor::HUGEINT * 1000000 AS bottom
    FROM measure m
    JOIN profile p USING (requirement)
    JOIN requirement r USING (requirement)
    JOIN scenario c ON c.portfolio = r.portfolio
    LEFT JOIN setting s ON s.profile = p.profile AND s.scenario = c.scenario AND s.name = m.parameter
    WHERE m.kind = 'months';

CREATE TABLE month_term AS
    SELECT w.measure, w.fact, w.top, f.first_month, f.last_month
    FROM weighted w JOIN frame f USING (frame) SEMI JOIN month_bar b USING (measure);

CREATE TABLE framed AS
    SELECT DISTINCT w.fact, f.frame, f.first_month, f.last_month, f.pick
    FROM weighted w JOIN frame f USING (frame);

-- What goes month by month whatever is observed; lifted: without the months in which the unit was exempt.
CREATE TABLE monthwise (unit INTEGER, measure INTEGER, lifted BOOLEAN, requirement INTEGER);

INSERT INTO monthwise
    SELECT s.unit, m.measure, s.lifted, m.requirement
    FROM subject s JOIN measure m USING (requirement)
    WHERE m.frame IS NULL OR s.lifted OR (SELECT proof FROM mode)
    UNION
    -- The unit wasn't open all the time.
    SELECT u.unit, m.measure, false, m.requirement
    FROM (SELECT DISTINCT frame, u.unit, u.cohort
          FROM unit u JOIN frame f ON u.first_month > f.first_month OR u.last_month < f.last_month
          WHERE f.frame > 0) u
    JOIN measure m ON m.frame = u.frame
    JOIN cohort_profile c ON c.cohort = u.cohort AND c.requirement = m.requirement
    WHERE m.monthly;
