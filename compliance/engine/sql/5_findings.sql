-- What is told about each finding. The last version (with waivers, where there are any) is the finding.

CREATE VIEW final AS
    SELECT unit, requirement, max(version) AS version, arg_max(lifted, version) AS lifted
    FROM subject GROUP BY unit, requirement;

CREATE VIEW finding AS
    SELECT g.scenario, g.unit, g.requirement, g.version, g.profile, g.grade, z.grade AS unwaived_grade
    FROM graded g
    JOIN final f USING (unit, requirement, version)
    JOIN graded z ON z.scenario = g.scenario AND z.unit = g.unit AND z.requirement = g.requirement
        AND z.version = 0
    ORDER BY g.scenario, g.unit, g.requirement;

CREATE VIEW finding_measure AS
    SELECT v.scenario, v.unit, v.requirement, v.position, v.asked, v.counted, v.first_month, v.last_month,
        v.enough, v.known, v.top, v.bottom
    FROM measured v JOIN final f USING (unit, requirement, version)
    ORDER BY v.scenario, v.unit, v.requirement, v.position;

-- Cells that a finding asked for and that hold nothing, or nothing to rely on.
CREATE VIEW gap AS
    SELECT DISTINCT r.unit, r.requirement, r.fact, r.slot, r.doubted
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN measure m ON m.measure = r.measure
    WHERE NOT r.seen AND (r.value IS NULL OR r.doubted OR m.kind = 'answered')
    ORDER BY ALL;

-- Cells met through another provider that a finding counted.
CREATE VIEW through AS
    SELECT DISTINCT r.unit, r.requirement, r.fact, r.slot
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN requirement q ON q.requirement = r.requirement
    WHERE r.via AND q.via_agreement
    ORDER BY ALL;

-- The parameters that would count without the waivers, of those findings that have waivers.
CREATE VIEW unwaived_profile AS
    SELECT s.unit, s.requirement, s.profile
    FROM subject s JOIN final f USING (unit, requirement)
    WHERE s.version = 0 AND f.version = 1
    ORDER BY ALL;

-- What each term of a finding's measures found, for the proof.
CREATE VIEW proof AS
    SELECT r.unit, r.requirement, m.position, r.numerator, r.fact, r.weight, r.month, r.slot, r.seen, r.doubted, r.via,
        r.value
    FROM read r JOIN final f ON f.unit = r.unit AND f.requirement = r.requirement AND f.lifted = r.lifted
    JOIN measure m ON m.measure = r.measure
    ORDER BY r.requirement, m.position, r.numerator DESC, r.fact, r.month, r.slot DESC;
