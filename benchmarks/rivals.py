"""The same forty requirements, graded by others: rule engines, data frames, SQL and Python written by hand.

Each does it as its users would. Rule engines and plain Python are handed what their users would hand them: each unit's
facts as a dictionary, summed beforehand into floats, None where a month is missing. SQL and polars start from the
observations. `prepare` compiles and isn't timed; `run` grades.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from benchmarks.workload import (
    GOOD_MONTH,
    MILLION,
    MONTHS,
    NEEDS,
    Need,
    Total,
    Workload,
    exact_grades,
    totals_of_many,
)

__all__ = [
    "RIVALS",
    "Given",
    "Rival",
    "differing",
    "exact",
    "floor",
    "polars_sums",
    "query_sums",
    "sums_by_unit",
]

Needs = Sequence[Need]
Sums = dict[str, float | None]
Result = Any
"""The grades: lists in the order of the units and of `NEEDS`, or a table with unit, requirement and grade."""


class Given:
    """What everyone is given: a workload's observations, and for some the sums made of them."""

    def __init__(self, workload: Workload, table: pa.Table | None = None) -> None:
        self.workload = workload
        self.table = workload.table() if table is None else table

    @cached_property
    def sums(self) -> list[Sums]:
        return sums_by_unit(self.table, self.workload)

    @cached_property
    def exact(self) -> pa.Table:
        return exact(self)

    def part(self, units: int) -> Given:
        """The same for the first units only."""
        if units >= self.workload.units:
            return self
        with duckdb.connect() as connection:
            connection.register("observations", self.table)
            last = self.workload.unit_ids[units - 1]
            count = connection.execute("SELECT count(*) FROM observations WHERE unit <= ?", [last]).fetchone()
        assert count is not None
        return Given(self.workload._replace(units=units), self.table.slice(0, count[0]))


class Rival(NamedTuple):
    """`sums`: starts from sums made beforehand. `rules`: a rule engine. `package`: what it needs, and its module.

    `prepare` may be given the forty requirements with other thresholds.

    `files` grades a Parquet file of observations into another of findings.
    """

    name: str
    prepare: Callable[..., Any]
    run: Callable[[Any], Result]
    package: str = ""
    sums: bool = False
    rules: bool = False
    floats: bool = True
    files: Callable[[Path, Path], None] | None = None

    @property
    def title(self) -> str:
        return f"{self.name} {version(self.package)}" if self.package else self.name

    @property
    def installed(self) -> bool:
        try:
            return not self.package or bool(version(self.package))
        except PackageNotFoundError:
            return False


# What is compared with, and what is made beforehand ----------------------------------------------------

FLOOR = "SELECT unit, fact, sum(value) AS total FROM observations GROUP BY unit, fact"


def floor(given: Given) -> pa.Table:
    """The bare sums of the observations: nothing that reads them all can be much faster."""
    with duckdb.connect() as connection:
        connection.register("observations", given.table)
        return connection.sql(FLOOR).to_arrow_table()


def exact(given: Given) -> pa.Table:
    """What is right."""
    found = {unit: exact_grades(facts) for unit, facts in totals_of_many(given.table)}
    nothing = exact_grades({})
    return _as_table((found.get(unit, nothing) for unit in given.workload.unit_ids), given)


def _as_table(grades: Iterable[Sequence[str]], given: Given) -> pa.Table:
    ids = [need.id for need in NEEDS]
    units = chain.from_iterable(repeat(unit, len(ids)) for unit in given.workload.unit_ids)
    requirements = chain.from_iterable(repeat(ids, given.workload.units))
    columns = {"unit": units, "requirement": requirements, "grade": chain.from_iterable(grades)}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def differing(result: Result, given: Given) -> int:
    """How many findings differ from what is right, or are missing or too many."""
    found = result if isinstance(result, pa.Table) else _as_table(result, given)
    with duckdb.connect() as connection:
        connection.register("found", found)
        connection.register("right_ones", given.exact)
        row = connection.execute("""
            SELECT count(*) FROM right_ones AS r FULL JOIN found AS f USING (unit, requirement)
            WHERE r.grade IS DISTINCT FROM f.grade
        """).fetchone()
    assert row is not None
    return int(row[0])


