"""Observations in columns are graded as the same observations in files are.

COMPLIANCE_EXAMPLES sets how many random cases are tried.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import compliance
from compliance.assessment import open_portfolio
from compliance.data.portfolio import Portfolio
from compliance.engine import batch
from compliance.engine.batch import COLUMNS, Batch, grade
from compliance.problems import InputError, Problem, Problems
from compliance.words import decimal_of
from tests.oracle import evaluator
from tests.oracle.strategies import Case, cases
from tests.oracle.writer import write
from tests.small import small
from tests.test_engine_agrees_with_fractions import EXAMPLES, RANDOM_CASES

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

SOME_CASES = settings(RANDOM_CASES, max_examples=max(1, EXAMPLES // 3))
FEW_CASES = settings(RANDOM_CASES, max_examples=max(1, EXAMPLES // 6))

WORDS = ("text", "opening_hours", "choice", "date")
"""Types whose values are no numbers, so that a column of numbers can't hold them."""

Told = list[tuple[Any, ...]]


class Row(NamedTuple):
    """One observation."""

    unit: str | None
    fact: str | None
    period: str | None
    value: Decimal | int | None
    via: str | None = None
    quality: str | None = None


# Observations in columns -------------------------------------------------------------------------


def table_of(
    rows: Iterable[Row], *, texts: Any = None, value: Any = None, qualified: bool = True, chunks: int = 1
) -> Any:
    """The rows as an Arrow table.

    Args:
        texts, value: the columns' types.
        qualified: with via and quality.
    """
    held = list(rows)
    names = Row._fields if qualified else Row._fields[:4]
    types = {name: pyarrow.string() if texts is None else texts for name in names}
    types["value"] = pyarrow.decimal128(18, 6) if value is None else value

    def one(part: Sequence[Row]) -> Any:
        columns = [column_of([getattr(row, name) for row in part], type_) for name, type_ in types.items()]
        return pyarrow.table(columns, names=list(types))

    step = max(1, -(-len(held) // chunks))
    parts = [one(held[at : at + step]) for at in range(0, max(1, len(held)), step)]
    return pyarrow.concat_tables(parts)


def column_of(values: list[Any], type_: Any) -> Any:
    if pyarrow.types.is_dictionary(type_):
        return pyarrow.array(values, type_.value_type).dictionary_encode()
    return pyarrow.array(values, type_)


def told(table: Any) -> Told:
    """The findings in an Arrow table, one by one."""
    assert tuple(table.column_names) == COLUMNS
    return [tuple(row[name] for name in COLUMNS) for row in table.to_pylist()]


def audited(audit: compliance.Audit) -> Told:
    """The same of an audit."""
    return [tuple(record[name] for name in COLUMNS) for record in audit.findings.records()]


def a_file(folder: Path, table: Any, name: str = "observations.parquet") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, folder / name, row_group_size=10)
    return folder / name


@contextmanager
def parts_of(rows: int, units: int) -> Iterator[None]:
    """So few rows are read, and so few units graded, at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "PART", rows)
        patch.setattr(batch, "TOGETHER", units)
        yield


# Random portfolios -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """A random case whose observations are numbers: what the audit says of it, and the rows."""

    portfolio: Portfolio
    expected: Told
    rows: list[Row]
    facts: dict[str, str]

    @property
    def plain(self) -> bool:
        """No row is met through others or doubtful."""
        return not any(row.via or row.quality for row in self.rows)

    def labelled(self) -> list[Row]:
        """The rows, with a period in each."""
        period = self.portfolio.period
        label = {"year": str(period.year), "period": period.label}
        return [row._replace(period=row.period or label.get(self.facts[row.fact or ""])) for row in self.rows]


def as_row(case: Case, written: dict[str, Any]) -> Row | None:
    """An observation as a number; None where it can't be one."""
    fact = evaluator.fact_of(written["fact"], case.facts[written["fact"]])
    if fact.type in WORDS:
        return None
    text, value = written["value"], None
    if text:
        read = evaluator.value(fact, text)
        if not isinstance(read, Fraction):
            return None
        value = decimal_of(read)
    via, quality = written["via"] or None, written["quality"] or None
    return Row(written["unit"], written["fact"], written["period"], value, via, quality)


@contextmanager
def opened(case: Case) -> Iterator[Opened]:
    """The case without the observations that aren't numbers, in files."""
    both = [(written, as_row(case, written)) for written in case.portfolio["observations"]]
    kept = [written for written, row in both if row is not None]
    case = replace(case, portfolio={**case.portfolio, "observations": kept})
    as_of = None if case.as_of is None else date.fromisoformat(case.as_of)
    with tempfile.TemporaryDirectory() as folder:
        folders = write(case, Path(folder))
        audit = compliance.audit(folders.portfolio, library=folders.library, as_of=as_of)
        portfolio = open_portfolio(folders.portfolio, folders.library, as_of)
        per = {name: fact["per"] for name, fact in case.facts.items()}
        yield Opened(portfolio, audited(audit), [row for _, row in both if row is not None], per)


def text_types() -> st.SearchStrategy[Any]:
    string, large = pyarrow.string(), pyarrow.large_string()
    coded = [pyarrow.dictionary(pyarrow.int32(), text) for text in (string, large)]
    return st.sampled_from([string, large, *coded])


@SOME_CASES
@given(cases(), text_types(), st.integers(1, 3))
def test_columns_are_graded_as_files_are(case: Case, texts: Any, chunks: int) -> None:
    with opened(case) as given, Batch(given.portfolio) as ready:
        for grade_ in sorted({row[4] for row in given.expected}):
            event(grade_)
        assert given.expected == told(ready.grade(table_of(given.rows, texts=texts, chunks=chunks)))
        if given.plain:  # nothing keeps it from being summed as it is read
            event("plain")
            labelled = table_of(given.labelled(), texts=texts, qualified=False, chunks=chunks)
            assert given.expected == told(ready.grade(labelled))


@FEW_CASES
@given(cases(), st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 3), text_types())
def test_neither_order_nor_files_nor_parts_matter(
    case: Case, seed: int, size: int, units: int, texts: Any
) -> None:
    random = Random(seed)
    with (
        opened(case) as given,
        Batch(given.portfolio) as ready,
        tempfile.TemporaryDirectory() as folder,
        parts_of(size, units),
    ):
        ways = [(given.rows, True), *([(given.labelled(), False)] if given.plain else [])]
        for number, (rows, qualified) in enumerate(ways):
            mixed = random.sample(rows, len(rows))
            at = Path(folder) / str(number)
            table = table_of(mixed, texts=texts, qualified=qualified)
            assert given.expected == told(ready.grade(table))
            assert given.expected == told(ready.grade(a_file(at / "whole", table)))
            for file in range(3):
                some = table_of(mixed[file::3], texts=texts, qualified=qualified)
                a_file(at / "folder" / f"deeper{file % 2}", some, f"part{file}.parquet")
            assert given.expected == told(ready.grade(str(at / "folder")))


