"""What `compliance rules lint` and `rules test` find: in the terminal, as JSON and as JUnit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from rich.text import Text as Styled

from compliance.lint.coverage import Reach
from compliance.lint.off import Accepted
from compliance.lint.run import LintReport
from compliance.lint.trial import Mutation
from compliance.report.terminal import Screen, clean
from compliance.words import Text

__all__ = [
    "coverage_data",
    "lint_json",
    "lint_junit",
    "mutation_data",
    "show_coverage",
    "show_lint",
    "show_mutation",
]

CLEAN = Text("Inget att anmärka på: {checks} kontroller.", "Nothing to remark on: {checks} checks.")
FOUND = Text(
    "Anmärkningar: {problems}, filer: {files}, kontroller: {checks}.",
    "Remarks: {problems}, files: {files}, checks: {checks}.",
)
OFF = Text("Avstängt med skäl:", "Turned off with a reason:")
TIMES = Text("håller tillbaka {count}", "holds back {count}")
REACHED = Text("Exemplen når {reached} av {all}.", "The examples reach {reached} of {all}.")
MISSED = Text("inget exempel når:", "no example reaches:")
KILLED = Text(
    "{count} ändrade regler: exemplen avslöjar {killed}, {accepted} godtas med skäl, {survived} överlever.",
    "{count} altered rules: the examples tell {killed}, {accepted} are accepted with a reason, {survived} survive.",
)
SURVIVES = Text("överlever:", "survives:")
ACCEPTED = Text("godtas:", "accepted:")
IDLE = Text("godtas, men överlever inte:", "accepted, but doesn't survive:")


# Lint -----------------------------------------------------------------------------------------


def show_lint(screen: Screen, report: LintReport) -> None:
    """The remarks file by file, and what is turned off with which reason."""
    file = None
    for problem in report.problems:
        if problem.place.file != file:
            if file is not None:
                screen.line()
            file = problem.place.file
            screen.line(Styled(clean(file), "bold"))
        spot = f"{problem.place.line}:{problem.place.column}"
        screen.line(Styled.assemble((f"{spot:<8}", "dim"), (problem.check, "yellow")), indent=2)
        screen.line(problem.message, indent=10)
    if report.problems:
        screen.line()
    if report.off:
        screen.line(Styled(OFF[screen.lang], "dim"))
        for entry, count in report.off:
            about = " ".join(f"{kind} {name}" for kind, name in entry.about)
            told = (
                f"{entry.check} {about} ({TIMES[screen.lang].format(count=count)}): {entry.why[screen.lang]}"
            )
            screen.line(Styled(clean(told), "dim"), indent=2)
        screen.line()
    files = len({problem.place.file for problem in report.problems})
    said = FOUND if report.problems else CLEAN
    screen.line(
        said[screen.lang].format(problems=len(report.problems), files=files, checks=len(report.checks))
    )


def lint_json(report: LintReport) -> str:
    data = {
        "checks": list(report.checks),
        "remarks": [
            {
                "check": problem.check,
                "where": str(problem.place),
                "message": problem.message,
                "about": dict(problem.about),
            }
            for problem in report.problems
        ],
        "turned_off": [{**_entry(entry), "remarks": count} for entry, count in report.off],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _entry(entry: Accepted) -> dict[str, Any]:
    named = {"check": entry.check} if entry.check is not None else {"mutant": entry.mutant}
    return {**named, "about": dict(entry.about), "why": entry.why.as_dict, "where": str(entry.place)}


def lint_junit(report: LintReport) -> str:
    """A test case for each remark, and one for each check that has none; what is turned off is skipped."""
    cases: list[str] = []
    for check in report.checks:
        own = [problem for problem in report.problems if problem.check == check]
        off = [entry for entry, _ in report.off if entry.check == check]
        for problem in own:
            case = _case(check, str(problem.place))
            said = quoteattr(problem.message)
            cases.append(
                f"{case}>\n    <failure message={said}>{escape(str(problem))}</failure>\n  </testcase>"
            )
        for entry in off:
            case = _case(check, " ".join([str(entry.place), *(name for _, name in entry.about)]))
            cases.append(f"{case}>\n    <skipped message={quoteattr(entry.why.en)}/>\n  </testcase>")
        if not own and not off:
            cases.append(f"{_case(check, 'library')}/>")
    counts = f'tests="{len(cases)}" failures="{len(report.problems)}" errors="0" skipped="{len(report.off)}"'
    body = "\n".join(f"  {case}" for case in cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="compliance rules lint" {counts}>\n{body}\n</testsuite>\n'
    )


def _case(check: str, name: str) -> str:
    return f"<testcase classname={quoteattr(f'compliance.rules.lint.{check}')} name={quoteattr(name)}"


# Coverage and mutants -------------------------------------------------------------------------


def show_coverage(screen: Screen, reaches: Sequence[Reach]) -> None:
    missed = [one for one in reaches if not one.reached]
    screen.line()
    for one in missed:
        screen.line(
            Styled.assemble(
                ("○", "magenta"),
                f" {one.rule}: {MISSED[screen.lang]} ",
                clean(one.what),
                ("  " + str(one.place), "dim"),
            )
        )
    screen.line(REACHED[screen.lang].format(reached=len(reaches) - len(missed), all=len(reaches)))


def coverage_data(reaches: Sequence[Reach]) -> dict[str, Any]:
    return {
        "reached": sum(one.reached for one in reaches),
        "all": len(reaches),
        "missed": [
            {"rule": one.rule, "what": one.what, "where": str(one.place)}
            for one in reaches
            if not one.reached
        ],
    }


def show_mutation(screen: Screen, mutation: Mutation) -> None:
    screen.line()
    for survivor in mutation.survivors:
        said = f" {survivor.rule}: {SURVIVES[screen.lang]} {survivor.mutant}"
        screen.line(Styled.assemble(("✗", "bold red"), clean(said), (f"  {survivor.place}", "dim")))
    for survivor, entry in mutation.accepted:
        said = f"· {survivor.rule}: {ACCEPTED[screen.lang]} {survivor.mutant}: {entry.why[screen.lang]}"
        screen.line(Styled(clean(said), "dim"))
    for entry in mutation.idle:
        named = " ".join(name for _, name in entry.about)
        said = f" {named}: {IDLE[screen.lang]} {entry.mutant}"
        screen.line(Styled.assemble(("✗", "bold red"), clean(said), (f"  {entry.place}", "dim")))
    survived, accepted = len(mutation.survivors), len(mutation.accepted)
    screen.line(
        KILLED[screen.lang].format(
            count=mutation.total,
            killed=mutation.total - survived - accepted,
            accepted=accepted,
            survived=survived,
        )
    )


def mutation_data(mutation: Mutation) -> dict[str, Any]:
    return {
        "mutants": mutation.total,
        "survivors": [
            {"rule": one.rule, "mutant": one.mutant, "where": str(one.place)} for one in mutation.survivors
        ],
        "accepted": [
            {"rule": one.rule, "mutant": one.mutant, "where": str(one.place), "why": entry.why.as_dict}
            for one, entry in mutation.accepted
        ],
        "idle": [_entry(entry) for entry in mutation.idle],
    }
