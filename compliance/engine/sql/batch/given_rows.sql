-- Rows of a Parquet file as they are.
CREATE TABLE given AS
    SELECT /* columns */
    FROM read_parquet(?, file_row_number = true, hive_partitioning = false)
    WHERE file_row_number BETWEEN ? AND ?;
