-- Every observation, with the cell that it is laid to, where there is one.
CREATE TABLE laid (
    unit INTEGER, fact INTEGER, slot INTEGER, type VARCHAR, name VARCHAR, via VARCHAR, value DECIMAL(18, 6),
    doubtful BOOLEAN, out_of_range BOOLEAN, wrong_via BOOLEAN, no_agreement BOOLEAN,
    no_quality BOOLEAN,         -- what is written as its quality is none
    only_words BOOLEAN,         -- there are words about a value, and no value
    unit_given VARCHAR, period_given VARCHAR
);
