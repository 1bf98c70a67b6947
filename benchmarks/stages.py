"""What the later stages cost: explanations, totals, the summary, follow-up, comparisons and reports, per 1,000 findings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.turns import Answer, Side, figures_of, seconds, spread, take_turns

if TYPE_CHECKING:
    from compliance import Audit

__all__ = ["STAGES", "ask_stages"]


class Stage(NamedTuple):
    """`run` is handed a module, an audit that nobody has looked at, and the audit of the period before it.

    A stage is left out where its module, or what that needs, isn't there, or where it needs a period before and there is none.
    """

    name: str
    module: str
    run: Callable[[Any, Audit, Audit | None], Any]
    compares: bool = False


def _explained(langs: tuple[str, ...]) -> Callable[[Any, Audit, Audit | None], Any]:
    return lambda explain, audit, _: [explain.explain(f, lang) for f in audit.findings for lang in langs]


def _drawn(report: Any, audit: Audit, _: Audit | None) -> Any:
    from compliance.report.terminal import captured

    with captured("en") as (paper, out):
        report.show_audit(paper, audit)
    return out.getvalue()


def _briefed(render: str) -> Callable[[Any, Audit, Audit | None], Any]:
    def run(report: Any, audit: Audit, _: Audit | None) -> Any:
        briefs = import_module("compliance.brief").Briefs(audit, "sv")
        return [getattr(report, render)(briefs.unit(unit.unit)) for unit in audit.units]

    return run


STAGES = (
    Stage("explanations, in one language", "compliance.findings.explain", _explained(("sv",))),
    Stage("explanations, in both languages", "compliance.findings.explain", _explained(("sv", "en"))),
    Stage("totals", "compliance.findings.totals", lambda _, audit, __: audit.requirements),
    Stage(
        "the board's summary, in both languages",
        "compliance.findings.summary",
        lambda summary, audit, _: summary.summarise(audit),
    ),
    Stage(
        "remedies, in both languages",
        "compliance.remedy.found",
        lambda found, audit, _: [found.remedy(f, lang) for f in audit.findings for lang in ("sv", "en")],
    ),
    Stage("follow-up", "compliance.followup.run", lambda run, audit, _: run.follow_up(audit)),
    Stage("what changed since", "compliance.comparison", lambda m, audit, old: m.compare(old, audit), True),
    Stage(
        "what changed since, as JSON",
        "compliance.report.compare",
        lambda report, audit, old: report.comparison_json(
            import_module("compliance.comparison").compare(old, audit)
        ),
        True,
    ),
    Stage("the waivers' register", "compliance.register", lambda m, audit, _: m.waiver_register(audit)),
    Stage("the audit on the terminal", "compliance.report.audit", _drawn),
    Stage("the audit as CSV", "compliance.report.csv", lambda m, audit, _: m.audit_csv(audit, "sv")),
    Stage("the audit as JSON", "compliance.report.json", lambda m, audit, _: m.audit_json(audit)),
    Stage("briefs of all units, HTML", "compliance.report.brief_html", _briefed("brief_html")),
    Stage("briefs of all units, DOCX", "compliance.report.brief_docx", _briefed("brief_docx")),
)


def ask_stages(name: str, portfolio: Path | str, repeats: int) -> Answer:
    """Each stage on its own, of a portfolio that is audited anew before each of them, unmeasured."""
    import compliance

    def fresh(compares: bool) -> tuple[Audit, Audit | None]:
        now = compliance.audit(portfolio)
        older = now.portfolio.previous
        return now, compliance.audit(older.folder) if older is not None and compares else None

    whole, _ = fresh(False)
    number, units = len(whole.findings), len(whole.units)
    sides = [Side("reading and grading", units, number, lambda: compliance.audit(portfolio))]
    for stage in STAGES:
        if stage.compares and whole.portfolio.previous is None:
            continue
        try:
            run = partial(stage.run, import_module(stage.module))
        except ImportError:
            continue
        sides.append(Side(stage.name, units, number, run, fresh=partial(fresh, stage.compares)))
    timings = take_turns(sides, repeats)
    rows = [
        [
            timing.side.name,
            seconds(timing.median),
            spread(timing.seconds),
            f"{1e6 * timing.median / number:,.1f} ms",
        ]
        for timing in timings
    ]
    return Answer(
        f"stages {name}",
        f"Stages, {name}: {units:,} units and {number:,} findings",
        ["stage", "median", "shortest to longest", "per 1,000 findings"],
        rows,
        figures_of(timings),
    )
