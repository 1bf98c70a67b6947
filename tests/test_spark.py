"""On a real Spark, a master and two workers on this machine, the findings are those of the local engine."""

from __future__ import annotations

import csv
import doctest
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import compliance
from compliance import spark
from compliance.assessment import open_portfolio
from compliance.data.observations import State, period_of
from compliance.data.portfolio import Portfolio
from compliance.engine.batch import grade
from compliance.library import Library
from compliance.problems import InputError, Problems
from compliance.report.json import audit_json
from tests.conftest import ROOT, Done, require
from tests.small import every_month, small

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# One master for all of these tests, wherever pytest divides them.
pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::compliance.spark.InputWarning"),
]

UNITS = int(os.environ.get("COMPLIANCE_SPARK_UNITS") or (10_000 if os.environ.get("CI") else 500))
"""Units in the large comparison."""
PATIENCE = 90.0
REGISTERED = "Successfully registered with master"
TIDY = ("unit", "fact", "period", "value", "via", "quality", "comment")


# A cluster ---------------------------------------------------------------------------------------


class Cluster:
    """A master and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self.folder = folder
        self.program = Path(pyspark.__file__).parent / "bin" / "spark-class"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"spark://127.0.0.1:{self.port}"
        self.started: list[subprocess.Popen[bytes]] = []
        self._await(self._start("master.Master", "--port", str(self.port)), "I have been elected leader")
        self.workers = [self._start_worker(), self._start_worker()]
        for worker in self.workers:
            self._await(worker, REGISTERED)

    def replace_worker(self) -> None:
        """A new one for the first."""
        self.workers[0] = self._start_worker()
        self._await(self.workers[0], REGISTERED)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        room = ("--cores", "2", "--memory", "2g", "--work-dir", str(self.folder / "work"))
        return self._start("worker.Worker", *room, self.address)

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{len(self.started)}.log"
        settings = self.folder / "conf"
        settings.mkdir(exist_ok=True)
        (settings / "log4j2.properties").write_text(
            "rootLogger.level = info\nrootLogger.appenderRef.out.ref = out\nappender.out.type = Console\n"
            "appender.out.name = out\nappender.out.target = SYSTEM_ERR\nappender.out.layout.type = PatternLayout\n"
            "appender.out.layout.pattern = %p %m%n\n",
            "utf-8",
        )
        environment = {
            **os.environ,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(settings),
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_DAEMON_MEMORY": "256m",
            "PYTHONPATH": str(ROOT),
        }
        command = [str(self.program), f"org.apache.spark.deploy.{name}"]
        command += ["--host", "127.0.0.1", "--webui-port", "0", *arguments]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        self.started.append(process)
        return process

    def _await(self, process: subprocess.Popen[bytes], ready: str) -> None:
        log = self.folder / f"{self.started.index(process)}.log"
        wait_until(lambda: ready in log.read_text("utf-8", "replace") or process.poll() is not None)
        assert process.poll() is None, log.read_text("utf-8", "replace")

    def close(self) -> None:
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "nothing came of it in time"
        time.sleep(0.05)


def state(pid: int) -> tuple[str, int] | None:
    """A process's state and parent; None where there is no such process."""
    try:
        text = (Path("/proc") / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    letter, parent, *_ = text.rpartition(")")[2].split()
    return letter, int(parent)


def running(pid: int) -> bool:
    return (state(pid) or "Z")[0] != "Z"


def children(pid: int) -> list[int]:
    """The running processes that a process started."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [child for child in pids if running(child) and (state(child) or ("", 0))[1] == pid]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    require("pyspark", "pandas", "pyarrow", programs=("java",))
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def session(cluster: Cluster) -> Iterator[SparkSession]:
    """A session as a notebook has one; it takes one core of each worker."""
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(cluster.folder / "local"))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder: Any = SparkSession.builder
        session = (
            builder.master(cluster.address)
            .config("spark.cores.max", "2")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate()
        )
        yield session
        session.stop()


# What is compared --------------------------------------------------------------------------------


def by_unit(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: (record["unit"], record["requirement"]))


def collected(frame: DataFrame) -> list[dict[str, Any]]:
    table: Any = frame.toArrow()
    return by_unit(table.to_pylist())


def expected(portfolio: str | Path) -> list[dict[str, Any]]:
    library = portfolio if isinstance(portfolio, Path) else None
    return by_unit(compliance.audit(portfolio, library=library).findings.records())


def frame_of(session: SparkSession, rows: Iterable[tuple[Any, ...]]) -> DataFrame:
    return session.createDataFrame(list(rows), ", ".join(f"{name} string" for name in TIDY))


def read_csv(session: SparkSession, file: Path) -> DataFrame:
    return session.read.csv(str(file), header=True)


@cache
def catalogue() -> Any:
    return Library.of(None, None, Problems()).facts


def tidy(portfolio: Portfolio) -> Iterator[tuple[Any, ...]]:
    """A portfolio's observations as a tidy file would have them."""
    for cell in portfolio.cells:
        fact = catalogue()[cell.fact]
        whole = (cell.value or 0) // 10**6
        if fact.type == "opening_hours":
            value = cell.text
        elif fact.type == "yes_no":
            value = ("nej", "ja")[whole]
        elif fact.type == "level":
            value = ("inte", "delvis", "helt")[whole]
        elif fact.type == "date":
            value = date.fromordinal(whole).isoformat()
        else:
            value = str(Decimal(cell.value or 0).scaleb(-6))
        if cell.state is State.SUPPRESSED:
            value = "*"
        quality = "doubtful" if cell.state is State.DOUBTFUL else None
        period = period_of(fact, cell.slot, portfolio.period, None)
        yield cell.unit, cell.fact, period, value, cell.via, quality, cell.comment


CONTRACT = """
id: stor
title: {sv: Ett större kontrakt, en: A larger contract}
period: 2024
documents: {d: {title: Dokumentet}}
requirements:
  - {id: "1.1", rule: andel, obligation: must, parameters: {minimum: 50}, source: {document: d, section: "1", quote: ett krav},
     points: {max: 10, from: 40, to: 60}}
  - {id: "1.2", rule: besok, obligation: target, source: {document: d, section: "1", quote: ett krav}}
  - {id: "1.3", rule: samordnare, obligation: must, source: {document: d, section: "1", quote: ett krav}}
  - {id: "1.4", rule: svaret, obligation: must, for: {kind: [unit]}, source: {document: d, section: "1", quote: ett krav}}
  - {id: "1.5", rule: oppet, obligation: must, source: {document: d, section: "1", quote: ett krav}}
  - {id: "1.6", rule: redovisas, obligation: monitor, source: {document: d, section: "1", quote: ett krav}}
"""
RULES = """
rules:
  andel:
    title: {sv: Andel, en: Share}
    measure: {share: [a], of: [a, b]}
    parameters: {minimum: 50, partial_from: 40}
    grade: {pass: {above: minimum}, partial: {at_least: partial_from}}
  besok:
    title: {sv: Besök, en: Visits}
    measure: {rate: [visits], per: [a, {b: 0.3}], scale: 1000, coverage: 9}
    parameters: {maximum: 90000}
    grade: {pass: {at_most: maximum}}
  samordnare:
    title: {sv: Samordnare, en: Coordinator}
    measure: {met: [coordinator]}
    grade: {pass: {equals: 100}}
  svaret:
    title: {sv: Svaret, en: The answer}
    measure: {value: answer}
    grade: {pass: {at_least: fully}, partial: {at_least: partly}}
  oppet:
    title: {sv: Öppet, en: Open}
    measures: {hours: {value: hours}, evenings: {open: hours, days: [mon, tue], from: "08:00", to: "18:00"}}
    parameters: {minimum: 45}
    grade: {pass: {hours: {at_least: minimum}}, partial: {evenings: {at_least: 1}}}
  redovisas:
    title: {sv: Redovisas, en: Reported}
    measure: {value: visits, over: total}
"""


def large(folder: Path, units: int) -> Path:
    """A portfolio of many units and every kind of observation there is, the same each time."""
    chance = random.Random(units)
    small(folder, "measure: {value: a}", "", requirement="")
    (folder / "contracts" / "c.yaml").unlink()
    (folder / "contracts" / "stor.yaml").write_text(CONTRACT, "utf-8")
    (folder / "rules" / "r.yaml").write_text(RULES, "utf-8")
    names = [
        f"{chance.choice(('Åre', 'Östersund', 'Härjedalen', 'U'))}-{index:05d}" for index in range(units)
    ]
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("unit", "name", "kind", "operator", "municipality", "parent", "opened", "closed"))
        for index, name in enumerate(names):
            branch = index % 50 == 7
            writer.writerow(
                (
                    name,
                    f"Hälsocentralen Ängsö {index}",
                    "branch" if branch else "unit",
                    chance.choice(("region", "private")),
                    chance.choice(("Åre", "Östersund")),
                    names[0] if branch else "",
                    "2024-04-15" if index % 40 == 3 else "",
                    "2023-10-31" if index % 40 == 5 else "",
                )
            )
    waived, agreed = [], []
    with (folder / "facts" / "all.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(TIDY)
        for index, name in enumerate(names):
            if index % 60 == 11:
                continue  # nothing was observed at all
            for row in _observed(name, chance):
                writer.writerow(row)
            if index % 20 == 4:
                writer.writerow((name, "coordinator", "2024", "ja", "Närakuten", "", ""))
                if index % 40 == 4:
                    agreed.append(
                        f'  - {{unit: "{name}", facts: [coordinator], provider: Närakuten, from: 2023-01-01}}'
                    )
            elif chance.random() < 0.9:
                writer.writerow((name, "coordinator", "2024", chance.choice(("ja", "nej")), "", "", ""))
            if index % 30 == 9:
                waived.append(
                    f'  - {{unit: "{name}", requirement: "1.1", parameters: {{minimum: 30}}, '
                    f"from: 2024-01-01, decision: Beslut {index}}}"
                )
            if index % 30 == 19:
                waived.append(
                    f'  - {{unit: "{name}", requirement: "1.2", exempt: true, from: 2024-02-01, to: 2024-05-31, '
                    f"decision: Beslut {index}}}"
                )
    (folder / "portfolio.yaml").write_text(
        "contract: stor\nprovenance: {sv: Påhittat, en: Made up}\nunits: units.csv\nobservations: [facts/*.csv]\n"
        + "\n".join(["waivers:", *waived, "agreements:", *agreed] if waived and agreed else []),
        "utf-8",
    )
    return folder


def _observed(unit: str, chance: random.Random) -> Iterator[tuple[str, ...]]:
    for month in range(1, 13):
        for fact, most in (("a", 60), ("b", 60), ("visits", 9000)):
            luck = chance.random()
            if luck < 0.003:
                continue
            places = 0 if fact == "visits" else 2
            value = f"{Decimal(chance.randrange(most * 10**places)).scaleb(-places):f}"
            if luck < 0.006:
                yield unit, fact, f"2024-{month:02d}", "*", "", "", "för få"
            elif luck < 0.009:
                yield unit, fact, f"2024-{month:02d}", value, "", "doubtful", "osäker, se mejl"
            else:
                yield unit, fact, f"2024-{month:02d}", value, "", "", ""
                if luck > 0.999:  # a second one, equal or in conflict
                    yield unit, fact, f"2024-{month:02d}", chance.choice((value, "1")), "", "", ""
    yield unit, "answer", "2024", chance.choice(("helt", "delvis", "inte", "..", "kanske")), "", "", ""
    yield (
        unit,
        "hours",
        "2024",
        chance.choice(("mon-fri 08:00-17:00", "mon-thu 07:30-18:10", "x")),
        "",
        "",
        "",
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large(tmp_path_factory.mktemp("many"), 100)


# The same findings -------------------------------------------------------------------------------


def test_the_shipped_portfolios_observations_as_a_data_frame_give_its_findings(session: SparkSession) -> None:
    observations = frame_of(session, tidy(open_portfolio("jamtland-2024")))
    found = spark.findings(session, observations, "jamtland-halsoval-2024", portfolio="jamtland-2024")
    assert found.columns == list(spark.FINDINGS)
    assert collected(found) == expected("jamtland-2024")


def test_a_portfolio_graded_on_the_workers_is_the_audit_made_here(session: SparkSession) -> None:
    there, here = (
        spark.grade_on(session, open_portfolio("jamtland-2024")),
        compliance.audit("jamtland-2024"),
    )
    assert there.findings == here.findings
    assert there.before is not None
    assert here.before is not None
    assert there.before.findings == here.before.findings
    assert audit_json(there) == audit_json(here)


@pytest.mark.parametrize("partitions", [1, 7, 150])
def test_the_number_of_partitions_changes_no_finding(
    session: SparkSession, many: Path, partitions: int
) -> None:
    observations = read_csv(session, many / "facts" / "all.csv")
    found = spark.findings(session, observations, "stor", portfolio=many, library=many, partitions=partitions)
    assert collected(found) == expected(many)


def test_every_kind_of_grade_and_doubt_is_among_what_is_compared(many: Path) -> None:
    result = compliance.audit(many, library=many)
    assert {f.grade.value for f in result.findings} == {
        "pass",
        "partial",
        "fail",
        "unknown",
        "not_applicable",
        "info",
    }
    reasons = {doubt.reason for finding in result.findings for doubt in finding.doubtful}
    assert reasons == {"suppressed", "doubtful", "conflict", "unreadable", "no_agreement"}
    assert any(finding.waiver for finding in result.findings)
    assert any(finding.via for finding in result.findings)
    silent = {unit.unit for unit in result.units} - {
        row["unit"] for row in csv.DictReader((many / "facts" / "all.csv").open(encoding="utf-8"))
    }
    assert any(result.unit(unit).findings for unit in silent)


def test_ten_thousand_units_have_the_local_engines_findings(session: SparkSession, tmp_path: Path) -> None:
    folder = large(tmp_path, UNITS)
    here = compliance.audit(folder, library=folder)
    there = spark.grade_on(session, open_portfolio(folder, folder))
    assert there.findings == here.findings
    assert there.errors == here.errors
    observations = read_csv(session, folder / "facts" / "all.csv")
    found = spark.findings(session, observations, "stor", portfolio=folder, library=folder)
    assert collected(found) == by_unit(here.findings.records())
    # And in columns, against the engine that takes columns.
    numbers = observations.where("fact IN ('a', 'b', 'visits') AND value <> '*'")
    numbers = numbers.withColumn("value", numbers["value"].cast("decimal(18,6)"))
    found = spark.findings(session, numbers, "stor", portfolio=folder, library=folder)
    alone: Any = grade(open_portfolio(folder, folder), numbers.toArrow())
    assert collected(found.select(*alone.column_names)) == by_unit(alone.to_pylist())


def test_a_killed_worker_changes_no_finding(cluster: Cluster, session: SparkSession, many: Path) -> None:
    observations = read_csv(session, many / "facts" / "all.csv")
    found = spark.findings(session, observations, "stor", portfolio=many, library=many, partitions=16)

    def slowly(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            time.sleep(0.5)
            yield batch

    result: list[Any] = []
    tracker = session.sparkContext.statusTracker()
    # `slowly` runs in the very tasks that grade.
    job = threading.Thread(
        target=lambda: result.append(collected(found.mapInArrow(slowly, found.schema))), daemon=True
    )
    job.start()

    def done() -> int:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return max((stage.numCompletedTasks for stage in stages if stage and stage.numTasks == 16), default=0)

    wait_until(lambda: done() >= 4)
    victim = cluster.workers[0]
    executors = children(victim.pid)
    assert len(executors) == 1
    at_the_kill = done()
    for pid in (victim.pid, *executors):
        os.kill(pid, signal.SIGKILL)
    victim.wait(20)
    try:
        assert 4 <= at_the_kill < 12, "the kill came in the middle"
        wait_until(lambda: not running(executors[0]))
        job.join(PATIENCE)
        assert result == [expected(many)]
    finally:
        cluster.replace_worker()


def test_totals_are_those_of_the_audit(session: SparkSession) -> None:
    observations = frame_of(session, tidy(open_portfolio("jamtland-2024")))
    found = spark.findings(session, observations, "jamtland-halsoval-2024", portfolio="jamtland-2024")
    totals = {row["requirement"]: row for row in spark.totals(found).collect()}
    audit = compliance.audit("jamtland-2024")
    assert set(totals) == {total.requirement for total in audit.requirements}
    for total in audit.requirements:
        row, first = totals[total.requirement], total.measures[0]
        assert {grade: row[grade.value] for grade in total.grades} == total.grades
        assert (row["units"], row["min"], row["max"]) == (first.units, first.min, first.max)
        if first.pooled is not None:
            assert abs(row["numerator"] / row["denominator"] - first.pooled) < Decimal("0.00001")
        if first.total is not None:
            assert abs(row["sum"] - first.total) < Decimal("0.001")


# Data frames in other shapes ---------------------------------------------------------------------


def test_without_units_each_unit_observed_is_one(session: SparkSession, tmp_path: Path) -> None:
    folder = small(tmp_path, "measure: {value: a}\ngrade: {pass: {above: 4}}", every_month("U1", "a", "5"))
    rows = [
        (unit, "a", f"2024-{month:02d}", "5", None, None, None) for unit in "ÅB" for month in range(1, 13)
    ]
    contract = folder / "contracts" / "c.yaml"
    found = collected(spark.findings(session, frame_of(session, rows), contract, library=folder))
    assert [(record["unit"], record["grade"]) for record in found] == [("B", "pass"), ("Å", "pass")]


def test_units_without_observations_are_graded_too(session: SparkSession, tmp_path: Path) -> None:
    folder = small(tmp_path, "measure: {value: a}\ngrade: {pass: {above: 4}}", every_month("U1", "a", "5"))
    rows = [("U1", "a", f"2024-{month:02d}", "5", None, None, None) for month in range(1, 13)]
    contract = folder / "contracts" / "c.yaml"
    observations = frame_of(session, rows)
    units = session.createDataFrame(
        [("U1", "unit"), ("U2", "unit"), ("F1", "region")], "unit string, kind string"
    )
    for given in (["U1", "U2", "F1"], units):
        found = collected(spark.findings(session, observations, contract, units=given, library=folder))
        grades = [(record["unit"], record["grade"]) for record in found]
        assert grades == [("F1", "unknown"), ("U1", "pass"), ("U2", "unknown")]


def test_what_cannot_be_laid_to_a_cell_anywhere_holds_back_every_default(
    session: SparkSession, tmp_path: Path
) -> None:
    rule = "measure: {value: extra, over: total}\ngrade: {pass: {at_most: 0}}"
    folder = small(tmp_path, rule, "U9,a,2024-01,1,,,\n", units="unit\nU1\nU2\nU3\n")
    facts = folder / "rules" / "facts.yaml"
    facts.write_text(
        facts.read_text("utf-8") + "  extra: {title: E, type: number, per: month, default: 0}\n", "utf-8"
    )
    observations = read_csv(session, folder / "facts" / "all.csv")
    with pytest.warns(spark.InputWarning, match="no unit 'U9'"):
        found = spark.findings(session, observations, "c", portfolio=folder, library=folder, partitions=3)
    assert collected(found) == expected(folder)
    assert {record["grade"] for record in collected(found)} == {"unknown"}


def test_numbers_as_decimals_are_graded_as_their_texts(session: SparkSession, tmp_path: Path) -> None:
    folder = large(tmp_path, 100)
    numbers = (f for f in (folder / "facts" / "all.csv").read_text("utf-8").splitlines() if ",*," not in f)
    kept = [line for line in numbers if line.split(",")[1] in ("fact", "a", "b", "visits")]
    (folder / "facts" / "all.csv").write_text("\n".join(kept) + "\n", "utf-8")
    texts = read_csv(session, folder / "facts" / "all.csv")
    observations = texts.withColumn("value", texts["value"].cast("decimal(16,4)"))
    found = spark.findings(session, observations, "stor", portfolio=folder, library=folder, partitions=5)
    assert collected(found) == expected(folder)


def test_answers_as_numbers_are_graded_as_their_words(session: SparkSession) -> None:
    portfolio = open_portfolio("jamtland-2024")
    rows = [
        (row, Decimal(cell.value or 0).scaleb(-6))
        for row, cell in zip(tidy(portfolio), portfolio.cells, strict=True)
        if catalogue()[cell.fact].type != "opening_hours" and row[3] != "*"
    ]
    texts = frame_of(session, (row for row, _ in rows))
    numbers = session.createDataFrame(
        [(*row[:3], number, *row[4:]) for row, number in rows],
        ", ".join(f"{name} {'decimal(18,6)' if name == 'value' else 'string'}" for name in TIDY),
    )
    as_texts, as_numbers = (
        collected(spark.findings(session, frame, "jamtland-halsoval-2024", portfolio=portfolio))
        for frame in (texts, numbers)
    )
    assert as_numbers == as_texts
    assert any(record["previous_grade"] for record in as_numbers)


def test_periods_that_nothing_is_observed_in_are_left_aside_and_told(
    session: SparkSession, tmp_path: Path
) -> None:
    rows = (
        every_month("U1", "a", "5")
        + every_month("U2", "a", "5")
        + "U2,a,2031-01,5,,,\nU1,nothing,2024,1,,,\n"
    )
    folder = small(tmp_path, "measure: {value: a}\ngrade: {pass: {above: 4}}", rows, units="unit\nU1\nU2\n")
    texts = read_csv(session, folder / "facts" / "all.csv")
    for kind in ("string", "decimal(18,6)", "bigint"):
        observations = texts.withColumn("value", texts["value"].cast(kind))
        with pytest.warns(spark.InputWarning) as told:
            found = spark.findings(session, observations, "c", portfolio=folder, library=folder)
        said = " ".join(str(warning.message) for warning in told)
        assert "The month 2031-01 is outside" in said
        assert "There is no fact 'nothing'" in said
        assert collected(found) == expected(folder)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("enhet string, fact string, value string", "The column 'unit' is missing."),
        ("unit string, fact string, value string, kvality string", "Unknown column 'kvality'."),
        ("unit int, fact string, value string", "The column 'unit' is int. Cast it to STRING."),
        ("unit string, fact string, value double", "Cast it to DECIMAL"),
        ("unit string, fact string, value decimal(20,8)", "Cast it to DECIMAL"),
        ("unit string, fact string, period date, value string", "The column 'period' is date."),
    ],
)
def test_a_frame_of_other_columns_or_types_is_told_in_plain_words(
    session: SparkSession, columns: str, said: str
) -> None:
    with pytest.raises(InputError, match="observations: ") as error:
        spark.findings(session, session.createDataFrame([], columns), "jamtland-halsoval-2024")
    assert said in str(error.value)


def test_an_unknown_contract_or_portfolio_is_told_in_plain_words(
    session: SparkSession, tmp_path: Path
) -> None:
    observations = frame_of(session, [("U1", "a", "2024-01", "1", None, None, None)])
    cases: list[tuple[str | Path, str | Path | None, str]] = [
        ("jamtland-halsoval-2042", None, "There is no contract 'jamtland-halsoval-2042'."),
        (tmp_path / "c.yaml", None, "There is no such file."),
        ("jamtland-halsoval-2024", "halland-2024", "Name that one."),
        ("jamtland-halsoval-2024", tmp_path, "isn't a portfolio"),
    ]
    for contract, portfolio, said in cases:
        with pytest.raises(InputError) as error:
            spark.findings(session, observations, contract, portfolio=portfolio)
        assert said in str(error.value)


def test_nothing_is_warned_of_where_nothing_is_wrong(session: SparkSession, many: Path) -> None:
    observations = read_csv(session, many / "facts" / "all.csv").where("value != 'kanske'")
    clean = open_portfolio(many, many)._replace(problems=())
    with warnings.catch_warnings():
        warnings.simplefilter("error", spark.InputWarning)
        spark.findings(session, observations, "stor", portfolio=clean, library=many)


def test_the_example_in_the_docs_holds(session: SparkSession) -> None:
    page = (ROOT / "docs" / "spark.md").read_text("utf-8")
    example = doctest.DocTestParser().get_doctest(page, {"session": session}, "spark.md", "spark.md", 0)
    said: list[str] = []
    assert example.examples
    doctest.DocTestRunner().run(example, out=said.append)
    assert "".join(said) == ""


# The command -------------------------------------------------------------------------------------


def test_the_command_writes_the_same_bytes_from_the_cluster(
    cluster: Cluster, run: Callable[..., Done]
) -> None:
    command = ("audit", "jamtland-2024", "-f", "json", "--fail-on", "never")
    environment = {"SPARK_MASTER": cluster.address, "SPARK_LOCAL_IP": "127.0.0.1"}
    there, here = run(*command, "--engine", "spark", **environment), run(*command)
    assert there == here
    assert there.status == 0


def test_a_worker_without_the_package_is_told_in_plain_words() -> None:
    said = "ModuleNotFoundError: No module named 'compliance'\n  at org.apache.spark.Something"
    assert "Install compliance[spark] there" in spark._plainly(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--master", "spark://127.0.0.1:1"), "No Spark master answers at 'spark://127.0.0.1:1'"),
        (("--master", "sparc:7077"), "isn't the address of a Spark master. Write it as spark://host:7077"),
        (("--master", "local[many]"), "The master's address can't be read."),
    ],
)
def test_a_master_that_cannot_be_reached_is_told_in_plain_words(
    run: Callable[..., Done], arguments: tuple[str, ...], said: str
) -> None:
    require("pyspark", "pandas", "pyarrow", programs=("java",))
    done = run("audit", "jamtland-2024", "--engine", "spark", *arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_master_without_the_engine_is_refused(run: Callable[..., Done]) -> None:
    done = run("audit", "jamtland-2024", "--master", "local[2]")
    assert (done.status, done.out) == (2, "")
    assert "Add --engine spark" in done.err


def test_without_spark_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from compliance.cli.main import cli

    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    done = CliRunner().invoke(cli, ["audit", "jamtland-2024", "--engine", "spark"])
    assert done.exit_code == 2
    assert "pip install 'compliance[spark]'" in done.output


def test_without_java_the_command_says_so(run: Callable[..., Done], tmp_path: Path) -> None:
    require("pyspark", "pandas", "pyarrow")
    done = run("audit", "jamtland-2024", "--engine", "spark", PATH=str(tmp_path), JAVA_HOME="")
    assert (done.status, done.out) == (2, "")
    assert "Java 17 or later" in done.err
    assert done.err.count("\n") == 1
