-- Every observation that is right has a month of its own.
INSERT INTO gathered
    SELECT unit, fact, in_millionths(total), months, unit IS NULL OR found IS DISTINCT FROM bit_count(months) AS fault, single,
        getvariable('part')
    FROM (SELECT unit, fact, sum(asked) AS total, bit_or(month) AS months, count(*) AS found,
              list({month: month, amount: amount}) FILTER (kept) AS single
          FROM named GROUP BY unit, fact);