def sums_by_unit(table: pa.Table, workload: Workload) -> list[Sums]:
    """Each unit's facts as users of a rule engine have them, with floats."""
    found = {unit: _sums(facts) for unit, facts in totals_of_many(table)}
    nothing = _sums({})
    return [found.get(unit) or dict(nothing) for unit in workload.unit_ids]


def _sums(facts: dict[str, Total]) -> Sums:
    sums: Sums = {}
    for need in NEEDS:
        for fact in need.facts:
            total = facts.get(fact)
            known = total is not None and total.months >= need.coverage
            if need.kind == "last":
                sums[f"{fact}_last"] = None if not total or total.last is None else total.last / MILLION
            elif need.kind == "min":
                sums[f"{fact}_least"] = total.least / MILLION if total and known else None
            elif need.kind == "months":
                sums[f"{fact}_good"] = float(total.good) if total and known else None
            else:
                sums[fact] = total.approximate if total and known else None
                if need.coverage < MONTHS:
                    sums[f"{fact}_months"] = float(total.months) if total else 0.0
    return sums


def query_sums(given: Given) -> dict[str, Sums]:
    """The same as `sums_by_unit`, as fast as one query makes it: doubles in any order, so not the same to a bit."""
    with duckdb.connect() as connection:
        connection.register("observations", given.table)
        query = _sums_query("value::DOUBLE") + "SELECT wide.*, special.* EXCLUDE (unit) " + _FROM
        result = connection.execute(query)
        _, *names = [column[0] for column in result.description or ()]
        return {unit: dict(zip(names, sums, strict=True)) for unit, *sums in result.fetchall()}


# The requirements as expressions -----------------------------------------------------------------------


def _names(need: Need) -> list[str]:
    """The sums that a requirement rests on, and must be known."""
    suffix = {"last": "_last", "min": "_least", "months": "_good"}.get(need.kind, "")
    return [fact + suffix for fact in need.facts]


def _value(need: Need) -> str:
    """A requirement's value as its author would write it, in what all these languages share."""
    names = _names(need)
    top = " + ".join(names[: len(need.top)])
    match need.kind:
        case "share":
            return f"100.0 * ({top}) / {names[-1]}" if len(need.top) > 1 else f"100.0 * {top} / {names[-1]}"
        case "rate":
            return f"1000.0 * {top} / ({names[-1]} / {MONTHS}.0)"
        case "mean":
            return f"{top} / {top}_months" if need.coverage < MONTHS else f"{top} / {MONTHS}.0"
        case "met":
            return f"100.0 * ({top}) / {len(need.top) * MONTHS}.0"
        case "months":
            return f"100.0 * {top} / {MONTHS}.0"
        case _:
            return top


def _expression(need: Need, either: str, none: str = "null") -> str:
    unknown = f" {either} ".join(f"{name} == {none}" for name in _names(need))
    value = _value(need)
    more = ">" if need.above else ">="
    return (
        f"({unknown}) ? 'unknown' : ({value} {more} {float(need.minimum)} ? 'pass' : "
        f"({value} >= {float(need.partial_from)} ? 'partial' : 'fail'))"
    )


# zen-engine (GoRules): a decision model in JSON, one expression for each requirement.


def _zen_model(needs: Needs) -> str:
    at = {"position": {"x": 0, "y": 0}}
    expressions = [
        {"id": need.id, "key": f"r{index}", "value": _expression(need, "or")}
        for index, need in enumerate(needs)
    ]
    return json.dumps(
        {
            "contentType": "application/vnd.gorules.decision",
            "nodes": [
                {"id": "in", "name": "sums", "type": "inputNode", **at},
                {
                    "id": "do",
                    "name": "grades",
                    "type": "expressionNode",
                    "content": {"expressions": expressions},
                }
                | at,
                {"id": "out", "name": "findings", "type": "outputNode", **at},
            ],
            "edges": [
                {"id": "1", "type": "edge", "sourceId": "in", "targetId": "do"},
                {"id": "2", "type": "edge", "sourceId": "do", "targetId": "out"},
            ],
        }
    )


_ZEN_KEYS = [f"r{index}" for index in range(len(NEEDS))]


def _prepare_zen(given: Given, needs: Needs = NEEDS) -> Any:
    loader = {"type": "static", "content": {"bench": json.loads(_zen_model(needs))}}
    return import_module("zen").ZenEngine({"loader": loader}), given.sums


