"""Small portfolios written from a few lines of text."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

__all__ = ["small"]

FACTS = """
facts:
  a: {title: A, type: number, per: month, stock: yes}
  b: {title: B, type: number, per: month, stock: yes}
  visits: {title: {sv: Besök, en: Visits}, type: count, unit: {sv: besök, en: visits}, per: month}
  answer: {title: {sv: Svaret, en: The answer}, type: level, per: year}
  coordinator: {title: {sv: Koordinator finns, en: There is a coordinator}, type: yes_no, per: year}
  hours: {title: {sv: Öppettider, en: Opening hours}, type: opening_hours, per: period}
  report: {title: {sv: Rapport inlämnad, en: Report handed in}, type: date, per: period}
"""


def small(
    folder: Path,
    rule: str,
    observations: str,
    *,
    requirement: str = "",
    portfolio: str = "",
    period: str = "2024",
    units: str = "unit,name\nU1,Enhet 1\n",
) -> Path:
    """A portfolio with one rule `r`, one requirement `R1`, and facts a, b, visits, answer, coordinator …

    Args:
        rule: the rule's keys below its title.
        observations: tidy CSV below its header unit,fact,period,value,via,quality,comment.
        requirement, portfolio: further keys of the requirement and of portfolio.yaml.
    """
    for part in ("rules", "contracts", "facts"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "facts.yaml").write_text(FACTS, "utf-8")
    text = "rules:\n  r:\n    title: {sv: Regeln, en: The rule}\n" + indent(dedent(rule).strip(), "    ")
    (folder / "rules" / "r.yaml").write_text(text + "\n", "utf-8")
    more = indent(dedent(requirement).strip(), "    ")
    (folder / "contracts" / "c.yaml").write_text(
        f"id: c\ntitle: {{sv: Kontraktet, en: The contract}}\nperiod: {period}\n"
        "documents: {d: {title: Dokumentet}}\n"
        "requirements:\n  - id: R1\n    rule: r\n    obligation: must\n"
        '    source: {document: d, section: "1", quote: ett krav}\n' + more + "\n",
        "utf-8",
    )
    (folder / "portfolio.yaml").write_text(
        "contract: c\nprovenance: {sv: Påhittat, en: Made up}\nunits: units.csv\n"
        "observations: [facts/*.csv]\n" + dedent(portfolio).strip() + "\n",
        "utf-8",
    )
    (folder / "units.csv").write_text(units, "utf-8")
    (folder / "facts" / "all.csv").write_text(
        "unit,fact,period,value,via,quality,comment\n" + dedent(observations).lstrip(), "utf-8"
    )
    return folder


def every_month(unit: str, fact: str, value: str, year: int = 2024) -> str:
    """Twelve rows of the same value."""
    return "".join(f"{unit},{fact},{year}-{month:02d},{value},,,\n" for month in range(1, 13))
