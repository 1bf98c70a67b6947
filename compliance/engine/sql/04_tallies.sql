-- From the facts' sums to most measures' two sums.

INSERT INTO tallied
    SELECT s.unit, w.measure, w.top * s.total, w.bottom * s.total, s.months | w.all_months, s.months & ~w.all_months,
        w.monthly::INTEGER, 1
    FROM summed s JOIN weighted w ON w.fact = s.fact AND w.frame = s.frame AND w.alone
    UNION ALL
    SELECT s.unit, w.measure,
        sum(w.top * s.total) AS top,
        sum(w.bottom * s.total) AS bottom,
        bit_and(s.months | w.all_months) AS months,
        bit_or(s.months & ~w.all_months) AS some_months,
        count(*) FILTER (w.monthly) AS monthly_found,
        count(*) AS found
    FROM summed s JOIN weighted w ON w.fact = s.fact AND w.frame = s.frame AND NOT w.alone
    GROUP BY s.unit, w.measure;