def _run_zen(prepared: Any) -> Result:
    engine, sums = prepared
    results = [engine.evaluate("bench", facts)["result"] for facts in sums]
    return [[result[key] for key in _ZEN_KEYS] for result in results]


def _run_zen_batch(prepared: Any) -> Result:
    engine, sums = prepared
    results = engine.evaluate_batch([{"key": "bench", "context": facts} for facts in sums])
    return [[result["data"]["result"][key] for key in _ZEN_KEYS] for result in results]


# Common Expression Language and rule-engine: an expression for each requirement.


def _prepare_cel(given: Given, needs: Needs = NEEDS) -> Any:
    cel = import_module("cel")
    return cel.Context, [cel.compile(_expression(need, "||")) for need in needs], given.sums


def _run_cel(prepared: Any) -> Result:
    context, programs, sums = prepared
    found = []
    for facts in sums:
        known = context(facts)
        found.append([program.execute(known) for program in programs])
    return found


def _prepare_rule_engine(given: Given, needs: Needs = NEEDS) -> Any:
    rule = import_module("rule_engine").Rule
    return [rule(_expression(need, "or")) for need in needs], given.sums


def _run_rule_engine(prepared: Any) -> Result:
    rules, sums = prepared
    return [[rule.evaluate(facts) for rule in rules] for facts in sums]


# Plain Python: a function for each requirement.

Grader = Callable[[Sums], str]


def _grader(need: Need) -> Grader:
    first, *rest = _names(need)
    minimum, partial_from = float(need.minimum), float(need.partial_from)
    passes = operator.gt if need.above else operator.ge
    two = len(need.top) == 2
    kind = need.kind
    months = f"{first}_months" if need.coverage < MONTHS else ""

    def grade(facts: Sums) -> str:
        value = facts[first]
        if value is None:
            return "unknown"
        if kind in ("share", "rate"):
            if two:
                second = facts[rest[0]]
                if second is None:
                    return "unknown"
                value += second
            whole = facts[rest[-1]]
            if whole is None:
                return "unknown"
            value = 100 * value / whole if kind == "share" else 1000 * value / (whole / MONTHS)
        elif kind == "mean":
            value /= (facts[months] or 0) if months else MONTHS
        elif kind == "met":
            if two:
                second = facts[rest[0]]
                if second is None:
                    return "unknown"
                value += second
            value = 100 * value / (24 if two else 12)
        elif kind == "months":
            value = 100 * value / MONTHS
        if passes(value, minimum):
            return "pass"
        return "partial" if value >= partial_from else "fail"

    return grade


def _prepare_python(given: Given, needs: Needs = NEEDS) -> Any:
    return [_grader(need) for need in needs], given.sums


def _run_python(prepared: Any) -> Result:
    graders, sums = prepared
    return [[grade(facts) for grade in graders] for facts in sums]


# durable_rules: an event for each requirement whose value is known, three rules for each; it can't divide floats in a
# pattern, so that the values are made in Python. What no rule speaks of is unknown.


def _prepare_durable(given: Given, needs: Needs = NEEDS) -> Any:
    engine = import_module("durable.engine")

    class Host(engine.Host):  # type: ignore[misc, name-defined]
        def _run(self) -> None:
            """No timers: they would never end."""

    found: dict[str, list[str]] = {}

    def says(index: int, grade: str) -> Callable[[Any], None]:
        def note(context: Any) -> None:
            found[context.m.sid][index] = grade

        return note

    rules = {}
    for index, need in enumerate(needs):
        about = {"requirement": need.id}
        minimum, partial_from = {"value": float(need.minimum)}, {"value": float(need.partial_from)}
        more, less = ("$gt", "$lte") if need.above else ("$gte", "$lt")
        rungs = {
            "pass": [{more: minimum}],
            "partial": [{"$gte": partial_from}, {less: minimum}],
            "fail": [{"$lt": partial_from}],
        }
        for grade, tests in rungs.items():
            pattern = {"$and": [about, *tests]}
            rules[f"{need.id} {grade}"] = {"all": [{"m": pattern}], "run": says(index, grade)}
    host = Host()
    host.set_rulesets({"bench": rules})
    values = [compile(_value(need), need.id, "eval") for need in needs]
    names = [_names(need) for need in needs]
    return host, found, list(zip(needs, names, values, strict=True)), given


_NO_BUILTINS: dict[str, Any] = {"__builtins__": {}}