# Observations that can't be summed as they are read ----------------------------------------------

SHARE = """
    measure: {share: [a], of: [b]}
    parameters: {minimum: 50, partial_from: 40}
    grade: {pass: {above: minimum}, partial: {at_least: partial_from}}
"""
VISITS = "measure: {value: visits, over: total}\ngrade: {pass: {at_least: 10}}"
ANSWERED = "measure: {answered: [visits]}\ngrade: {pass: {at_least: 100}}"
LISTED = "measure: {value: listed}\ngrade: {pass: {at_least: 10}}"
COORDINATED = "measure: {value: coordinator}\ngrade: {pass: {at_least: yes}}"
QUEUED = "measure: {value: queue, over: total}\ngrade: {pass: {at_most: 10}}"
MORE_FACTS = """
  listed: {title: Listed, type: number, per: month, range: [0, 100]}
  queue: {title: Queue, type: count, per: month, default: 0}
  staff: {title: Staff, type: number, per: year}
  beds: {title: Beds, type: number, per: period}
  note: {title: Note, type: text, per: period}
  often: {title: How often, type: choice, options: [never, always], per: year}
  open_late: {title: Open late, type: yes_no, per: month}
"""
SAID = {
    "coordinator": {0: "no", 1: "yes"},
    "open_late": {0: "no", 1: "yes"},
    "answer": {0: "not", 1: "partly", 2: "fully"},
}
THREE_UNITS = "unit,name\nU1,Enhet 1\nU2,Enhet 2\nU3,Enhet 3\n"


def months(unit: str, fact: str, value: str, count: int = 12) -> list[Row]:
    """The same value for the first months of the year."""
    return [Row(unit, fact, f"2024-{month:02d}", Decimal(value)) for month in range(1, count + 1)]


def in_csv(row: Row) -> str:
    """The row as a file has it."""
    value = (
        "" if row.value is None else f"{row.value:f}" if isinstance(row.value, Decimal) else str(row.value)
    )
    if row.value is not None:
        value = SAID.get(row.fact or "", {}).get(int(row.value), value)
    return ",".join(
        (row.unit or "", row.fact or "", row.period or "", value, row.via or "", row.quality or "")
    )


class Graded(NamedTuple):
    """What comes out, each finding by its columns' names; and the problems."""

    findings: list[dict[str, Any]]
    problems: list[str]

    @property
    def one(self) -> dict[str, Any]:
        (finding,) = self.findings
        return finding


def written(folder: Path, rule: str, rows: Sequence[Row], **more: Any) -> Path:
    """A portfolio with the rows in a file."""
    at = small(folder, rule, "".join(f"{in_csv(row)},\n" for row in rows), **more)
    with (at / "rules" / "facts.yaml").open("a", encoding="utf-8") as facts:
        facts.write(MORE_FACTS)
    return at


def the_year_before(at: Path, rule: str, rows: Sequence[Row], agreed: str) -> None:
    """Gives a portfolio a predecessor, whose contract lies beside its own."""
    old = written(at.parent / "before", rule, rows, period="2023", portfolio=agreed)
    contract = (old / "contracts" / "c.yaml").read_text("utf-8").replace("id: c\n", "id: before\n")
    (at / "contracts" / "before.yaml").write_text(contract, "utf-8")
    for name in ("rules", "contracts"):
        rmtree(old / name)
    text = (old / "portfolio.yaml").read_text("utf-8").replace("contract: c\n", "contract: before\n")
    (old / "portfolio.yaml").write_text(text, "utf-8")
    with (at / "portfolio.yaml").open("a", encoding="utf-8") as portfolio:
        portfolio.write("previous: ../before\n")


def graded(
    folder: Path,
    rule: str,
    rows: Sequence[Row],
    before: Sequence[Row] = (),
    agreed_before: str = "",
    **more: Any,
) -> Graded:
    """Grades rows in columns in several ways; all come to what the audit of the same rows in a file says."""
    at = written(folder / "portfolio", rule, rows, **more)
    if before:
        the_year_before(at, rule, before, agreed_before)
    audit = compliance.audit(at, library=at)
    expected = audited(audit)
    qualified = any(row.via is not None or row.quality is not None for row in rows)
    said: list[list[str]] = []
    with Batch(open_portfolio(at, at)) as ready:
        table, mixed = (table_of(each, qualified=qualified) for each in (rows, rows[::-1]))
        file = a_file(folder / "columns", table)
        parts = [a_file(folder / "parts", mixed.slice(at, 9), f"{at}.parquet") for at in (0, 9, 18)]
        ways = ((table, 1 << 24), (mixed, 7), (file, 1 << 24), (file, 7))
        for observations, size in (*ways, *([(parts[0].parent, 7)] if len(rows) <= 27 else [])):
            problems = Problems()
            with parts_of(size, 2 if size == 7 else size):
                assert expected == told(ready.grade(observations, problems))
            said.append([problem.message for problem in problems])
    assert all(each == said[0] for each in said)
    assert bool(audit.errors) == bool(said[0])
    return Graded([dict(zip(COLUMNS, row, strict=True)) for row in expected], said[0])


def test_what_is_said_twice_alike_counts_once(tmp_path: Path) -> None:
    rows = [*months("U1", "a", "3"), *months("U1", "b", "6")]
    found = graded(tmp_path, SHARE, [*rows, *rows[3:5]])
    assert ("partial", Decimal(50), []) == (found.one["grade"], found.one["value"], found.problems)


@pytest.mark.parametrize("kind", ["answered: [visits]", "value: visits, over: last, coverage: 3"])
def test_what_is_said_twice_counts_once_where_no_sums_are_made(tmp_path: Path, kind: str) -> None:
    rule = f"measure: {{{kind}}}\ngrade: {{pass: {{at_least: 4}}}}"
    rows = months("U1", "visits", "4", 6)
    assert graded(tmp_path, rule, [*rows, rows[1], rows[1]]).one["grade"] == "pass"


def test_a_requirement_of_some_months_does_not_hide_doubles_in_others(tmp_path: Path) -> None:
    """The rule sums half of the year; the condition asks for all of it."""
    rule = """
        measure: {value: visits, over: total}
        grade: {pass: {at_least: 10}}
        applies: {measure: {answered: [visits], window: 12}, at_least: 50}
    """
    rows = months("U1", "visits", "4")
    narrow = "period: {from: 2024-07, to: 2024-12}"
    found = graded(tmp_path, rule, [*rows, rows[1]], requirement=narrow)
    assert ("pass", Decimal(24)) == (found.one["grade"], found.one["value"])


