"""Files read in columns hold just what they hold when they are read row by row.

COMPLIANCE_EXAMPLES sets how many random cases are tried.
"""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import compliance
from benchmarks.workload import Workload
from compliance.data import parquet, plain
from compliance.data import portfolio as portfolios
from compliance.data.observations import Cells
from compliance.data.portfolio import Portfolio, in_parts, read_portfolio
from compliance.report.csv import audit_csv
from compliance.report.json import audit_json
from compliance.words import rounded
from tests.conftest import run_command
from tests.small import small
from tests.test_bad_inputs import BAD, GRADED

EXAMPLES = int(os.environ.get("COMPLIANCE_EXAMPLES", "150"))
RULE = "measure: {share: [a], of: [b]}\nparameters: [minimum]\npass: {at_least: minimum}"
UNITS = "unit,name\nU1,Enhet 1\nÅ2,Enhet 2\n=U3,Enhet 3\n"
PORTFOLIO = """
agreements:
  - {unit: U1, facts: [coordinator], provider: Ekens, from: 2023-01-01}
"""

IDS = st.sampled_from([*["U1", "Å2", "=U3"] * 6, " U1 ", "u1", "", "U9", "U\N{NO-BREAK SPACE}1"])
NAMES = st.sampled_from(
    [*["a", "b", "visits", "answer", "coordinator"] * 3, "hours", "report", "A", "", "aa", " b"]
)
PERIODS = st.sampled_from(
    [*["2024-01", "2024-02", "2024-03"] * 5, "2024", "", "2024-13", "2023-01", " 2024-03 "]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *("1", "2.5", "-3", "0", "007", "1e3", "+4", "1,5", "1 120", "12,5 %", "\N{MINUS SIGN}2"),
            *(
                "*",
                "x",
                "..",
                "-",
                "",
                " ",
                "\N{NO-BREAK SPACE}",
                "ja",
                "JA",
                "nej",
                "helt",
                "delvis",
                "inte",
            ),
            *("mon-fri 08:00-17:00", "2024-05-01", "abc", "1.1234567", "1234567890123", "0.000001", "nan"),
        ]
    ),
    st.decimals(-999, 999, places=3).map(str),
)
WORDS = st.sampled_from(
    [*[""] * 12, "Ekens", "12", "doubtful", "good", "Å ä", "två, tre", 'sa "nej"', "a\nb"]
)


@st.composite
def tidy(draw: st.DrawFn) -> list[list[str]]:
    more = draw(
        st.lists(
            st.sampled_from(["period", "period", "via", "quality", "comment", "source", "", "kommentar"]),
            max_size=5,
            unique=True,
        )
    )
    header = draw(st.permutations(["unit", "fact", "value", *more]))
    kinds = {"unit": IDS, "fact": NAMES, "value": VALUES, "period": PERIODS}
    rows = draw(st.lists(st.tuples(*(kinds.get(name, WORDS) for name in header)), max_size=12))
    return [header, *map(list, rows)]


@st.composite
def wide(draw: st.DrawFn) -> list[list[str]]:
    facts = draw(
        st.lists(st.sampled_from(["a", "b", "visits", "answer", "coordinator", "hours", "c"]), unique=True)
    )
    header = draw(st.permutations(["unit", "period", *facts]))
    kinds = {"unit": IDS, "period": PERIODS}
    rows = draw(st.lists(st.tuples(*(kinds.get(name, VALUES) for name in header)), max_size=8))
    return [header, *map(list, rows)]


@st.composite
def files(draw: st.DrawFn) -> list[bytes]:
    """Observations as people save them."""
    found: list[bytes] = []
    for table in draw(st.lists(st.one_of(tidy(), tidy(), wide()), min_size=1, max_size=3)):
        delimiter = draw(st.sampled_from([",", ",", ";", "\t"]))
        out = io.StringIO()
        how: type[csv.Dialect] = draw(st.sampled_from([csv.excel, csv.excel, csv.unix_dialect]))
        end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
        csv.writer(out, how, delimiter=delimiter, lineterminator=end).writerows(table)
        text = out.getvalue()
        lines = text.splitlines(keepends=True)
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            odd = draw(
                st.sampled_from(
                    [
                        "\n",
                        ",,,,\n",
                        " \n",
                        "U1,a\n",
                        'U1,"a"b,3\n',
                        'U1,"a\n',
                        "a,b,c,d,e,f,g,h,i,j\n",
                        "\r",
                        "\0\n",
                    ]
                )
            )
            lines.insert(draw(st.integers(0, len(lines))), odd)
        text = "".join(lines)
        if draw(st.sampled_from([False, False, True])):
            text = unicodedata.normalize("NFD", text)
        if draw(st.sampled_from([False, False, True])):
            text = text.rstrip("\r\n")
        encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin-1"]))
        found.append(text.encode(encoding, "replace"))
    return found