def _run_durable(prepared: Any) -> Result:
    host, found, needs, given = prepared
    for unit, facts in zip(given.workload.unit_ids, given.sums, strict=True):
        found[unit] = ["unknown"] * len(NEEDS)
        posted = False
        for need, names, value in needs:
            if all(facts[name] is not None for name in names):
                number = eval(value, _NO_BUILTINS, facts)  # noqa: S307
                host.post("bench", {"requirement": need.id, "value": number, "sid": unit})
                posted = True
        if posted:
            host.delete_state("bench", unit)
    grades = [found[unit] for unit in given.workload.unit_ids]
    found.clear()
    return grades


# SQL by hand: this one contract as a query, with decimals and no division, so that it is exact.


_FROM = "FROM wide LEFT JOIN special USING (unit)"


def _sums_query(value: str) -> str:
    wide, special = {}, {}
    for need in NEEDS:
        for fact, name in zip(need.facts, _names(need), strict=True):
            this = f"FILTER (fact = '{fact}')"
            whole = f"CASE WHEN count(*) {this} = {MONTHS} THEN"
            if need.kind == "last":
                special[name] = f"max({value}) FILTER (fact = '{fact}' AND period = '2024-12')"
            elif need.kind == "months":
                special[name] = f"{whole} count(*) FILTER (fact = '{fact}' AND value >= {GOOD_MONTH}) END"
            elif need.kind == "min":
                special[name] = f"{whole} min({value}) {this} END"
            else:
                wide[name] = f"max(total) FILTER (fact = '{fact}' AND months >= {need.coverage})"
                if need.coverage < MONTHS:
                    wide[f"{name}_months"] = f"max(months) {this}"
    facts = [fact for need in NEEDS if need.kind in ("last", "min", "months") for fact in need.facts]
    return f"""
WITH sums AS (
    SELECT unit, fact, sum({value}) AS total, count(*) AS months FROM observations GROUP BY unit, fact
), wide AS (
    SELECT unit, {", ".join(f"{how} AS {name}" for name, how in wide.items())} FROM sums GROUP BY unit
), special AS (
    SELECT unit, {", ".join(f"{how} AS {name}" for name, how in special.items())}
    FROM observations WHERE fact IN ({", ".join(f"'{fact}'" for fact in facts)}) GROUP BY unit
)
"""  # noqa: S608


def _sql(needs: Needs = NEEDS) -> str:
    grades = ",\n    ".join(_sql_case(need) for need in needs)
    ids = ", ".join(f"'{need.id}'" for need in needs)
    return f"{_sums_query('value')}SELECT unit, unnest([{ids}]) AS requirement, unnest([\n    {grades}\n]) AS grade {_FROM}"


def _sql_case(need: Need) -> str:
    names = _names(need)
    top = " + ".join(names[: len(need.top)])
    factor, bottom = {
        "share": ("100", names[-1]),
        "rate": (str(1000 * MONTHS), names[-1]),
        "mean": ("1", f"{names[0]}_months" if need.coverage < MONTHS else str(MONTHS)),
        "met": ("100", str(MONTHS * len(need.top))),
        "months": ("100", str(MONTHS)),
    }.get(need.kind, ("1", "1"))
    unknown = " OR ".join(f"{name} IS NULL" for name in names)
    more = ">" if need.above else ">="
    return (
        f"CASE WHEN {unknown} THEN 'unknown' WHEN {factor} * ({top}) {more} {need.minimum} * {bottom} THEN 'pass' "
        f"WHEN {factor} * ({top}) >= {need.partial_from} * {bottom} THEN 'partial' ELSE 'fail' END"
    )


def _prepare_sql(given: Given, needs: Needs = NEEDS) -> Any:
    return _sql(needs), given.table


def _run_sql(prepared: Any) -> Result:
    query, table = prepared
    with duckdb.connect() as connection:
        connection.register("observations", table)
        return connection.sql(query).to_arrow_table()


