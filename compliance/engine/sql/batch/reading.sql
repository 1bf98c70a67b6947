-- Some rows of a Parquet file.
CREATE OR REPLACE TEMP VIEW part AS
    SELECT unit, fact, period, value
    FROM read_parquet(getvariable('file'), file_row_number = true, hive_partitioning = false)
    WHERE file_row_number >= getvariable('first_row') AND file_row_number < getvariable('next_row');
