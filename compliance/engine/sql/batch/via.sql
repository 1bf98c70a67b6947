-- Through whom cells were met that findings counted.
INSERT INTO via_told
    SELECT h.unit, h.requirement, string_agg(DISTINCT p.provider, ', ' ORDER BY p.provider)
    FROM through h JOIN provider p USING (unit, fact, slot)
    GROUP BY h.unit, h.requirement;
