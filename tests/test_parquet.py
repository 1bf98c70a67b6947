"""Parquet in and out: the same findings as from CSV, whatever way they take, and files that are whole or not there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

import compliance
from benchmarks.workload import NEEDS, Workload, exact_grades, totals
from compliance.columns import audit_columns
from compliance.data import parquet
from compliance.data.observations import Cells
from compliance.data.portfolio import read_portfolio
from compliance.engine import batch
from tests.conftest import ROOT, run_command
from tests.small import small

SHARE = "measure: {share: [a], of: [b]}\ngrade: {pass: {above: 50}}"
MONTHS = "".join(f"U1,a,2024-{m:02d},3\nU1,b,2024-{m:02d},{6 if m < 12 else 5.9}\n" for m in range(1, 13))


def with_parquet(folder: Path, select: str, name: str = "facts/all.parquet", **more: Any) -> Path:
    """A small portfolio whose observations are what `select` makes of its CSV file, `given`."""
    path = small(folder, SHARE, MONTHS, **more)
    csv = path / "facts" / "all.csv"
    target = path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW given AS FROM read_csv('{csv}', all_varchar = true, null_padding = true)"
        )
        connection.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet)")
    csv.unlink()
    portfolio = path / "portfolio.yaml"
    portfolio.write_text(portfolio.read_text("utf-8").replace("facts/*.csv", "facts/**/*.parquet"), "utf-8")
    return path


TEXT = "SELECT unit, fact, period, value FROM given"
EXACT = "SELECT unit, fact, period, value::DECIMAL(18, 6) AS value FROM given"
WIDE = (
    "PIVOT (SELECT unit, fact, period, value::DECIMAL(18, 6) AS value FROM given) ON fact USING first(value)"
)


@pytest.mark.parametrize("select", [TEXT, EXACT, EXACT.replace("DECIMAL(18, 6)", "DOUBLE"), WIDE])
def test_parquet_is_read_as_csv_is(select: str, tmp_path: Path) -> None:
    path = with_parquet(tmp_path, select)
    audit = compliance.audit(path, library=path)
    (finding,) = audit.findings
    assert () == audit.errors
    assert (Decimal("3600"), Decimal("71.9")) == (finding.numerator, finding.denominator)
    assert "pass" == finding.grade


def test_a_partitioned_folder_is_read_as_one(tmp_path: Path) -> None:
    path = with_parquet(tmp_path, EXACT + " WHERE fact = 'a'", "facts/region=Z/a.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'U1' AS unit, 'b' AS fact, format('2024-{:02d}', m) AS period, 6::DECIMAL(18, 6) AS value "
            f"FROM range(1, 13) t(m)) TO '{path / 'facts' / 'b.parquet'}' (FORMAT parquet)"
        )
    audit = compliance.audit(path, library=path)
    assert ["fail"] == [finding.grade for finding in audit.findings]
    assert [error.message for error in audit.errors] == [
        "Unknown column 'region'. There are: unit, fact, value, period, via, quality, comment or source."
    ]


def test_errors_tell_the_row_and_the_column(tmp_path: Path) -> None:
    path = with_parquet(
        tmp_path,
        TEXT.replace("value FROM", "CASE WHEN period = '2024-02' THEN 'six' ELSE value END AS value FROM"),
    )
    first, *_ = compliance.audit(path, library=path).errors
    assert "facts/all.parquet:3:4: 'six' isn't a number. Write it in digits, such as 45 or 46.5." == str(
        first
    )


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            "SELECT fact, value FROM given",
            "The column 'unit' is missing. Name the units in a column of that name.",
        ),
        (
            "SELECT unit, fact, period, [value] AS value FROM given",
            "The column 'value' holds VARCHAR[]. Write one value a cell: a number, a text or a date.",
        ),
        (
            "SELECT unit, fact, period, 'NaN'::DOUBLE AS value FROM given",
            "'nan' isn't a number. Write it in digits, such as 45 or 46.5.",
        ),
    ],
)
def test_what_is_wrong_with_a_parquet_file_is_told(select: str, message: str, tmp_path: Path) -> None:
    path = with_parquet(tmp_path, select)
    audit = compliance.audit(path, library=path)
    assert message in [error.message for error in audit.errors]
    assert ["unknown"] == [finding.grade for finding in audit.findings]


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = with_parquet(tmp_path, EXACT)
    (path / "facts" / "all.parquet").write_bytes(b"unit,fact\n")
    for arguments in ((), ("-f", f"parquet:{tmp_path / 'out.parquet'}")):
        done = run_command("audit", str(path), "--library", str(path), *arguments)
        assert 2 == done.status
        assert "facts/all.parquet" in done.err
        assert "Traceback" not in done.err


@pytest.mark.parametrize("select", [EXACT, EXACT.replace("DECIMAL(18, 6)", "FLOAT")])
def test_a_damaged_file_is_told_and_nothing_is_sure(
    select: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "FEWEST", 0)
    path = with_parquet(tmp_path, select)
    file = path / "facts" / "all.parquet"
    raw = file.read_bytes()
    file.write_bytes(raw[:4] + bytes(each ^ 0x5A for each in raw[4:200]) + raw[200:])
    done = run_command("audit", str(path), "--library", str(path))
    assert 2 == done.status
    assert "facts/all.parquet: The file can't be read as Parquet (" in " ".join(done.err.split())
    assert ["unknown"] == [finding.grade for finding in compliance.audit(path, library=path).findings]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of 60 units whose observations lie in Parquet."""
    return Workload(60, 7).write(tmp_path_factory.mktemp("units"), "observations.parquet")