def test_rows_that_contradict_each_other_are_unknown_and_reported(tmp_path: Path) -> None:
    rows = [*months("U1", "visits", "4"), Row("U1", "visits", "2024-05", Decimal(5))]
    found = graded(tmp_path, VISITS, rows)
    assert "unknown" == found.one["grade"]
    assert ["Rows contradict each other on 'visits'. Keep the right ones. Rows: 1."] == found.problems


def test_a_contradiction_of_one_unit_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    rows = [row for unit in ("U1", "U2") for row in months(unit, "visits", "4")]
    rows.append(Row("U2", "visits", "2024-05", Decimal(5)))
    found = graded(tmp_path, VISITS, rows, units=THREE_UNITS)
    assert ["pass", "unknown", "unknown"] == [finding["grade"] for finding in found.findings]
    assert 1 == len(found.problems)


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        (LISTED, Row("U1", "listed", "2024-07", Decimal("100.000001"))),
        (LISTED, Row("U1", "listed", "2024-07", Decimal("-0.000001"))),
        (VISITS, Row("U1", "visits", "2024-07", Decimal("3.5"))),
        (COORDINATED, Row("U1", "coordinator", "2024", Decimal(2))),
        (COORDINATED, Row("U1", "coordinator", "2024", Decimal(-1))),
        (COORDINATED.replace("coordinator", "answer").replace("yes", "fully"), Row("U1", "answer", "", 3)),
    ],
)
def test_a_value_that_cannot_be_is_unknown_and_reported(tmp_path: Path, rule: str, row: Row) -> None:
    others = [
        other for fact in ("listed", "visits") for other in months("U1", fact, "20") if other[:3] != row[:3]
    ]
    found = graded(tmp_path, rule, [*others, row])
    assert "unknown" == found.one["grade"]
    assert [
        f"Values of {row.fact!r} are outside its range, or aren't whole numbers where they should be. Rows: 1."
    ] == found.problems


def test_a_value_out_of_range_contradicts_nothing(tmp_path: Path) -> None:
    rows = [*months("U1", "listed", "20"), Row("U1", "listed", "2024-03", Decimal(101))]
    assert not any("contradict" in problem for problem in graded(tmp_path, LISTED, rows).problems)


@pytest.mark.parametrize("value", [None, Decimal(3)])
@pytest.mark.parametrize("unit", ["U4", "", None])
def test_a_unit_that_is_not_there_is_reported_and_no_empty_cell_is_sure(
    tmp_path: Path, unit: str | None, value: Decimal | None
) -> None:
    rows = months("U1", "queue", "1", 6)
    assert "pass" == graded(tmp_path / "before", QUEUED, rows).one["grade"]
    found = graded(tmp_path, QUEUED, [*rows, Row(unit, "queue", "2024-07", value)])
    assert "unknown" == found.one["grade"]
    (problem,) = found.problems
    assert problem.startswith(f"There is no unit {unit or ''!r} in the units' file. Rows: 1.")
    assert ("Did you mean 'U1'?" in problem) == (unit == "U4" and "Did you mean" in problem)


@pytest.mark.parametrize("period", ["2023-12", "2024", "2024-13", "2024-1", "", None, "2024-T1", "mars"])
def test_a_month_that_is_not_asked_for_is_reported(tmp_path: Path, period: str | None) -> None:
    found = graded(tmp_path, QUEUED, [*months("U1", "queue", "1", 6), Row("U1", "queue", period, Decimal(2))])
    assert "unknown" == found.one["grade"]
    said = f"{period or ''!r} isn't a period that this portfolio asks for. Rows: 1."
    assert [said] == found.problems


@pytest.mark.parametrize("qualified", [True, False])
@pytest.mark.parametrize("period", ["2023-12", "2024", "mars"])
def test_no_unit_s_empty_cells_are_sure_where_a_month_is_not_asked_for(
    tmp_path: Path, period: str, qualified: bool
) -> None:
    rows = [row for unit in ("U1", "U2", "U3") for row in months(unit, "queue", "1", 6)]
    strange = [*rows, Row("U3", "queue", period, Decimal(2))]
    at = written(tmp_path, QUEUED, rows, units=THREE_UNITS)
    with Batch(open_portfolio(at, at)) as ready:
        for units in (1, 3):
            with parts_of(7, units):
                for given, grade_ in ((rows, "pass"), (strange, "unknown")):
                    found = told(ready.grade(table_of(given, qualified=qualified)))
                    assert [grade_] * 3 == [finding[4] for finding in found]


@pytest.mark.parametrize("label", ["", None, "2024-T1"])
def test_empty_cells_are_sure_where_a_period_s_fact_has_no_label(tmp_path: Path, label: str | None) -> None:
    rule = "measure: {value: [queue, beds], over: last}\ngrade: {pass: {at_most: 10}}"
    rows = [Row(unit, "beds", label, Decimal(3), None, "good") for unit in ("U1", "U2", "U3")]
    found = graded(tmp_path, rule, rows, units=THREE_UNITS, period="2024-T1")
    assert [("pass", Decimal(3))] * 3 == [(finding["grade"], finding["value"]) for finding in found.findings]


@pytest.mark.parametrize("fact", ["staff", "beds"])
@pytest.mark.parametrize("label", ["2024", "2024-T1", "", None, "2024-02", "2023"])
@pytest.mark.parametrize("period", ["2024-T1", "2024", "2024-02"])
def test_yearly_and_period_facts_have_one_label_each(
    tmp_path: Path, period: str, label: str | None, fact: str
) -> None:
    rule = f"measure: {{value: {fact}}}\ngrade: {{pass: {{at_least: 2}}}}"
    found = graded(tmp_path, rule, [Row("U1", fact, label, Decimal(3))], period=period)
    right = not label or label == ("2024" if fact == "staff" else period)
    assert ("pass" if right else "unknown") == found.one["grade"]
    assert bool(found.problems) == (not right)


@pytest.mark.parametrize("label", ["2024-02", "", None, "2024"])
def test_the_month_of_a_portfolio_of_one_may_be_left_out(tmp_path: Path, label: str | None) -> None:
    rows = [Row("U1", "visits", label, Decimal(12))]
    found = graded(tmp_path, VISITS, rows, period="2024-02")
    assert ("unknown" if label == "2024" else "pass") == found.one["grade"]


def test_facts_that_the_contract_does_not_use_play_no_part(tmp_path: Path) -> None:
    rows = [*months("U1", "visits", "4"), *months("U1", "a", "3", 2), Row("U1", "a", "2024-01", Decimal(9))]
    with Batch(open_portfolio(at := written(tmp_path, VISITS, rows[:12]), at)) as ready:
        problems = Problems()
        other = Row("U1", "what_is_this", "never", Decimal(9))
        assert told(ready.grade(table_of(rows[:12]))) == told(ready.grade(table_of([*rows, other]), problems))
        assert [] == list(problems)


