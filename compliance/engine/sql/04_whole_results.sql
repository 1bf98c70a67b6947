-- From the facts' sums to most measures' results: views.

-- Each measure's sums over its facts' sums. months: those that all of its facts were observed in; some_months: that any was.
CREATE VIEW tallied AS
    SELECT s.unit, w.measure, w.top * s.total AS top, w.bottom * s.total AS bottom, s.months | w.all_months AS months,
        s.months & ~w.all_months AS some_months, w.monthly::INTEGER AS monthly_found, 1 AS found
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

-- n is how many months count; where a fact has none, none does.
CREATE VIEW whole_result AS
    WITH counted AS (
        SELECT t.unit, t.measure, m.monthly, m.coverage, f.first_month, f.last_month,
            f.last_month - f.first_month + 1 AS asked,
            CASE WHEN t.monthly_found = m.monthly_terms THEN t.months ELSE 0 END AS months,
            CASE WHEN NOT m.monthly THEN 1
                WHEN t.monthly_found = m.monthly_terms THEN bit_count(t.months) ELSE 0 END AS n,
            t.found - t.monthly_found = m.terms - m.monthly_terms AS single_counts,
            t.some_months, t.top, t.bottom, m.top_by_months, m.bottom_by_months, m.each, m.once
        FROM tallied t JOIN measure m USING (measure) JOIN frame f USING (frame))
    SELECT unit, measure,
        CASE WHEN monthly THEN asked ELSE 0 END AS asked,
        CASE WHEN monthly THEN n ELSE 0 END AS counted,
        CASE WHEN NOT monthly OR n = 0 THEN NULL WHEN n = asked THEN first_month
            ELSE first_month + log2((months & -months)::DOUBLE)::INTEGER END AS first_month,
        CASE WHEN NOT monthly OR n = 0 THEN NULL WHEN n = asked THEN last_month
            ELSE first_month + floor(log2(months::DOUBLE))::INTEGER END AS last_month,
        (NOT monthly OR (n > 0 AND n >= least(coalesce(coverage, asked), asked))) AND single_counts AS enough,
        monthly AND months <> some_months AS uneven,
        CASE WHEN top_by_months THEN n * top ELSE top END AS top,
        CASE WHEN bottom_by_months THEN n * bottom ELSE bottom END + n * each + once AS bottom
    FROM counted;