def test_plain_observations_of_a_file_lie_in_columns_and_have_their_rows(written: Path) -> None:
    cells = read_portfolio(written).cells
    rows = pyarrow.parquet.read_table(written / "observations.parquet").to_pylist()
    assert isinstance(cells, Cells)
    assert () == cells.single
    assert len(rows) == len(cells)
    for cell in random.Random(2).sample(tuple(cells), 50):
        row = rows[cell.place.line - 1]
        assert (cell.unit, cell.fact, Decimal(cell.value or 0) / 10**6) == (
            row["unit"],
            row["fact"],
            row["value"],
        )
        assert 4 == cell.place.column


def test_in_columns_and_one_by_one_the_findings_are_the_same(written: Path) -> None:
    done = audit_columns(written)
    assert done is not None
    findings = pyarrow.concat_tables(done.parts())
    assert () == done.errors
    objects = compliance.audit(written).findings.to_arrow()
    assert objects.column_names == findings.column_names
    assert objects.to_pylist() == findings.to_pylist()
    assert {
        *zip(*(objects.column(name).to_pylist() for name in ("grade", "obligation")), strict=True)
    } == done.graded


def test_how_much_is_done_is_told_on_the_way(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "TOGETHER", 25)
    told: list[float] = []
    done = audit_columns(written, done=lambda ready, of: told.append(ready / of))
    assert done is not None
    assert [25, 25, 10] == [part.num_rows // len(NEEDS) for part in done.parts()]
    assert sorted(told) == told
    assert 1 == told[-1]
    assert 4 <= len(told)


def test_the_command_writes_findings_that_agree_with_exact_arithmetic(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "findings.parquet"
    done = run_command("audit", str(written), "-f", f"parquet:{out}", "--fail-on", "never")
    assert (0, "", "") == (done.status, done.out, done.err)
    table = pyarrow.parquet.read_table(out)
    table_rows = zip(*(column.to_pylist() for column in Workload(60, 7).table().columns), strict=True)
    known = totals(table_rows)
    exact = {
        (unit, need.id): grade
        for unit, facts in known.items()
        for need, grade in zip(NEEDS, exact_grades(facts), strict=True)
    }
    found = {(row["unit"], row["requirement"]): row["grade"] for row in table.to_pylist()}
    assert exact == {key: grade for key, grade in found.items() if key[0] in known}
    metadata = pyarrow.parquet.read_metadata(out).metadata
    assert (b"2024", b"2024-12-31") == (metadata[b"period"], metadata[b"as_of"])


def test_a_portfolio_with_a_predecessor_is_written_too(tmp_path: Path) -> None:
    out = tmp_path / "findings.parquet"
    done = run_command("audit", "jamtland-2024", "-f", f"parquet:{out}", "--fail-on", "never")
    assert (0, "") == (done.status, done.err)
    rows = pyarrow.parquet.read_table(out).to_pylist()
    assert compliance.audit("jamtland-2024").findings.records() == rows
    assert "Syntetiska uppgifter" in pyarrow.parquet.read_metadata(out).metadata[b"provenance"].decode()


def test_the_exit_status_is_that_of_the_tables(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "findings.parquet"
    for fail_on in ("fail", "never"):
        one = run_command("audit", str(written), "-f", f"parquet:{out}", "--fail-on", fail_on)
        other = run_command("audit", str(written), "-f", "csv", "--fail-on", fail_on)
        assert one.status == other.status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "parquet"), "Name the file to write: parquet:findings.parquet."),
        (("-f", "xml"), "'xml' is no format. Write table, json, csv or parquet:FILE."),
        (("-f", "parquet:out.parquet", "--summary"), "parquet:FILE holds the findings alone."),
        (("-f", "parquet:no/such/folder/out.parquet"), "The file can't be written"),
    ],
)
def test_what_can_not_be_written_is_told(arguments: tuple[str, ...], message: str) -> None:
    done = run_command("audit", "narsjukvarden-halland-2024-t1", *arguments)
    assert (2, "") == (done.status, done.out)
    assert message in done.err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("format_", ["json", "parquet"])
def test_an_interrupted_audit_leaves_the_whole_output_or_none(
    how: signal.Signals, format_: str, written: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"findings.{format_}"
    wanted = ["-f", "json", "-o", str(out)] if format_ == "json" else ["-f", f"parquet:{out}"]
    command = [sys.executable, "-m", "compliance", "audit", str(written), "--fail-on", "never", *wanted]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    begun = time.monotonic()
    assert 0 == begin().wait()
    lasted, whole = time.monotonic() - begun, out.read_bytes()
    random_moments = random.Random(4)
    for _ in range(10):
        out.unlink(missing_ok=True)
        process = begin()
        time.sleep(random_moments.random() * lasted)
        process.send_signal(how)
        _, said = process.communicate()
        assert b"Query interrupted" not in said
        assert process.returncode != -signal.SIGSEGV
        assert not out.exists() or out.read_bytes() == whole
    out.unlink(missing_ok=True)
    assert 0 == begin().wait()
    assert out.read_bytes() == whole
