-- What can't be relied on is told apart, cell by cell.
CREATE TABLE cell AS
    SELECT unit, fact, slot, any_value(name) AS name, any_value(value) AS value, any_value(via) AS via,
        count(DISTINCT (value, via)) FILTER (NOT out_of_range AND NOT wrong_via) > 1 AS conflict,
        bool_or(doubtful OR out_of_range OR wrong_via OR no_agreement OR type IN ('text', 'opening_hours', 'choice', 'date')) AS shaky
    FROM laid WHERE unit IS NOT NULL AND slot IS NOT NULL AND (value IS NOT NULL OR out_of_range)
    GROUP BY unit, fact, slot;

-- What is said of an earlier month wins over what the predecessor says of it.
DELETE FROM observation o USING cell c WHERE o.unit = c.unit AND o.fact = c.fact AND o.slot = c.slot;
DELETE FROM doubt d USING cell c WHERE d.unit = c.unit AND d.fact = c.fact AND d.slot = c.slot;
DELETE FROM through_other t USING cell c WHERE t.unit = c.unit AND t.fact = c.fact AND t.slot = c.slot;
DELETE FROM provider p USING cell c WHERE p.unit = c.unit AND p.fact = c.fact AND p.slot = c.slot;

INSERT INTO observation
    SELECT unit, fact, slot, in_millionths(value) FROM cell WHERE NOT conflict AND NOT shaky;

INSERT INTO doubt SELECT unit, fact, slot FROM cell WHERE conflict OR shaky;

INSERT INTO through_other
    SELECT unit, fact, slot FROM cell WHERE via IS NOT NULL AND NOT conflict AND NOT shaky;

INSERT INTO provider
    SELECT unit, fact, slot, via FROM cell WHERE via IS NOT NULL AND NOT conflict AND NOT shaky;

CREATE TABLE lost AS
    SELECT 'unit' AS what, coalesce(unit_given, '') AS name, count(*) AS "rows"
    FROM laid WHERE unit IS NULL GROUP BY ALL
    UNION ALL
    SELECT 'period', coalesce(period_given, ''), count(*) FROM laid WHERE unit IS NOT NULL AND slot IS NULL GROUP BY ALL
    UNION ALL
    SELECT 'type', name, count(*) FROM laid
    WHERE type IN ('text', 'opening_hours', 'choice', 'date') AND (value IS NOT NULL OR out_of_range) GROUP BY ALL
    UNION ALL
    SELECT 'range', name, count(*) FROM laid WHERE out_of_range AND type NOT IN ('opening_hours', 'date', 'choice') GROUP BY ALL
    UNION ALL
    SELECT 'via', name, count(*) FROM laid WHERE wrong_via AND NOT only_words GROUP BY ALL
    UNION ALL
    SELECT 'quality', name, count(*) FROM laid WHERE no_quality AND NOT only_words GROUP BY ALL
    UNION ALL
    SELECT 'words', name, count(*) FROM laid WHERE only_words GROUP BY ALL
    UNION ALL
    SELECT 'conflict', name, count(*) FROM cell WHERE conflict GROUP BY ALL;

-- An empty cell may not really be empty where something couldn't be laid to any.
UPDATE unit SET defaults = false
    WHERE portfolio = 0 AND (getvariable('strange') OR EXISTS (FROM lost WHERE what IN ('unit', 'period')));
