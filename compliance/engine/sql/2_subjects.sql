-- Which units each requirement concerns, with and without waivers, and which parameters hold for them.

CREATE VIEW attribute AS
    SELECT unit, 'kind' AS attribute, kind AS value FROM unit
    UNION ALL SELECT unit, 'operator', operator FROM unit
    UNION ALL SELECT unit, 'municipality', municipality FROM unit
    UNION ALL SELECT unit, 'unit', id FROM unit
    UNION ALL SELECT unit, 'portfolio', portfolio::VARCHAR FROM unit;

CREATE VIEW concerned AS
    SELECT requirement, layer, unit
    FROM audience JOIN attribute USING (attribute, value)
    GROUP BY requirement, layer, unit, attributes
    HAVING count(DISTINCT attribute) = attributes;

-- A requirement's parameter sets differ by the `vary` layers that a unit belongs to.
CREATE VIEW varied AS
    SELECT unit, requirement, list(layer ORDER BY layer) AS layers
    FROM concerned WHERE layer > 0
    GROUP BY unit, requirement;

-- Version 0 is the finding as if there were no waivers; version 1, where there are any, the one with them.
-- lifted: months of exemption are left out. waiver: the one in force, whose parameters count.
CREATE VIEW version AS
    SELECT unit, requirement, 0 AS version, false AS lifted, false AS exempt, NULL AS waiver
    FROM concerned WHERE layer = 0
    UNION ALL
    SELECT unit, requirement, 1, bool_or(exempt), bool_or(exempt AND in_force),
        max(waiver) FILTER (in_force AND NOT exempt)
    FROM concerned JOIN waiver USING (unit, requirement) WHERE layer = 0
    GROUP BY unit, requirement;

-- Units with the same layers and waiver share a profile, and with it all parameters.
CREATE TABLE profile AS
    SELECT row_number() OVER (ORDER BY requirement, layers, waiver)::INTEGER AS profile, *
    FROM (SELECT DISTINCT requirement, coalesce(layers, []) AS layers, waiver
          FROM version LEFT JOIN varied USING (unit, requirement));

CREATE TABLE subject AS
    SELECT v.unit, v.requirement, r.portfolio, v.version, v.lifted, v.exempt, p.profile
    FROM version v
    JOIN requirement r USING (requirement)
    LEFT JOIN varied l USING (unit, requirement)
    JOIN profile p ON p.requirement = v.requirement AND p.layers = coalesce(l.layers, [])
        AND p.waiver IS NOT DISTINCT FROM v.waiver;

CREATE TABLE setting AS
    SELECT p.profile, s.scenario, a.name, arg_max({value: a.value}, a.layer).value AS value
    FROM profile p
    JOIN requirement r ON r.requirement = p.requirement
    JOIN parameter a ON a.requirement = p.requirement
        AND (a.layer < 2 OR a.waiver = p.waiver OR (a.waiver IS NULL AND list_contains(p.layers, a.layer - 1)))
    JOIN scenario s ON s.portfolio = r.portfolio AND (a.scenario IS NULL OR a.scenario = s.scenario)
    GROUP BY p.profile, s.scenario, a.name;
