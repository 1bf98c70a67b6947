INSERT INTO single
    SELECT unit, fact, bit, in_millionths(amount) FROM named SEMI JOIN kept_unit USING (unit) WHERE NOT kept AND NOT fault;
