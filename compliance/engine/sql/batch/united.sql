-- The parts' sums put together.
INSERT INTO summed
    SELECT unit, fact, frame,
        CASE pick WHEN 'min' THEN min(total) WHEN 'max' THEN max(total) ELSE sum(total) END,
        bit_or(months), sum(found)
    FROM part GROUP BY unit, fact, frame, pick;
