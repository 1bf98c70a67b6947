"""The benchmark's work: a contract of 40 requirements, and units with 60 monthly facts over 12 months.

Everything follows from a seed. Many units hit a threshold exactly, in decimals that binary floats can't hold (0.1 + 0.2
of 0.6 is one half), and about one cell in a hundred is missing. `exact_grades` is the reference: whole numbers in plain
Python, with nothing of `compliance` in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

__all__ = [
    "FACTS",
    "MONTHS",
    "NEEDS",
    "OBSERVATIONS_A_UNIT",
    "Need",
    "Total",
    "Workload",
    "exact_grades",
    "measure",
    "threshold_hits",
    "totals",
    "totals_of_many",
]

MONTHS = 12
MILLION = 1_000_000
GOOD_MONTH = 90
"""What `months:` asks of a month."""


class Need(NamedTuple):
    """A requirement: what is measured of which facts, and from where it is passed, and met in part.

    `above`: more than the minimum is asked for, not just the minimum.
    """

    id: str
    kind: str
    top: tuple[str, ...]
    bottom: tuple[str, ...]
    minimum: Decimal
    partial_from: Decimal
    above: bool = False
    coverage: int = MONTHS

    @property
    def facts(self) -> tuple[str, ...]:
        return self.top + self.bottom

    @property
    def rule(self) -> str:
        """The rule of the library that it uses."""
        name = f"{self.kind}_of_{len(self.top)}" if len(self.top) > 1 else self.kind
        name += "_above" if self.above else ""
        return name if self.coverage == MONTHS else f"{name}_with_gaps"


class _Fact(NamedTuple):
    """How a fact's values are made (see `_MAKE`).

    `group`: facts of one group are made from the same draws. A unit's aim in that group is `passing` or `partial` (so that
    the threshold is hit exactly), or one of `steps` numbers from `low` on.
    """

    name: str
    role: str
    group: int
    passing: int
    partial: int
    low: int
    steps: int
    type: str = "number"
    stock: bool = False


def _percent(aim: int) -> Decimal:
    return Decimal(aim) / 10


def _id(index: int) -> str:
    return f"{index // 10 + 1}.{index % 10 + 1}"


def _make() -> tuple[tuple[Need, ...], tuple[_Fact, ...]]:
    needs: list[Need] = []
    facts: list[_Fact] = []

    def need(*rest: Any, **more: Any) -> None:
        needs.append(Need(_id(len(needs)), *rest, **more))

    # Aims are in tenths of a percent.
    for i, (minimum, partial) in enumerate(
        [(500, 400), (300, 150), (700, 600), (425, 300), (600, 450), (350, 275), (800, 700), (555, 505)] * 2
    ):
        group = len(needs)
        aims = (group, minimum, partial, 400 if i == 15 else 200, 140)
        if i < 15:
            top: tuple[str, ...] = (f"posts_{i:02}",)
            facts.append(_Fact(top[0], "part", *aims, stock=True))
        else:
            top = ("own_posts", "hired_posts")
            facts += [
                _Fact(top[0], "tenths", *aims, stock=True),
                _Fact(top[1], "rest", *aims, stock=True),
            ]
        whole = f"all_posts_{i:02}"
        facts.append(_Fact(whole, "small whole" if i == 15 else "whole", *aims, stock=True))
        need("share", top, (whole,), _percent(minimum), _percent(partial), above=i % 2 == 0)
    # Aims are contacts a month and a million listed; a contract says so many a year and a thousand.
    contacts_aims = [(2500, 2000), (1850, 1450), (3350, 2750), (1225, 1100)]
    contacts_aims += [(4150, 3200), (2225, 1875), (2775, 2075), (3850, 3275)]
    for i, (minimum, partial) in enumerate(contacts_aims):
        listed = f"listed_{i // 2}"
        if i % 2 == 0:
            facts.append(_Fact(listed, "listed", 100 + i // 2, 0, 0, 0, 1, type="count", stock=True))
        contacts = f"contacts_{i}"
        facts.append(_Fact(contacts, "flow", 100 + i // 2, minimum, partial, 1000, 3500))
        scale = Decimal(MONTHS) / 1000
        need("rate", (contacts,), (listed,), minimum * scale, partial * scale, above=i % 2 == 1)
    for i, (minimum, partial) in enumerate(
        [(467, 403), (700, 611), (333, 307), (851, 799), (581, 529), (907, 877)]
    ):
        name = f"answered_{i}"
        facts.append(_Fact(name, "mean", len(needs), minimum, partial, 300, 650, type="percent"))
        need(
            "mean",
            (name,),
            (),
            _percent(minimum),
            _percent(partial),
            above=i == 0,
            coverage=9 if i == 5 else MONTHS,
        )
    for i, (minimum, partial) in enumerate([(333, 267), (703, 601), (419, 381), (557, 501)]):
        name = f"hours_{i}"
        facts.append(_Fact(name, "mean", len(needs), minimum, partial, 200, 550))
        need("total", (name,), (), MONTHS * _percent(minimum), MONTHS * _percent(partial), above=i == 1)
    for i in range(2):
        need("last", (f"listed_{i}",), (), Decimal(6000), Decimal(4000))
    facts += [_Fact(f"evenings_{i}", "yes", 40 + i // 2, 90, 70, 40, 60, type="yes_no") for i in range(3)]
    need("met", ("evenings_0", "evenings_1"), (), Decimal("87.5"), Decimal("62.5"))
    need("met", ("evenings_2",), (), Decimal(75), Decimal(50))
    facts.append(_Fact("lowest", "least", len(needs), 601, 503, 450, 250, type="percent"))
    need("min", ("lowest",), (), Decimal("60.1"), Decimal("50.3"))
    facts.append(_Fact("same_day", "good", len(needs), 150, 110, 60, 200, type="percent"))
    need("months", ("same_day",), (), Decimal(75), Decimal(50))
    return tuple(needs), tuple(facts)


NEEDS, _FACTS = _make()
FACTS = tuple(fact.name for fact in _FACTS)
OBSERVATIONS_A_UNIT = len(FACTS) * MONTHS
"""With the missing ones."""


# The observations ------------------------------------------------------------------------------------

# murmur3's finalizer over 32 bits: whole numbers only, so that a seed means the same on every machine and version.
_SCRAMBLE = """
CREATE MACRO stir_1(x) AS (xor(x, x >> 16) * 2246822507::UBIGINT) & 4294967295::UBIGINT;
CREATE MACRO stir_2(x) AS (xor(x, x >> 13) * 3266489909::UBIGINT) & 4294967295::UBIGINT;
CREATE MACRO stir_3(x) AS xor(x, x >> 16);
CREATE MACRO draw(seed, what, u, g, m) AS stir_3(stir_2(stir_1(
    (seed + what * 40503::UBIGINT + u * 2654435761::UBIGINT + g * 97531357::UBIGINT + m * 7919::UBIGINT)
    & 4294967295::UBIGINT)));