def both_ways(folder: Path, unit: str | None = None) -> tuple[Portfolio, Portfolio]:
    """A portfolio read row by row, and in columns with chunks of few lines."""
    rows = read_portfolio(folder, library=folder, unit=unit)
    with (
        mock.patch.multiple(plain, SMALLEST=0, CHUNK=64, PART=3, ROWS_AT_ONCE=4),
        mock.patch.object(parquet, "FEWEST", 0),
    ):
        return rows, read_portfolio(folder, library=folder, unit=unit)


def the_same(rows: Portfolio, columns: Portfolio) -> None:
    """Both hold the same, and the same is wrong with them."""
    assert tuple(rows.cells) == tuple(columns.cells)
    assert len(rows.cells) == len(columns.cells)
    assert sorted(rows.problems) == sorted(columns.problems)
    assert rows.defaults_hold == columns.defaults_hold
    assert rows.schedules == columns.schedules


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from([None, None, "U1"]))
@example(
    [b"unit,fact,period,value\nU1,a,2024-01,1\nU1,a,2024-01,2\n", b"unit,period,a\nU1,2024-01,1\n"], None
)
@example([b"unit,fact,period,value,quality\nU1,a,2024-01,,good\n"], None)
@example([b"unit;fact;period;value;source\nU1;a;2024-01;46;5\nU1;a;2024-02;46,5;Excel\n"], None)
@example([b"unit,fact,period,value,comment\nU1,a,2024-01,46,5\n"], None)
@example([b'unit,fact,period,value\n"U1","a","2024-01","1,5"\n"U1","a","2024-02","1.5"\n'], None)
@example([b"unit,fact,period,value,source\nU1,a,2024-01,46,5\n"], None)
@example([b"unit,fact,period,value\nU1,a,2024-13,\n"], None)
@example([b"unit,fact,period,value\nU1,visits,2024-01,2.5\nU1,visits,2024-02,2.0\n"], None)
def test_a_file_in_columns_holds_what_it_holds_row_by_row(written: list[bytes], unit: str | None) -> None:
    with TemporaryDirectory() as name:
        folder = small(Path(name), RULE, "", portfolio=PORTFOLIO, units=UNITS)
        for number, content in enumerate(written):
            (folder / "facts" / f"{number}.csv").write_bytes(content)
        rows, columns = both_ways(folder, unit)
        the_same(rows, columns)


