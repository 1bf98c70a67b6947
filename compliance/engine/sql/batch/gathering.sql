INSERT INTO gathered
    SELECT unit, fact, in_millionths(total), months, fault OR found <> bit_count(months), single, getvariable('part')
    FROM (SELECT unit, fact, sum(asked) AS total, bit_or(month) AS months, bool_or(fault) AS fault, count(*) AS found,
              list({bit: bit, amount: amount}) FILTER (kept) AS single
          FROM named GROUP BY unit, fact);
