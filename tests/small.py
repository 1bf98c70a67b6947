"""Small portfolios written from a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

__all__ = ["Year", "every_month", "small", "years"]

FACTS = """
facts:
  a: {title: A, type: number, per: month, stock: yes}
  b: {title: B, type: number, per: month, stock: yes}
  visits: {title: {sv: Besök, en: Visits}, type: count, unit: {sv: besök, en: visits}, per: month}
  answer: {title: {sv: Svaret, en: The answer}, type: level, per: year}
  coordinator: {title: {sv: Koordinator finns, en: There is a coordinator}, type: yes_no, per: year}
  hours: {title: {sv: Öppettider, en: Opening hours}, type: opening_hours, per: period}
  report: {title: {sv: Rapport inlämnad, en: Report handed in}, type: date, per: period}
  share: {title: {sv: Andelen, en: The share}, type: percent, per: year, range: [0, 100]}
  people: {title: {sv: Invånare, en: Residents}, type: count, per: month, stock: yes, given: yes}
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


class Year(NamedTuple):
    """A year's portfolio: its observations, and what it says otherwise than the usual.

    `requirements` is the list in the contract; `portfolio` further keys of portfolio.yaml; `period` the
    contract's, where it isn't the whole year.
    """

    rows: str
    requirements: str = (
        "- {id: R1, rule: r, obligation: must, source: {document: d, section: '1', quote: krav}}"
    )
    portfolio: str = ""
    units: str = "unit,name\nU1,Enhet 1\n"
    period: str = ""


def years(folder: Path, rules: str, of: Mapping[int, Year]) -> Path:
    """A library with `rules`, and in it a portfolio for each year that names the year before as `previous`.

    Returns:
        The folder; the portfolios lie in folders named after their years.
    """
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "contracts").mkdir(exist_ok=True)
    (folder / "rules" / "facts.yaml").write_text(FACTS, "utf-8")
    (folder / "rules" / "r.yaml").write_text("rules:\n" + indent(dedent(rules).strip(), "  ") + "\n", "utf-8")
    for number, year in of.items():
        (folder / "contracts" / f"c-{number}.yaml").write_text(
            f"id: c-{number}\ntitle: {{sv: Kontraktet {number}, en: The contract {number}}}\n"
            f"period: {year.period or number}\ndocuments: {{d: {{title: Dokumentet}}}}\n"
            "requirements:\n" + indent(dedent(year.requirements).strip(), "  ") + "\n",
            "utf-8",
        )
        own = folder / str(number)
        own.mkdir(exist_ok=True)
        previous = f"previous: ../{number - 1}\n" if number - 1 in of else ""
        (own / "portfolio.yaml").write_text(
            f"contract: c-{number}\nunits: units.csv\nobservations: [all.csv]\n{previous}"
            + dedent(year.portfolio).strip()
            + "\n",
            "utf-8",
        )
        (own / "units.csv").write_text(year.units, "utf-8")
        header = "unit,fact,period,value,via,quality,comment\n"
        (own / "all.csv").write_text(header + dedent(year.rows).lstrip(), "utf-8")
    return folder
