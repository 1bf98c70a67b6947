-- One row where an observation is of an unknown unit or a period in which nobody asks for it.
SELECT 1
FROM given o
JOIN fact_name f ON f.name = o.fact
LEFT JOIN unit_name u ON u.id = o.unit
LEFT JOIN slot_name s ON s.label = coalesce(o.period, '')
WHERE u.unit IS NULL OR slot_of(f.slot, o.period, s.slot) IS NULL
LIMIT 1;