def test_a_null_is_no_observation(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    rows[4] = rows[4]._replace(value=None)
    found = graded(tmp_path, VISITS, rows)
    assert ("unknown", []) == (found.one["grade"], found.problems)


def test_a_null_is_an_empty_cell_where_there_is_a_default(tmp_path: Path) -> None:
    rows = [*months("U1", "queue", "1", 6), Row("U1", "queue", "2024-07", None)]
    found = graded(tmp_path, QUEUED, rows)
    assert ("pass", Decimal(6), []) == (found.one["grade"], found.one["value"], found.problems)


def test_a_null_beside_a_value_says_nothing(tmp_path: Path) -> None:
    rows = [*months("U1", "visits", "4"), Row("U1", "visits", "2024-07", None)]
    assert "pass" == graded(tmp_path, VISITS, rows).one["grade"]


@pytest.mark.parametrize(("via", "quality"), [("Ekens", None), (None, "doubtful"), (None, "fine")])
def test_words_about_a_value_that_is_not_there_are_reported(
    tmp_path: Path, via: str | None, quality: str | None
) -> None:
    found = graded(tmp_path, COORDINATED, [Row("U1", "coordinator", "2024", None, via, quality)])
    assert "unknown" == found.one["grade"]
    assert [
        "There is no value of 'coordinator' in some rows, only words about it. Rows: 1."
    ] == found.problems


AGREEMENTS = """
agreements:
  - {unit: U1, facts: [coordinator, answer], provider: Ekens, from: 2024-01-01}
  - {unit: U1, facts: [coordinator], provider: Ekens, from: 2023-01-01}
  - {unit: U1, facts: [coordinator], provider: Grans, from: 2023-01-01, to: 2024-11-30}
"""


@pytest.mark.parametrize(
    ("via", "grade_", "said"),
    [("Ekens", "pass", "Ekens"), ("Grans", "unknown", None), ("Other", "unknown", None), ("", "pass", None)],
)
def test_what_is_met_through_others_needs_an_agreement(
    tmp_path: Path, via: str, grade_: str, said: str | None
) -> None:
    found = graded(tmp_path, COORDINATED, [Row("U1", "coordinator", "", 1, via)], portfolio=AGREEMENTS)
    assert (grade_, said, []) == (found.one["grade"], found.one["via"], found.problems)


def test_what_is_met_through_others_may_count_as_not_met(tmp_path: Path) -> None:
    row = Row("U1", "coordinator", "", 1, "Ekens")
    found = graded(tmp_path, COORDINATED, [row], portfolio=AGREEMENTS, requirement="via_agreement: no")
    assert ("fail", None) == (found.one["grade"], found.one["via"])


def test_two_providers_of_the_same_are_a_contradiction(tmp_path: Path) -> None:
    rows = [Row("U1", "coordinator", "", 1, "Ekens"), Row("U1", "coordinator", "", 1)]
    found = graded(tmp_path, COORDINATED, rows, portfolio=AGREEMENTS)
    assert "unknown" == found.one["grade"]
    assert ["Rows contradict each other on 'coordinator'. Keep the right ones. Rows: 1."] == found.problems


def test_a_number_is_met_through_nobody(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    rows[2] = rows[2]._replace(via="Ekens")
    found = graded(tmp_path, VISITS, rows, portfolio=AGREEMENTS)
    assert "unknown" == found.one["grade"]
    assert [
        "'via' names another provider, and 'visits' is no yes/no or level fact. Rows: 1."
    ] == found.problems


@pytest.mark.parametrize(
    ("quality", "known", "wrong"),
    [("", True, False), ("good", True, False), ("doubtful", False, False), ("fine", False, True)],
)
def test_only_a_good_value_counts(tmp_path: Path, quality: str, known: bool, wrong: bool) -> None:
    rows = months("U1", "visits", "4")
    rows[2] = rows[2]._replace(quality=quality)
    found = graded(tmp_path, VISITS, rows)
    assert ("pass" if known else "unknown") == found.one["grade"]
    said = ["The quality of 'visits' is neither doubtful nor good in some rows. Rows: 1."]
    assert (said if wrong else []) == found.problems


def test_a_doubtful_value_has_no_default(tmp_path: Path) -> None:
    rows = [Row("U1", "queue", "2024-03", Decimal(1), None, "doubtful")]
    assert "unknown" == graded(tmp_path, QUEUED, rows).one["grade"]


@pytest.mark.parametrize("fact", ["hours", "report", "note", "often"])
def test_what_is_no_number_cannot_stand_in_a_column_of_numbers(tmp_path: Path, fact: str) -> None:
    rule = f"measure: {{answered: [{fact}]}}\ngrade: {{pass: {{at_least: 100}}}}"
    at = written(tmp_path, rule, [])
    for qualified in (True, False):
        table, problems = table_of([Row("U1", fact, "2024", Decimal(1))], qualified=qualified), Problems()
        assert ["fail"] == [row[4] for row in told(grade(open_portfolio(at, at), table, problems))]
        (problem,) = problems
        assert problem.message.startswith(f"{fact!r} can't be a number in a column.")


@pytest.mark.parametrize("rows", [[], months("U2", "visits", "4"), months("U1", "a", "4")])
def test_units_without_rows_are_unknown(tmp_path: Path, rows: list[Row]) -> None:
    found = graded(tmp_path, VISITS, rows, units=THREE_UNITS)
    assert ["U1", "U2", "U3"] == [finding["unit"] for finding in found.findings]
    grades = {row.unit: "pass" for row in rows if row.fact == "visits"}
    assert [grades.get(unit, "unknown") for unit in ("U1", "U2", "U3")] == [
        f["grade"] for f in found.findings
    ]


def test_empty_cells_of_an_empty_table_have_their_default(tmp_path: Path) -> None:
    assert ("pass", Decimal(0)) == (
        (found := graded(tmp_path, QUEUED, []).one)["grade"],
        found["value"],
    )


def test_a_contract_that_concerns_nobody_has_no_findings(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    assert [] == graded(tmp_path, VISITS, rows, requirement="for: {operator: private}").findings


# Large numbers and rounding ----------------------------------------------------------------------

BIG = "999999999999.999999"


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("over", ["total", "mean", "max", "min", "last"])
def test_the_largest_numbers_are_summed_exactly(tmp_path: Path, over: str, sign: str) -> None:
    rule = f"measure: {{value: a, over: {over}}}\ngrade: {{pass: {{at_least: 999999999999}}}}"
    more = "\nU2,Enhet 2\n"
    rows = [*months("U1", "a", sign + BIG), *months("U2", "a", "1000000")]
    found = graded(tmp_path, rule, rows, units="unit,name\nU1,Enhet 1" + more)
    first = found.findings[0]
    assert Decimal(sign + BIG) * (12 if over == "total" else 1) == first["value"]
    assert Decimal(sign + BIG) * (12 if over in ("total", "mean") else 1) == first["numerator"]


def test_large_shares_and_weights_are_exact(tmp_path: Path) -> None:
    rule = """
        measure: {share: [{a: 1.5}, {b: -0.333333}], of: [a, {b: 0.000001}]}
        grade: {pass: {at_least: 50}}
    """
    graded(tmp_path, rule, [*months("U1", "a", BIG), *months("U1", "b", "-" + BIG)])


@pytest.mark.parametrize(
    ("first", "second", "mean"),
    [
        ("0.000001", "0", "0"),
        ("0.000001", "0.000002", "0.000002"),
        ("0.000003", "0.000002", "0.000002"),
        ("-0.000001", "0", "0"),
        ("-0.000001", "-0.000002", "-0.000002"),
        ("-0.000003", "-0.000002", "-0.000002"),
        (BIG, "999999999999.999998", "999999999999.999998"),
        ("-" + BIG, "-999999999999.999998", "-999999999999.999998"),
        ("999999999999.999998", "999999999999.999997", "999999999999.999998"),
    ],
)
def test_halves_are_rounded_to_even(tmp_path: Path, first: str, second: str, mean: str) -> None:
    rule = "measure: {value: a}\ngrade: {pass: {at_least: 1}}"
    rows = [Row("U1", "a", "2024-01", Decimal(first)), Row("U1", "a", "2024-02", Decimal(second))]
    period = "{from: 2024-01, to: 2024-02}"
    assert Decimal(mean) == graded(tmp_path, rule, rows, period=period).one["value"]


def test_sums_with_more_than_six_decimals_are_rounded_to_even_too(tmp_path: Path) -> None:
    rule = "measure: {share: [{a: 0.5}], of: [{b: 0.5}]}\ngrade: {pass: {at_least: 1}}"
    rows = [Row("U1", fact, "2024-01", Decimal(value)) for fact, value in (("a", "3e-8"), ("b", "0.000003"))]
    rows[0] = rows[0]._replace(value=Decimal("-0.000005"))
    found = graded(tmp_path, rule, rows, period="{from: 2024-01, to: 2024-01}").one
    assert Decimal("-0.00025") == found["numerator"]
    assert Decimal("0.000002") == found["denominator"]


@pytest.fixture(scope="module")
def rounding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """A batch whose findings' sums are those in the table `pair`."""
    at = written(tmp_path_factory.mktemp("rounding"), VISITS, [])
    with Batch(open_portfolio(at, at)) as ready:
        ready.connection.execute("CREATE TABLE pair (number INTEGER, top HUGEINT, bottom HUGEINT)")
        ready.connection.execute("""
            CREATE OR REPLACE VIEW finding AS
                SELECT 0 AS scenario, 0 AS portfolio, number AS unit, 0 AS requirement, 1 AS profile, 0 AS measure,
                    'info'::grade AS grade, 'info'::grade AS unwaived_grade, true AS enough, true AS known, top, bottom
                FROM pair""")
        yield ready


EDGES = st.sampled_from(
    [0, 1, 5, 10**6, 9 * 10**12 - 1, 9 * 10**12, 10**18, 2**63 - 1, 2**63, 10**25, 10**31]
)
TOPS = st.integers(-(10**31), 10**31) | st.integers(-3_000_000, 3_000_000) | EDGES
BOTTOMS = st.integers(1, 10**31) | st.integers(1, 3_000_000) | EDGES.map(lambda edge: edge or 2)
HALVES = st.integers(-(10**18), 10**18).map(lambda odd: (2 * odd + 1, 2_000_000))
UNITS = st.sampled_from([1, 10**6, 7 * 10**6, 10**12])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(TOPS, BOTTOMS) | HALVES, min_size=1, max_size=20), UNITS)
def test_quotients_are_rounded_as_findings_are(
    rounding: Batch, pairs: list[tuple[int, int]], unit: int
) -> None:
    rounding.connection.execute("DELETE FROM pair")
    rows = [(number, top, bottom) for number, (top, bottom) in enumerate(pairs)]
    rounding.connection.executemany("INSERT INTO pair VALUES (?, ?::HUGEINT, ?::HUGEINT)", rows)
    rounding.connection.execute("UPDATE lead SET unit = ?::HUGEINT", (unit,))
    found = rounding.connection.execute("FROM told_finding ORDER BY unit").fetchall()

    def rounded(top: int, bottom: int) -> int:
        return int(Fraction(decimal_of(Fraction(top, bottom))) * 10**6)

    expected = [(rounded(top, bottom), rounded(top, unit), rounded(bottom, unit)) for top, bottom in pairs]
    assert expected == [row[4:7] for row in found]


# How a column may be written ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_",
    [
        *(pyarrow.int8(), pyarrow.int16(), pyarrow.int32(), pyarrow.int64()),
        *(pyarrow.uint8(), pyarrow.uint16(), pyarrow.uint32(), pyarrow.uint64()),
        *(pyarrow.decimal128(18, 6), pyarrow.decimal128(7, 2), pyarrow.decimal128(18, 0)),
        *(getattr(pyarrow, name)(9, 2) for name in ("decimal32", "decimal64") if hasattr(pyarrow, name)),
        pyarrow.decimal128(3, 0),
        pyarrow.dictionary(pyarrow.int32(), pyarrow.decimal128(18, 6)),
    ],
    ids=str,
)
@pytest.mark.parametrize("extra", [True, False])
def test_values_may_be_whole_numbers_or_decimals_of_any_width(
    tmp_path: Path, type_: Any, extra: bool
) -> None:
    """Also where they are settled one by one."""
    rows = [row for unit in ("U1", "U2") for row in months(unit, "visits", "100")]
    at = written(tmp_path, VISITS, rows, units="unit,name\nU1,Enhet 1\nU2,Enhet 2\n")
    expected = audited(compliance.audit(at, library=at))
    if not pyarrow.types.is_decimal(getattr(type_, "value_type", type_)):
        rows = [row._replace(value=int(row.value or 0)) for row in rows]
    table = table_of([*rows, *(rows[:1] if extra else [])], value=type_, qualified=False)
    with Batch(open_portfolio(at, at)) as ready:
        assert expected == told(ready.grade(table))
        assert expected == told(ready.grade(a_file(tmp_path / "columns", table)))