"""

# From a row's number to its unit, fact and month, and to a value in millionths. The swings of two months cancel out.
_MAKE = """
WITH row AS (
    SELECT
        (i // ({months} * {facts}))::UBIGINT AS u,
        (i // {months} % {facts})::UBIGINT AS f,
        (i % {months})::UBIGINT AS m
    FROM range({first} * {months} * {facts}, {stop} * {months} * {facts}) AS t(i)
), drawn AS (
    SELECT
        u, f, m, name, role, yes_no,
        draw({seed}, 1, u, g, m) AS d,
        (draw({seed}, 2, u, g, m // 2) % 9)::BIGINT * (CASE WHEN m % 2 = 0 THEN 1 ELSE -1 END) AS swing,
        CASE draw({seed}, 3, u, f0, 0) % 16
            WHEN 0 THEN passing
            WHEN 1 THEN passing
            WHEN 2 THEN partial
            ELSE low + (draw({seed}, 4, u, f0, 0) % steps) * 5 // (CASE WHEN steps < 200 THEN 1 ELSE 5 END)
        END::BIGINT AS aim,
        (draw({seed}, 5, u, g, 0) % 8000)::BIGINT AS size,
        draw({seed}, 6, u, f, m) % 250 = 0 AS cell_missing,
        draw({seed}, 7, u, 0, 0) % 40 = 0 AND draw({seed}, 8, u, 0, m) % 4 = 0 AS month_missing
    FROM row JOIN recipe USING (f)
), made AS (
    SELECT
        u, m, f, name, yes_no,
        CASE role
            WHEN 'whole' THEN (50 + d % 80)::BIGINT * 100000
            WHEN 'part' THEN (50 + d % 80)::BIGINT * aim * 100 + swing * 100000
            WHEN 'small whole' THEN (6 + d % 30)::BIGINT * 100000
            WHEN 'tenths' THEN (1 + d // 64 % 2)::BIGINT * 100000
            WHEN 'rest' THEN (6 + d % 30)::BIGINT * aim * 100 - (1 + d // 64 % 2)::BIGINT * 100000
            WHEN 'listed' THEN (2000 + size + (d % 100)::BIGINT) * 1000000
            WHEN 'flow' THEN (2000 + size + (d % 100)::BIGINT) * aim + swing * 100000
            WHEN 'mean' THEN aim * 100000 + swing * 170000
            WHEN 'yes' THEN (CASE WHEN draw({seed}, 9, u, f, m) % 100 < aim THEN 1000000 ELSE 0 END)
            WHEN 'least' THEN (aim + (d % 30)::BIGINT) * 100000
            WHEN 'good' THEN (850 + d % aim::UBIGINT)::BIGINT * 100000
        END AS millionths
    FROM drawn
    WHERE NOT cell_missing AND NOT month_missing
)
"""
_VALUE = "CAST(millionths::DECIMAL(12, 0) * 0.000001::DECIMAL(6, 6) AS DECIMAL(18, 6))"
_NAMED = """
SELECT printf('U%06d', u + 1) AS unit, name AS fact,
    printf('%d-%02d', 2024 + (m // 12)::BIGINT, m % 12 + 1) AS period, {value} AS value
FROM made
"""
_WRITTEN = (
    "CASE WHEN yes_no THEN (CASE WHEN millionths > 0 THEN 'yes' ELSE 'no' END) "
    f"ELSE rtrim(rtrim({_VALUE}::VARCHAR, '0'), '.') END"
)


class Workload(NamedTuple):
    """So many units, made from a seed.

    `exact_grades` knows what is right of the whole contract over `MONTHS`; fewer or more requirements and months are
    there to see what the engine makes of them.
    """

    units: int
    seed: int = 1
    months: int = MONTHS
    requirements: int = len(NEEDS)

    @property
    def unit_ids(self) -> list[str]:
        return [f"U{number + 1:06}" for number in range(self.units)]

    @property
    def findings(self) -> int:
        return self.units * self.requirements

    @property
    def needs(self) -> tuple[Need, ...]:
        """The contract's requirements: of fewer than all, some of each kind; of more, the same again."""
        step = max(len(NEEDS) // self.requirements, 1)
        chosen = [NEEDS[index * step % len(NEEDS)] for index in range(self.requirements)]
        return tuple(
            need._replace(id=_id(index), coverage=need.coverage if self.months >= MONTHS else MONTHS)
            for index, need in enumerate(chosen)
        )

    @property
    def period_labels(self) -> list[str]:
        return [f"{2024 + month // 12}-{month % 12 + 1:02}" for month in range(self.months)]

    def table(self, chunk: int = 1000) -> pa.Table:
        """The observations by unit, fact and month: names as dictionaries, 22 bytes a row."""
        facts, periods = pa.array(FACTS), pa.array(self.period_labels)
        batches: list[pa.Table] = []
        with duckdb.connect() as connection:
            _prepare(connection)
            for first in range(0, self.units, chunk):
                stop = min(first + chunk, self.units)
                made = connection.sql(
                    f"{self._rows(first, stop)} SELECT (u - {first})::USMALLINT AS u, f::UTINYINT AS f, "  # noqa: S608
                    f"m::UTINYINT AS m, {_VALUE} AS value FROM made"
                ).to_arrow_table()
                made = made.combine_chunks()
                units = pa.array([f"U{number + 1:06}" for number in range(first, stop)])
                names = [units, facts, periods]
                columns = [
                    pa.DictionaryArray.from_arrays(made.column(index).chunk(0).cast(pa.int32()), values)
                    if index == 0
                    else pa.DictionaryArray.from_arrays(made.column(index).chunk(0), values)
                    for index, values in enumerate(names)
                ]
                batches.append(
                    pa.table([*columns, made.column(3)], names=["unit", "fact", "period", "value"])
                )
        return pa.concat_tables(batches)

    def write_parquet(self, file: Path, table: pa.Table | None = None) -> None:
        """The observations by unit, fact and month, as DuckDB writes them; from their table, if it is there."""
        self._copy(file, _VALUE, "FORMAT parquet, ROW_GROUP_SIZE 122880", table)

    def write_csv(self, file: Path) -> None:
        """The observations as a portfolio has them: yes and no in words, no zeros that say nothing."""
        self._copy(file, _WRITTEN, "FORMAT csv, HEADER")

    def write(
        self, folder: Path, observations: str | None = "observations.csv", table: pa.Table | None = None
    ) -> Path:
        """A library and a portfolio; the observations too, if a name for them is given that ends in .csv or .parquet.

        With `table`, the observations in memory, Parquet is written from them.

        Returns:
            The portfolio's folder, which holds the rules and the contract as well.
        """
        (folder / "rules").mkdir(parents=True)
        (folder / "contracts").mkdir()
        (folder / "rules/facts.yaml").write_text(_facts_file(), "utf-8")
        for name, text in _rule_files(self.needs).items():
            (folder / "rules" / name).write_text(text, "utf-8")
        (folder / "contracts/bench.yaml").write_text(_contract_file(self), "utf-8")
        (folder / "units.csv").write_text("\n".join(["unit", *self.unit_ids, ""]), "utf-8")
        portfolio = f"contract: bench\nunits: units.csv\nobservations: [{observations or ''}]\n"
        if observations is not None:
            if observations.endswith(".csv"):
                self.write_csv(folder / observations)
            else:
                self.write_parquet(folder / observations, table)
        (folder / "portfolio.yaml").write_text(portfolio, "utf-8")
        return folder

    def _rows(self, first: int, stop: int) -> str:
        seed = f"{self.seed % 2**32}::UBIGINT"
        return _MAKE.format(facts=len(FACTS), months=self.months, first=first, stop=stop, seed=seed)

    def _copy(self, file: Path, value: str, how: str, table: pa.Table | None = None) -> None:
        with duckdb.connect() as connection:
            if table is None:
                _prepare(connection)
                rows = self._rows(0, self.units) + _NAMED.format(value=value)
            else:
                connection.register("made", table)
                rows = "FROM made"
            connection.execute(f"COPY ({rows}) TO '{str(file).replace(chr(39), chr(39) * 2)}' ({how})")


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_SCRAMBLE)
    connection.execute(
        "CREATE TABLE recipe (f UBIGINT, name VARCHAR, role VARCHAR, g UBIGINT, f0 UBIGINT, passing BIGINT, "
        "partial BIGINT, low BIGINT, steps BIGINT, yes_no BOOLEAN)"
    )
    rows = []
    for number, fact in enumerate(_FACTS):
        # A share's facts must share their aim; a rate's facts share the number of the listed only.
        aim = 1000 + fact.group if fact.group < 100 else number
        rows.append(
            (
                *(number, fact.name, fact.role, fact.group, aim),
                *(fact.passing, fact.partial, fact.low, fact.steps, fact.type == "yes_no"),
            )
        )
    connection.executemany("INSERT INTO recipe VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


# The library -----------------------------------------------------------------------------------------


def _facts_file() -> str:
    lines = ["facts:"]
    for fact in _FACTS:
        title = fact.name.replace("_", " ").capitalize()
        stock = ", stock: yes" if fact.stock else ""
        lines.append(f"  {fact.name}: {{title: {title}, type: {fact.type}, per: month{stock}}}")
    return "\n".join([*lines, ""])


_MEASURES = {
    "share": "{{share: [{top}], of: [whole]}}",
    "rate": "{{rate: [{top}], per: [whole], scale: 1000}}",
    "mean": "{{value: {top}{coverage}}}",
    "total": "{{value: {top}, over: total}}",
    "last": "{{value: {top}, over: last}}",
    "met": "{{met: [{top}]}}",
    "min": "{{value: {top}, over: min}}",
    "months": f"{{{{months: {{top}}, at_least: {GOOD_MONTH}}}}}",
}


def _takes(need: Need) -> dict[str, str]:
    tops = ("part",) if len(need.top) == 1 else tuple(f"part_{i + 1}" for i in range(len(need.top)))
    return dict(zip((*tops, *(("whole",) if need.bottom else ())), need.facts, strict=True))


def _rule_files(needs: Sequence[Need]) -> dict[str, str]:
    files = {"shares.yaml": ["rules:"], "values.yaml": ["rules:"]}
    for rule, need in {need.rule: need for need in needs}.items():
        names = list(_takes(need))
        coverage = f", coverage: {need.coverage}" if need.coverage < MONTHS else ""
        top = ", ".join(name for name in names if name != "whole")
        files["shares.yaml" if need.bottom else "values.yaml"] += [
            f"  {rule}:",
            f"    title: {rule.replace('_', ' ').capitalize()}",
            f"    takes: [{', '.join(names)}]",
            f"    measure: {_MEASURES[need.kind].format(top=top, coverage=coverage)}",
            "    parameters: {minimum: null, partial_from: null}",
            "    grade:",
            f"      pass: {{{'above' if need.above else 'at_least'}: minimum}}",
            "      partial: {at_least: partial_from}",
        ]
    return {name: "\n".join([*lines, ""]) for name, lines in files.items()}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _contract_file(workload: Workload) -> str:
    first, *_, last = workload.period_labels
    period = "2024" if workload.months == MONTHS else f"{{from: {first}, to: {last}}}"
    lines = [
        "id: bench",
        "title: {sv: Mätning, en: Benchmark}",
        f"period: {period}",
        "documents: {terms: {title: {sv: Underlag, en: Terms}}}",
        "requirements:",
    ]
    for index, need in enumerate(workload.needs):
        bind = ", ".join(f"{name}: {fact}" for name, fact in _takes(need).items())
        lines += [
            f'  - id: "{need.id}"',
            f"    title: {need.rule.replace('_', ' ').capitalize()} {need.id}",
            f"    rule: {need.rule}",
            f"    with: {{{bind}}}",
            f"    obligation: {('must', 'target', 'monitor')[index % 3]}",
            f"    parameters: {{minimum: {_plain(need.minimum)}, partial_from: {_plain(need.partial_from)}}}",
            f'    source: {{document: terms, section: "{need.id}", quote: as asked for here}}',
        ]
    return "\n".join([*lines, ""])


# The reference ---------------------------------------------------------------------------------------


class Total(NamedTuple):
    """A unit's fact over the months: whole numbers in millionths, and what a sum of doubles gives.

    `last` is the last month's value, or None where it is missing; `good` counts the months of at least `GOOD_MONTH`.
    """

    months: int
    exact: int
    approximate: float
    last: int | None
    least: int
    good: int


Totals = Mapping[str, Total]


def totals(rows: Iterable[tuple[str, str, str, Decimal]]) -> dict[str, dict[str, Total]]:
    """Each unit's facts, summed in plain Python. The rows of a unit's fact come in the order of the months."""
    found: dict[str, dict[str, Total]] = {}
    for unit, fact, period, value in rows:
        millionths = int(value.scaleb(6))
        was = found.setdefault(unit, {}).get(fact) or Total(0, 0, 0.0, None, millionths, 0)
        found[unit][fact] = Total(
            was.months + 1,
            was.exact + millionths,
            was.approximate + float(value),
            millionths if period == "2024-12" else was.last,
            min(was.least, millionths),
            was.good + (value >= GOOD_MONTH),
        )
    return found


def totals_of_many(observations: pa.Table) -> Iterator[tuple[str, dict[str, Total]]]:
    """The same, by unit, for tables that are too long for plain Python; needs them sorted by unit, as they are made."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("observations", observations)
        result = connection.execute(f"""
            SELECT unit, fact, count(*), (sum(value) * 1000000)::HUGEINT, sum(value::DOUBLE),
                (max(value) FILTER (period = '2024-12') * 1000000)::BIGINT, (min(value) * 1000000)::BIGINT,
                count(*) FILTER (value >= {GOOD_MONTH})
            FROM observations GROUP BY unit, fact ORDER BY unit
        """)  # noqa: S608
        unit, facts = None, dict[str, Total]()
        while rows := result.fetchmany(60_000):
            for id_, fact, *rest in rows:
                if id_ != unit:
                    if unit is not None:
                        yield unit, facts
                    unit, facts = id_, {}
                facts[fact] = Total(*rest)
        if unit is not None:
            yield unit, facts


def measure(need: Need, facts: Totals) -> tuple[int, int] | None:
    """The exact fraction as (numerator, denominator), or None where too little is known."""
    known = [facts.get(fact) for fact in need.facts]
    top = 0
    bottom = 0
    for index, total in enumerate(known):
        if need.kind == "last":
            return None if total is None or total.last is None else (total.last, MILLION)
        if total is None or total.months < need.coverage:
            return None
        if index < len(need.top):
            top += total.exact
        else:
            bottom += total.exact
    first = known[0]
    assert first is not None
    match need.kind:
        case "share":
            return 100 * top, bottom
        case "rate":
            # The contacts are summed, the listed are averaged.
            return 1000 * MONTHS * top, bottom
        case "mean":
            return top, first.months * MILLION
        case "total":
            return top, MILLION
        case "met":
            return 100 * top, len(need.top) * MONTHS * MILLION
        case "min":
            return first.least, MILLION
        case _:
            return 100 * first.good, MONTHS


def _grade(need: Need, facts: Totals) -> str:
    fraction = measure(need, facts)
    if fraction is None:
        return "unknown"
    top, bottom = fraction
    top *= MILLION
    pass_at, partial_at = (int(t.scaleb(6)) * bottom for t in (need.minimum, need.partial_from))
    if top > pass_at or (top == pass_at and not need.above):
        return "pass"
    return "partial" if top >= partial_at else "fail"


def exact_grades(facts: Totals, needs: Sequence[Need] = NEEDS) -> list[str]:
    """One unit's grades, in the order of the requirements."""
    return [_grade(need, facts) for need in needs]


def threshold_hits(units: Mapping[str, Totals], needs: Sequence[Need] = NEEDS) -> dict[str, int]:
    """For each requirement, how many units have a value that is exactly one of its thresholds."""
    hits = dict.fromkeys((need.id for need in needs), 0)
    for facts in units.values():
        for need in needs:
            fraction = measure(need, facts)
            if fraction is not None:
                top, bottom = fraction
                hits[need.id] += any(top == limit * bottom for limit in (need.minimum, need.partial_from))
    return hits
