INSERT INTO single
    SELECT unit, fact, bit, in_millionths(amount) FROM named WHERE kept AND NOT fault;
