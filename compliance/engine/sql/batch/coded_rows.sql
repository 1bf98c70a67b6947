-- Rows of a Parquet file, with numbers for names.
CREATE TABLE coded AS
    SELECT u.unit, f.fact, s.slot, TRY_CAST(g.value AS DECIMAL(18, 6)) AS value
    FROM read_parquet(?, file_row_number = true, hive_partitioning = false) g
    JOIN fact_name f ON f.name = g.fact
    LEFT JOIN unit_name u ON u.id = g.unit
    LEFT JOIN slot_name s ON s.label = g.period
    WHERE g.file_row_number BETWEEN ? AND ?;
