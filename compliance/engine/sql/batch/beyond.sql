-- Facts whose sums hold more than the months that measures ask for: they are kept observation by observation, too.
CREATE TABLE beyond AS
    SELECT p.fact
    FROM gathered g JOIN plain p USING (fact)
    GROUP BY p.fact, p.bits
    HAVING bit_or(g.months) & ~p.bits <> 0;