def _sql_files(observations: Path, findings: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW observations AS FROM read_parquet('{observations}')")
        connection.execute(f"COPY ({_sql()}) TO '{findings}' (FORMAT parquet)")


# polars by hand: the same with floats, as columns.


def _polars_grades(pl: Any, needs: Needs = NEEDS) -> list[Any]:
    grades = []
    for need in needs:
        names = _names(need)
        top = sum((pl.col(name) for name in names[1 : len(need.top)]), pl.col(names[0]))
        match need.kind:
            case "share":
                value = 100 * top / pl.col(names[-1])
            case "rate":
                value = 1000 * top / (pl.col(names[-1]) / MONTHS)
            case "mean":
                value = top / (pl.col(f"{names[0]}_months") if need.coverage < MONTHS else MONTHS)
            case "met":
                value = 100 * top / (MONTHS * len(need.top))
            case "months":
                value = 100 * top / MONTHS
            case _:
                value = top
        minimum, partial_from = float(need.minimum), float(need.partial_from)
        grades.append(
            pl.when(value.is_null())
            .then(pl.lit("unknown"))
            .when(value > minimum if need.above else value >= minimum)
            .then(pl.lit("pass"))
            .when(value >= partial_from)
            .then(pl.lit("partial"))
            .otherwise(pl.lit("fail"))
            .alias(need.id)
        )
    return grades


def _prepare_polars(given: Given, needs: Needs = NEEDS) -> Any:
    pl = import_module("polars")
    return pl, _polars_grades(pl, needs), pl.from_arrow(given.table)


def _run_polars(prepared: Any) -> Result:
    return _polars_findings(*prepared).to_arrow()


def _polars_files(observations: Path, findings: Path) -> None:
    pl = import_module("polars")
    _polars_findings(pl, _polars_grades(pl), pl.read_parquet(observations)).write_parquet(findings)


def polars_sums(given: Given) -> dict[str, Sums]:
    """The same as `query_sums`, by polars."""
    pl = import_module("polars")
    wide = _polars_sums(pl, pl.from_arrow(given.table)).select(pl.col("unit").cast(pl.String), *_sums({}))
    return {sums.pop("unit"): sums for sums in wide.to_dicts()}


def _polars_findings(pl: Any, grades: list[Any], observations: Any) -> Any:
    wide = _polars_sums(pl, observations)
    return wide.select(pl.col("unit").cast(pl.String), *grades).unpivot(
        index="unit", variable_name="requirement", value_name="grade"
    )


def _polars_sums(pl: Any, observations: Any) -> Any:
    sums = observations.group_by("unit", "fact").agg(
        pl.col("value").cast(pl.Float64).sum(), pl.len().alias("months")
    )
    gaps = {fact: need.coverage for need in NEEDS if need.coverage < MONTHS for fact in need.facts}
    fewest = pl.col("fact").replace_strict(gaps, default=MONTHS, return_dtype=pl.UInt32)
    known = sums.with_columns(
        pl.when(pl.col("months") >= fewest).then(pl.col("value")).alias("value"),
        pl.col("fact").cast(pl.String),
    )
    wide = known.pivot("fact", index="unit", values="value")
    for fact in gaps:
        counted = sums.filter(pl.col("fact") == fact).select("unit", pl.col("months").alias(f"{fact}_months"))
        wide = wide.join(counted, on="unit", how="left")
    for need in NEEDS:
        value = pl.col("value").cast(pl.Float64)
        if need.kind == "last":
            how = value.filter(pl.col("period") == "2024-12").first()
        elif need.kind == "min":
            how = pl.when(pl.len() == MONTHS).then(value.min())
        elif need.kind == "months":
            how = pl.when(pl.len() == MONTHS).then((value >= GOOD_MONTH).sum())
        else:
            continue
        rows = observations.filter(pl.col("fact") == need.top[0])
        wide = wide.join(rows.group_by("unit").agg(how.alias(_names(need)[0])), on="unit", how="left")
    return wide


RIVALS = (
    Rival("SQL by hand", _prepare_sql, _run_sql, floats=False, files=_sql_files),
    Rival("polars by hand", _prepare_polars, _run_polars, "polars", files=_polars_files),
    Rival("plain Python", _prepare_python, _run_python, sums=True),
    Rival("zen-engine", _prepare_zen, _run_zen, "zen-engine", sums=True, rules=True),
    Rival("zen-engine in batches", _prepare_zen, _run_zen_batch, "zen-engine", sums=True, rules=True),
    Rival("CEL", _prepare_cel, _run_cel, "common-expression-language", sums=True, rules=True),
    Rival("rule-engine", _prepare_rule_engine, _run_rule_engine, "rule-engine", sums=True, rules=True),
    Rival("durable_rules", _prepare_durable, _run_durable, "durable_rules", sums=True, rules=True),
)