@pytest.mark.parametrize("type_", [pyarrow.int64(), pyarrow.uint64(), pyarrow.decimal128(18, 0)], ids=str)
@pytest.mark.parametrize("value", [10**12, 10**17, 2**59])
def test_whole_numbers_that_are_too_large_are_unknown_and_reported(
    tmp_path: Path, type_: Any, value: int
) -> None:
    rows = [Row("U1", "visits", f"2024-{month:02d}", value if month == 5 else 1) for month in range(1, 13)]
    at = written(tmp_path, VISITS, rows)
    expected = audited(compliance.audit(at, library=at))
    assert "unknown" == expected[0][4]
    table = table_of(rows, value=type_)
    with Batch(open_portfolio(at, at)) as ready:
        for observations in (
            table,
            a_file(tmp_path / "columns", table),
            table.drop_columns(["via", "quality"]),
        ):
            problems = Problems()
            assert expected == told(ready.grade(observations, problems))
            assert ["outside its range" in problem.message for problem in problems] == [True]


@pytest.mark.parametrize(
    "texts",
    [
        *(pyarrow.string(), pyarrow.large_string(), pyarrow.string_view()),
        *(pyarrow.dictionary(pyarrow.int32(), text) for text in (pyarrow.string(), pyarrow.large_string())),
    ],
    ids=str,
)
def test_texts_may_be_dictionaries_with_names_that_nothing_has(tmp_path: Path, texts: Any) -> None:
    rows = [*months("U1", "visits", "4"), *months("U2", "visits", "1", 3)]
    at = written(tmp_path, VISITS, rows[:12])
    table = table_of(rows, texts=texts, qualified=False).slice(0, 12)  # U2 stays among the names
    problems = Problems()
    found = told(grade(open_portfolio(at, at), table, problems))
    assert audited(compliance.audit(at, library=at)) == found
    assert [] == list(problems)