NUMBERS = st.one_of(
    st.integers(-3, 200),
    st.decimals(-999, 999, places=6),
    st.floats(-1e6, 1e6),
    st.sampled_from([0.1, 1e-7, 1e16, float("nan"), float("inf")]),
)
TYPES = ["VARCHAR", "VARCHAR", "DECIMAL(18, 6)", "DOUBLE", "FLOAT", "BIGINT", "BOOLEAN", "DATE", "HUGEINT"]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(tidy(), tidy(), wide()), min_size=1, max_size=3),
    st.lists(NUMBERS, min_size=1, max_size=9),
    st.lists(st.sampled_from(TYPES), min_size=1, max_size=5),
    st.sampled_from([None, None, "U1"]),
)
@example([[["unit", "fact", "period", "value"], ["U1", "answer", "2024-01", "1"]]], [1], ["BIGINT"], None)
@example(
    [[["unit", "fact", "period", "value"], *[["U1", "a", "2024-01", str(n)] for n in range(3)]]],
    [1],
    ["VARCHAR"],
    None,
)
def test_a_parquet_file_in_columns_holds_what_it_holds_row_by_row(
    tables: list[list[list[str]]], numbers: list[object], types: list[str], unit: str | None
) -> None:
    with TemporaryDirectory() as name, duckdb.connect() as connection:
        folder = small(Path(name), RULE, "", portfolio=PORTFOLIO, units=UNITS)
        for number, (header, *rows) in enumerate(tables):
            names = [f'"{column or "none"}"' for column in header]
            as_types = ["VARCHAR"] * len(header)
            for at, column in enumerate(header):
                if column == "value" or ("value" not in header and column not in ("unit", "period")):
                    as_types[at] = types[(number + at) % len(types)]
            connection.execute(f"CREATE OR REPLACE TABLE t ({', '.join(n + ' VARCHAR' for n in names)})")
            for index, row in enumerate(rows):
                cells = [
                    cell if as_types[at] == "VARCHAR" else str(numbers[(index + at) % len(numbers)])
                    for at, cell in enumerate(row)
                ]
                marks = ", ".join("?" * len(header))
                connection.execute(f"INSERT INTO t VALUES ({marks})", [cell or None for cell in cells])
            select = ", ".join(
                f"TRY_CAST({n} AS {type_}) AS {n}" for n, type_ in zip(names, as_types, strict=True)
            )
            file = folder / "facts" / f"{number}.parquet"
            connection.execute(f"COPY (SELECT {select} FROM t) TO '{file}' (FORMAT parquet)")
        text = (folder / "portfolio.yaml").read_text("utf-8").replace("facts/*.csv", "facts/*.parquet")
        (folder / "portfolio.yaml").write_text(text, "utf-8")
        the_same(*both_ways(folder, unit))


@pytest.mark.parametrize("case", GRADED)
def test_what_is_wrong_is_told_in_the_same_words_in_columns(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("portfolio")
    shutil.copytree(BAD / "_base", folder)
    shutil.copytree(BAD / case, folder, dirs_exist_ok=True)
    rows = compliance.audit(folder, library=folder)
    monkeypatch.setattr(plain, "SMALLEST", 0)
    columns = compliance.audit(folder, library=folder)
    assert rows.errors == columns.errors
    assert audit_json(rows) == audit_json(columns)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of 60 units, whose observations make a file large enough for columns."""
    return Workload(60, 3).write(tmp_path_factory.mktemp("units"))


def test_plain_observations_lie_in_columns_and_have_their_lines(written: Path) -> None:
    read = read_portfolio(written)
    lines = (written / "observations.csv").read_text("utf-8").splitlines()
    assert isinstance(read.cells, Cells)
    assert () == read.cells.single
    assert len(lines) - 1 == len(read.cells)
    for cell in random.Random(2).sample(tuple(read.cells), 50):
        assert lines[cell.place.line - 1].startswith(f"{cell.unit},{cell.fact},")
        assert 4 == cell.place.column


@pytest.mark.parametrize("portfolio", ["bench", "jamtland-2024", "halland-2024"])
def test_groups_of_units_come_to_the_same_as_the_whole(
    portfolio: str, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(written) if portfolio == "bench" else portfolio
    whole = compliance.audit(folder)
    monkeypatch.setattr(portfolios, "UNITS_AT_ONCE", 7)
    from compliance.assessment import audit_in_parts, open_portfolio
    from compliance.report.json import write_json

    read = open_portfolio(folder)
    parts = list(in_parts(read))
    assert len(parts) > 1
    assert read.units == tuple(unit for part in parts for unit in part.units)
    out = io.StringIO()
    write_json(out, audit_in_parts(read, None), "operator")
    assert audit_json(whole, "operator") == out.getvalue()


def test_the_command_writes_what_the_library_makes(written: Path, tmp_path: Path) -> None:
    audit = compliance.audit(written)
    for name, text in (("json", audit_json(audit)), ("csv", audit_csv(audit, "sv"))):
        done = run_command(
            "audit",
            str(written),
            "-f",
            name,
            "--lang",
            "sv",
            "-o",
            str(tmp_path / name),
            "--fail-on",
            "never",
        )
        assert (0, "", "") == (done.status, done.out, done.err)
        assert (tmp_path / name).read_bytes() == text.encode()


@given(st.integers(), st.integers(1), st.integers(0, 8))
def test_rounding_goes_to_the_nearest_and_from_the_middle_to_even(top: int, bottom: int, places: int) -> None:
    found = rounded(top, bottom, places)
    twice = 2 * abs(found * bottom - top * 10**places)
    assert twice < bottom or (twice == bottom and found % 2 == 0)