def test_whatever_gives_arrow_is_taken(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    at = written(tmp_path, VISITS, [])
    table = table_of(rows, qualified=False)
    with Batch(open_portfolio(at, at)) as ready, duckdb.connect() as connection:
        for observations in (
            table.to_reader(),
            table.combine_chunks().to_batches()[0],
            connection.from_arrow(table),
            table_of([*rows, *rows], qualified=False).to_reader(),
        ):
            assert ("pass", Decimal(48)) == (found := told(ready.grade(observations))[0])[4:5] + found[6:7]


@pytest.mark.parametrize("observations", [None, 7, {"unit": ["U1"]}, [("U1", "visits", "2024-01", 4)]])
def test_what_gives_no_arrow_is_a_mistake_of_the_programme(ready: Batch, observations: Any) -> None:
    with pytest.raises(TypeError):
        ready.grade(observations)


def test_other_columns_play_no_part_and_their_order_neither(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    at = written(tmp_path, VISITS, rows)
    table = table_of(rows, qualified=False).select(["value", "period", "fact", "unit"])
    for name in ("comment", "source", "region", "slot", "id", "file_name"):
        table = table.append_column(name, pyarrow.array(["x"] * 12))
    portfolio = open_portfolio(at, at)
    assert "pass" == told(grade(portfolio, table))[0][4]
    assert "pass" == told(grade(portfolio, a_file(tmp_path / "columns", table)))[0][4]


def test_files_of_a_folder_may_differ_in_their_columns(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    at = written(tmp_path, VISITS, rows)
    folder = tmp_path / "columns"
    a_file(folder, table_of(rows[:4], qualified=False), "first.parquet")
    a_file(folder, table_of(rows[4:8]), "second.parquet")
    whole = [row._replace(value=4) for row in rows[8:]]
    last = a_file(folder, table_of(whole, value=pyarrow.int16(), qualified=False), "third.parquet")
    with Batch(open_portfolio(at, at)) as ready:
        assert ("pass", Decimal(48)) == (found := told(ready.grade(folder))[0])[4:5] + found[6:7]
        assert "unknown" == told(ready.grade([folder / "first.parquet", last]))[0][4]


# What can't be read ------------------------------------------------------------------------------


def a_table(**columns: Any) -> Any:
    """One good row, with other columns instead."""
    good = {name: pyarrow.array([name]) for name in ("unit", "fact", "period")}
    good["value"] = pyarrow.array([Decimal(1)], pyarrow.decimal128(18, 6))
    held = {name: column for name, column in (good | columns).items() if column is not None}
    return pyarrow.table(held)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    at = written(tmp_path_factory.mktemp("ready"), VISITS, [])
    with Batch(open_portfolio(at, at)) as made:
        yield made


def refused(ready: Batch, observations: Any) -> list[Problem]:
    """The reasons for which observations aren't taken; the next ones are graded all the same."""
    with pytest.raises(InputError) as caught:
        ready.grade(observations)
    problems = list(caught.value.problems)
    assert all(len(problem.message.splitlines()) == 1 for problem in problems)
    assert "pass" == told(ready.grade(table_of(months("U1", "visits", "4"), qualified=False)))[0][4]
    return problems


NAN = pyarrow.array([float("nan")])


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (NAN, "The column 'value' is of type double, which isn't exact. Make it DECIMAL(18,6)."),
        (NAN.cast("float32"), "The column 'value' is of type float, which isn't exact."),
        (pyarrow.array(["1"]), "The column 'value' is of type string, which isn't exact."),
        (pyarrow.array([True]), "The column 'value' is of type bool, which isn't exact."),
        (pyarrow.array([date(2024, 5, 1)]), "The column 'value' is of type date32[day], which isn't exact."),
        (pyarrow.nulls(1), "The column 'value' is of type null, which isn't exact."),
        (pyarrow.array([[1]]), "The column 'value' is of type list<item: int64>, which isn't exact."),
        (pyarrow.array([Decimal(1)], pyarrow.decimal128(38, 6)), "decimal128(38, 6). Make it DECIMAL(18,6)"),
        (pyarrow.array([Decimal(1)], pyarrow.decimal128(18, 7)), "decimal128(18, 7). Make it DECIMAL(18,6)"),
        (pyarrow.array([Decimal(1)], pyarrow.decimal256(18, 6)), "decimal256(18, 6). Make it DECIMAL(18,6)"),
        (NAN.dictionary_encode(), "The column 'value' is of type double, which isn't exact."),
    ],
    ids=lambda each: str(getattr(each, "type", "")),
)
def test_values_that_are_not_exact_are_refused(ready: Batch, tmp_path: Path, column: Any, why: str) -> None:
    table = a_table(value=column)
    (problem,) = refused(ready, table)
    assert why in problem.message
    assert "observations" == problem.place.file
    if not (pyarrow.types.is_decimal256(column.type) or pyarrow.types.is_nested(column.type)):
        (problem,) = refused(ready, a_file(tmp_path, table))
        assert why.partition(", which")[0] in problem.message
        assert "observations.parquet" == problem.place.file


@pytest.mark.parametrize("name", ["unit", "fact", "period", "via", "quality"])
def test_names_that_are_no_texts_are_refused(ready: Batch, name: str) -> None:
    (problem,) = refused(ready, a_table(**{name: pyarrow.array([1])}))
    assert f"The column {name!r} is of type int64. Make it text." == problem.message


@pytest.mark.parametrize("name", ["unit", "fact", "period", "value"])
def test_a_column_that_is_missing_is_named(ready: Batch, name: str) -> None:
    (problem,) = refused(ready, a_table(**{name: None}))
    said = f"The column {name!r} is missing. There must be unit, fact, period or value."
    assert said == problem.message


@pytest.mark.parametrize("name", ["unit", "value", "via"])
def test_a_column_that_stands_twice_is_refused(ready: Batch, tmp_path: Path, name: str) -> None:
    table = a_table(via=pyarrow.array([""]))
    table = table.append_column(name, table.column(name))
    for observations in (table, a_file(tmp_path, table)):
        (problem,) = refused(ready, observations)
        assert f"The column {name!r} stands there twice. Remove one of them." == problem.message


def test_all_faults_of_all_files_are_told_together(ready: Batch, tmp_path: Path) -> None:
    a_file(tmp_path, a_table(value=NAN, unit=None), "a.parquet")
    problems = refused(ready, tmp_path)
    assert 2 == len(problems)


def test_a_file_that_is_not_there_is_said_so(ready: Batch, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.parquet", str(tmp_path / "no" / "where")):
        (problem,) = refused(ready, path)
        assert "There is no such file or folder. Check the path." == problem.message
        assert Path(path).name == problem.place.file


@pytest.mark.parametrize(
    "content", [b"", b"unit,fact,period,value\n", b"PAR1", b"PAR1" + b"\0" * 40 + b"PAR1"]
)
def test_a_file_that_is_no_parquet_is_said_so(ready: Batch, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "observations.parquet"
    file.write_bytes(content)
    for path in (file, tmp_path, [file]):
        (problem,) = refused(ready, path)
        assert problem.message.startswith("This can't be read as a Parquet file (")
        assert str(tmp_path) not in problem.message


def test_no_files_at_all_are_said_so(ready: Batch) -> None:
    (problem,) = refused(ready, [])
    assert "There are no files to read. Name at least one." == problem.message


def test_a_folder_without_parquet_files_is_said_so(ready: Batch, tmp_path: Path) -> None:
    (tmp_path / "observations.csv").write_text("unit,fact,period,value\n", "utf-8")
    (tmp_path / "_SUCCESS").touch()
    (problem,) = refused(ready, tmp_path)
    assert "There are no Parquet files in this folder. Their names end in .parquet." == problem.message


@pytest.mark.parametrize("qualified", [True, False])
def test_a_file_that_is_damaged_inside_is_said_so(ready: Batch, tmp_path: Path, qualified: bool) -> None:
    rows = [row for index in range(400) for row in months(f"U{index}", "visits", "4")]
    file = a_file(tmp_path, table_of(rows, qualified=qualified))
    content = bytearray(file.read_bytes())
    content[4:-2000] = bytes(len(content) - 2004)
    file.write_bytes(content)
    (problem,) = refused(ready, file)
    assert problem.message.startswith("This can't be read as a Parquet file (")
    assert str(tmp_path) not in problem.message


def test_a_damaged_file_is_said_so_where_units_are_graded_some_at_a_time(tmp_path: Path) -> None:
    at = written(tmp_path / "portfolio", VISITS, [], units=THREE_UNITS)
    file = a_file(tmp_path, table_of(months("U1", "visits", "4") * 200, qualified=False))
    content = bytearray(file.read_bytes())
    content[4:200] = bytes(196)
    file.write_bytes(content)
    with parts_of(1 << 20, 1), Batch(open_portfolio(at, at)) as some:
        (problem,) = refused(some, file)
    assert problem.message.startswith("This can't be read as a Parquet file (")


def test_what_is_hidden_or_unfinished_in_a_folder_is_left_alone(ready: Batch, tmp_path: Path) -> None:
    table = table_of(months("U1", "visits", "4"), qualified=False)
    a_file(tmp_path / "all.parquet", table, "part-0.parquet")
    for folder in ("_temporary", ".hidden"):
        a_file(tmp_path / folder, table_of(months("U1", "visits", "5")), "part-0.parquet")
    (tmp_path / ".part-1.parquet").write_bytes(b"")
    problems = Problems()
    assert "pass" == told(ready.grade(tmp_path, problems))[0][4]
    assert [] == list(problems)


@pytest.mark.parametrize(
    "name",
    [
        "obs[1].parquet",
        "obs*.parquet",
        "what?.parquet",
        "period=2023/o.parquet",
        "unit=U9/o.parquet",
        "å ä 'ö'.parquet",
    ],
)
def test_a_path_is_taken_as_it_is(ready: Batch, tmp_path: Path, name: str) -> None:
    """Neither as a pattern, nor for what it says of columns."""
    rows = months("U1", "visits", "4")
    a_file(tmp_path, table_of(months("U1", "visits", "7"), qualified=False), "obs1.parquet")
    for qualified in (False, True):
        file = a_file((tmp_path / name).parent, table_of(rows, qualified=qualified), (tmp_path / name).name)
        assert Decimal(48) == told(ready.grade(file))[0][6]
        assert Decimal(48) == told(ready.grade(str(file)))[0][6]


# One batch, many times ---------------------------------------------------------------------------


def test_a_batch_gives_the_same_again_and_keeps_nothing(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    at = written(tmp_path, VISITS, rows)
    good, settled = table_of(rows, qualified=False), table_of([*rows, *rows])
    doubtful = table_of([row._replace(quality="doubtful") for row in rows])
    lost = table_of([*rows[:3], Row("U9", "visits", "2024-05", Decimal(1))])
    with Batch(open_portfolio(at, at)) as ready:
        held = ready.connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        for observations in (good, lost, settled, doubtful, good, settled, good):
            found = told(ready.grade(observations))
            known = observations is good or observations is settled
            assert ("pass" if known else "unknown") == found[0][4]
        assert held == ready.connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        for table in (
            "observation",
            "doubt",
            "through_other",
            "provider",
            "summed",
            "measured",
            "monthwise",
        ):
            assert [] == ready.connection.execute(f"FROM {table}").fetchall()


def test_what_goes_wrong_in_the_middle_leaves_nothing_behind(ready: Batch, tmp_path: Path) -> None:
    """The first file is read before the second turns out to be damaged."""
    a_file(tmp_path, table_of(months("U1", "visits", "4"), qualified=False), "a.parquet")
    file = a_file(tmp_path, table_of(months("U1", "visits", "5") * 200, qualified=False), "b.parquet")
    content = bytearray(file.read_bytes())
    content[4:200] = bytes(196)
    file.write_bytes(content)
    (problem,) = refused(ready, tmp_path)
    assert "b.parquet" == problem.place.file
    tables = ready.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert not {("gathered",), ("single",), ("laid",)} & set(tables)


def test_the_portfolio_s_own_observations_play_no_part(tmp_path: Path) -> None:
    at = written(tmp_path, VISITS, months("U1", "visits", "4"))
    assert "unknown" == told(grade(open_portfolio(at, at), table_of([])))[0][4]


def test_one_unit_alone_may_be_asked_for(tmp_path: Path) -> None:
    rows = [row for unit in ("U1", "U2", "U3") for row in months(unit, "queue", unit[1], 6)]
    at = written(tmp_path, QUEUED, rows, units=THREE_UNITS)
    expected = [row for row in audited(compliance.audit(at, library=at)) if row[0] == "U2"]
    portfolio = open_portfolio(at, at, unit="U2")
    for qualified in (True, False):
        problems = Problems()
        assert expected == told(grade(portfolio, table_of(rows, qualified=qualified), problems))
        assert [] == list(problems)


def test_a_unit_or_waiver_in_error_is_unknown_as_in_an_audit(tmp_path: Path) -> None:
    waivers = """
        waivers:
          - {unit: U1, requirement: R1, parameters: {minimum: 30}, from: 2024-01-01, decision: HSN 1}
          - {unit: U1, requirement: R1, parameters: {minimum: 20}, from: 2024-02-01, decision: HSN 2}
    """
    units = "unit,name,opened\nU1,Enhet 1,\nU2,Enhet 2,maj\nU3,Enhet 3,2024-05-02\n"
    rows = [row for unit in ("U1", "U2", "U3") for row in (*months(unit, "a", "4"), *months(unit, "b", "10"))]
    at = written(tmp_path, SHARE, rows, portfolio=waivers, units=units)
    found = told(grade(open_portfolio(at, at), table_of(rows, qualified=False)))
    assert ["unknown", "unknown", "partial"] == [row[4] for row in found]
    assert audited(compliance.audit(at, library=at)) == found


def test_a_contract_whose_requirement_is_in_error_has_no_findings(tmp_path: Path) -> None:
    rows = months("U1", "visits", "4")
    at = written(tmp_path, VISITS, rows, requirement="with: {what: visits}")
    for qualified in (True, False):
        assert [] == told(grade(open_portfolio(at, at), table_of(rows, qualified=qualified)))


@pytest.mark.parametrize("count", [39, 40, 41, 63, 64, 65])
@pytest.mark.parametrize("gap", [None, 0, -1])
def test_long_periods_are_graded_alike(tmp_path: Path, count: int, gap: int | None) -> None:
    labels = [f"{2015 + month // 12}-{month % 12 + 1:02d}" for month in range(count)]
    rows = [Row("U1", fact, label, Decimal(n)) for n, fact in ((3, "a"), (6, "b")) for label in labels]
    if gap is not None:
        del rows[gap]
    period = f"{{from: {labels[0]}, to: {labels[-1]}}}"
    rule = SHARE.replace("of: [b]", "of: [b], coverage: 12")
    found = graded(tmp_path, rule, rows, period=period).one
    assert ("partial", Decimal(50)) == (found["grade"], found["value"])


# What eases and what comes before ----------------------------------------------------------------

WAIVERS = """
waivers:
  - {unit: U1, requirement: R1, parameters: {minimum: 30}, from: 2024-01-01, decision: HSN 1}
  - {unit: U2, requirement: R1, exempt: yes, from: 2024-04-01, to: 2024-06-30, decision: HSN 2}
  - {unit: U3, requirement: R1, exempt: yes, from: 2024-12-01, decision: HSN 3}
"""


def test_waivers_count_and_are_named(tmp_path: Path) -> None:
    rows = [
        row
        for unit in ("U1", "U2", "U3")
        for row in (*months(unit, "a", "4"), *months(unit, "b", "10"))
        if (unit, row.fact, row.period) != ("U2", "a", "2024-05")
    ]
    found = graded(tmp_path, SHARE, rows, portfolio=WAIVERS, units=THREE_UNITS).findings
    assert ["pass", "partial", "not_applicable"] == [finding["grade"] for finding in found]
    assert ["partial", "unknown", "partial"] == [finding["unwaived_grade"] for finding in found]
    assert ["HSN 1", None, "HSN 3"] == [finding["waiver"] for finding in found]
    assert [Decimal(30), Decimal(50), Decimal(50)] == [finding["threshold"] for finding in found]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("{max: 10, from: 0, to: 100}", ["0", "3.333333", "10", None]),
        ("{max: 0.000001, from: 100, to: 0}", ["0.000001", "0.000001", "0", None]),
        ("{pass: 1000000, partial: 2.5}", ["0", "0", "1000000", None]),
    ],
)
def test_points_are_given_by_value_and_by_grade(
    tmp_path: Path, points: str, expected: list[str | None]
) -> None:
    units = "unit,name\n" + "".join(f"U{n},Enhet {n}\n" for n in range(1, 5))
    rows = [row for n, a in ((1, "-1"), (2, "1"), (3, "4")) for row in months(f"U{n}", "a", a)]
    rows += [row for n in range(1, 5) for row in months(f"U{n}", "b", "3")]
    found = graded(tmp_path, SHARE, rows, requirement=f"points: {points}", units=units).findings
    assert [None if each is None else Decimal(each) for each in expected] == [f["points"] for f in found]


def a_year(unit: str, fact: str, value: str, year: int) -> list[Row]:
    return [row._replace(period=f"{year}{(row.period or '')[4:]}") for row in months(unit, fact, value)]


@pytest.mark.parametrize(
    "rule",
    [
        "measure: {change: visits}\ngrade: {pass: {at_least: 0}}",
        "measure: {value: visits, over: total, window: 18}\ngrade: {pass: {at_least: 0}}",
        "measure: {value: visits, over: last, window: 18, coverage: 2}\ngrade: {pass: {at_least: 0}}",
    ],
)
@pytest.mark.parametrize("own", [[], ["2023-11"], ["2023-10", "2023-12"]])
def test_earlier_months_are_the_predecessor_s_unless_the_rows_have_them(
    tmp_path: Path, rule: str, own: list[str]
) -> None:
    earlier = a_year("U1", "visits", "3", 2023)
    rows = [*months("U1", "visits", "4"), *(Row("U1", "visits", period, Decimal(5)) for period in own)]
    assert "pass" == graded(tmp_path / "good", rule, rows, earlier).one["grade"]
    doubted = [row._replace(quality="doubtful") if row.period in own else row for row in rows]
    found = graded(tmp_path / "doubted", rule, doubted, earlier).one
    assert ("unknown" if own and "last" not in rule else "pass") == found["grade"]


def test_what_others_met_in_earlier_months_is_told(tmp_path: Path) -> None:
    rule = "measure: {value: open_late, window: 18}\ngrade: {pass: {at_least: yes}}"
    agreed = "agreements: [{unit: U1, facts: [open_late], provider: %s, from: 2020-01-01}]\n"
    earlier = [row._replace(via="Ekens") for row in a_year("U1", "open_late", "1", 2023)]
    rows = [row._replace(via="Grans") for row in months("U1", "open_late", "1")]
    rows.append(Row("U1", "open_late", "2023-12", Decimal(1)))
    found = graded(tmp_path, rule, rows, earlier, agreed % "Ekens", portfolio=agreed % "Grans").one
    assert ("pass", "Ekens, Grans") == (found["grade"], found["via"])
