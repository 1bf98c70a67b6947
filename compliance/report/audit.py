"""All units in the terminal: whom to talk with first, the matrix, and the totals per requirement."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text as Styled

from compliance.assessment import Audit, Group, worst_first
from compliance.findings import phrases
from compliance.findings.phrases import WORDED
from compliance.findings.records import Finding, Grade, UnitResult, grade_counts, unwaived_counts
from compliance.findings.totals import MeasureTotal, RequirementTotal
from compliance.language.program import Clause, Ready
from compliance.report.followup import show_actions
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import (
    EASED,
    STYLES,
    Screen,
    amount,
    clean,
    counts,
    heading,
    mark,
    plain_table,
    symbol,
    title,
)
from compliance.words import listed, number

__all__ = ["show_audit", "show_groups"]

MOST_UNITS = 10
FEW_UNITS = 5
"""Up to so many units are columns of the matrix, and above it rows."""
LONGEST_HEAD = 8
SHORTEST_NAME = 16
BESIDE = 26
"""How much stands on one line under a measure."""
BRANCH_WORD = phrases.KIND_WORDS["branch"]
GRADED = (Grade.PASS, Grade.PARTIAL, Grade.FAIL, Grade.UNKNOWN, Grade.NOT_APPLICABLE)


def show_audit(screen: Screen, audit: Audit) -> None:
    """The whole audit, what matters most first."""
    title(screen, audit)
    units = sorted((u for u in audit.units if u.findings), key=lambda unit: unit.kind == "branch")
    findings = [finding for unit in units for finding in unit.findings]
    eased = grade_counts(finding for finding in findings if finding.eased)
    told = counts(grade_counts(findings), screen.lang, eased)
    screen.line(Styled.assemble(f"{_who(screen, audit, units)}: ", told))
    if any(eased.values()):
        bare = counts(unwaived_counts(findings), screen.lang).plain
        screen.line(Styled(screen.say("without_waivers").format(text=bare), "dim"))
    _first(screen, audit, units)
    show_actions(screen, audit)
    graded, figures = _split(audit)
    _matrix(screen, units, graded, len(figures))
    _requirements(screen, audit, graded)
    _figures(screen, audit)
    _notes(screen, audit)


def _who(screen: Screen, audit: Audit, units: Sequence[UnitResult]) -> str:
    """`46 vårdcentraler och 11 filialer`."""
    branches = sum(unit.kind == "branch" for unit in units)
    groups = ((len(units) - branches, audit.portfolio.contract.unit_word), (branches, BRANCH_WORD))
    return listed(
        [f"{count} {clean(word[count != 1][screen.lang])}" for count, word in groups if count], screen.lang
    )


def _split(audit: Audit) -> tuple[list[Clause], list[Clause]]:
    """Requirements with a level to meet, and those that are only reported."""
    clauses = audit.portfolio.program.clauses
    told = {f.requirement for f in audit.findings if f.grade in (Grade.PASS, Grade.PARTIAL, Grade.FAIL)}
    laddered = {clause.id for clause in clauses if any(t.rung == "pass" for t in clause.tests)}
    infos = {f.requirement for f in audit.findings if f.grade is Grade.INFO}
    graded = [c for c in clauses if c.id in told or (c.id in laddered and c.id not in infos)]
    return graded, [clause for clause in clauses if clause not in graded]


# Whom to talk with first -----------------------------------------------------------------------


def _first(screen: Screen, audit: Audit, units: Sequence[UnitResult]) -> None:
    heading(screen, screen.say("first"))
    worst = worst_first(tuple(units))
    if not worst:
        told = "first_none" if audit.findings else "nothing_graded"
        screen.line(screen.say(told), indent=2)
        return
    for unit in worst[:MOST_UNITS]:
        screen.line(Styled(clean(f"{unit.unit} {unit.name}"), "bold"), indent=2)
        for obligation in ("must", "target"):
            parts = _troubles(screen, unit, obligation)
            if parts:
                name = OBLIGATIONS[obligation][screen.lang]
                screen.line(Styled.assemble(f"{name}: ", Styled(", ").join(parts)), indent=4)
    if len(worst) > MOST_UNITS:
        screen.line(screen.say("more_units").format(n=len(worst) - MOST_UNITS), indent=2)


def _troubles(screen: Screen, unit: UnitResult, obligation: str) -> list[Styled]:
    order = (Grade.FAIL, Grade.PARTIAL, Grade.UNKNOWN)
    chosen = [f for f in unit.findings if f.obligation == obligation and f.grade in order]
    chosen.sort(key=lambda finding: order.index(finding.grade))
    parts: list[Styled] = []
    for finding in chosen:
        name, title = finding.requirement, finding.evidence.clause.title[screen.lang]
        if len(name) > LONGEST_HEAD:  # a word, which the title says better
            name = title
        elif obligation == "must":
            name += f" {title}"
        parts.append(Styled.assemble((finding.grade.symbol, STYLES[finding.grade]), f" {clean(name)}"))
    return parts


# The matrix ------------------------------------------------------------------------------------


def _matrix(screen: Screen, units: Sequence[UnitResult], clauses: Sequence[Clause], left_out: int) -> None:
    if not clauses:
        return
    heading(screen, screen.say("matrix"))
    parts = [Styled.assemble(symbol(grade), f" {grade.text[screen.lang]}") for grade in GRADED]
    ids = {clause.id for clause in clauses}
    eased = {f.grade for unit in units for f in unit.findings if f.eased and f.requirement in ids}
    parts += [
        Styled.assemble((sign, STYLES[grade]), f" {text[screen.lang]}")
        for grade, (sign, text) in EASED.items()
        if grade in eased
    ]
    screen.line(Styled("  ").join(parts))
    if len(units) <= FEW_UNITS:
        screen.line()
        screen.table(_turned(screen, units, clauses))
    else:
        _wide_matrix(screen, units, clauses)
    if left_out:
        screen.line()
        screen.line(Styled(screen.say("matrix_left_out").format(n=left_out), "dim"))


def _turned(screen: Screen, units: Sequence[UnitResult], clauses: Sequence[Clause]) -> Table:
    """Of few units: a requirement a row, with its title, and a unit a column."""
    table = plain_table("", screen.say("requirement"), *(clean(unit.unit) for unit in units))
    for clause in clauses:
        found = [{f.requirement: f for f in unit.findings}.get(clause.id) for unit in units]
        table.add_row(
            Styled(clean(clause.id)), Styled(clean(clause.title[screen.lang])), *(_cell(f) for f in found)
        )
    return table


def _wide_matrix(screen: Screen, units: Sequence[UnitResult], clauses: Sequence[Clause]) -> None:
    """Of many units: a unit a row, and the requirements as columns headed by their numbers."""
    if any(len(clause.id) > LONGEST_HEAD for clause in clauses):
        heads = {clause.id: str(index + 1) for index, clause in enumerate(clauses)}
        named = [f"{head}\N{NO-BREAK SPACE}{id_}" for id_, head in heads.items()]
        screen.line(Styled(clean("  ".join(named)), "dim"))
    else:
        heads = {clause.id: clause.id for clause in clauses}
    widest = max(len(unit.unit) for unit in units)
    room = screen.console.width - widest - 3
    longest = max(len(unit.name) for unit in units)
    # Names give way to the columns, down to what still tells one unit from another.
    columns = [(clause.id, *_parts(heads[clause.id])) for clause in clauses]
    name_width = min(longest, max(room - _width(columns), SHORTEST_NAME))
    for block in _blocks(columns, room - name_width):
        screen.line()
        for row in _head(block):
            screen.line(Styled(" " * (widest + name_width + 3) + row, "dim"))
        for unit in units:
            name = clean(unit.name)
            shown = name if len(name) <= name_width else name[: name_width - 1] + "…"
            line = Styled(f"{clean(unit.unit):<{widest}} {shown:<{name_width}}  ")
            by_id = {finding.requirement: finding for finding in unit.findings}
            for index, (id_, _, _) in enumerate(block):
                line.append(_gap(block, index))
                line.append(_cell(by_id.get(id_)))
            screen.line(line)


def _cell(finding: Finding | None) -> Styled:
    return mark(finding) if finding else Styled(" ")


Column = tuple[str, str, str]
"""A requirement's id, and its head's chapter and last part: 2.4 and 10."""


def _parts(head: str) -> tuple[str, str]:
    chapter, dot, last = head.rpartition(".")
    return (chapter, last) if dot else ("", head)


def _gap(block: Sequence[Column], index: int) -> str:
    if index and block[index][1] != block[index - 1][1]:
        return "  "
    return " " if index else ""


def _width(block: Sequence[Column]) -> int:
    return sum(len(_gap(block, index)) + 1 for index in range(len(block)))


def _blocks(columns: Sequence[Column], room: int) -> list[list[Column]]:
    """As many columns side by side as fit; the rest below."""
    blocks: list[list[Column]] = []
    for column in columns:
        if blocks and _width([*blocks[-1], column]) <= room:
            blocks[-1].append(column)
        else:
            blocks.append([column])
    return blocks


def _head(block: Sequence[Column]) -> list[str]:
    """The column heads: the chapter across, and the last part of each number downwards."""
    lasts = [clean(last) for _, _, last in block]
    height = max(len(last) for last in lasts)
    chapters, rows = "", [""] * height
    for index, (_, chapter, _) in enumerate(block):
        gap = _gap(block, index)
        position = len(rows[0]) + len(gap)
        begins = index == 0 or chapter != block[index - 1][1]
        if chapter and begins and len(chapters) <= position:
            chapters = chapters.ljust(position) + clean(chapter) + " "
        last = lasts[index].rjust(height)
        rows = [row + gap + last[at] for at, row in enumerate(rows)]
    return ([chapters] if chapters.strip() else []) + rows


# Totals ----------------------------------------------------------------------------------------


def _requirements(screen: Screen, audit: Audit, clauses: Sequence[Clause]) -> None:
    if not clauses:
        return
    heading(screen, screen.say("graded"))
    totals = {total.requirement: total for total in audit.requirements}
    screen.table(_grade_table(screen, clauses, totals))
    changed = [(clause, total) for clause in clauses if (total := totals[clause.id]).grades != total.unwaived]
    for clause, total in changed:
        text = counts(total.unwaived, screen.lang).plain
        screen.line(Styled(f"{clean(clause.id)}: {screen.say('waived').format(text=text)}", "dim"), indent=0)


def _grade_table(screen: Screen, clauses: Sequence[Clause], totals: dict[str, RequirementTotal]) -> Table:
    def units(total: RequirementTotal, grade: Grade, eased: bool) -> int:
        # What a waiver gave has a column of its own, so that it isn't taken for the plain grade.
        waived = total.waived[grade] if grade in EASED else 0
        return waived if eased else total.grades[grade] - waived

    columns = [
        (grade, eased)
        for grade in GRADED
        for eased in (False, True)
        if any(units(totals[clause.id], grade, eased) for clause in clauses)
    ]
    heads = [EASED[grade][0] if eased else grade.symbol for grade, eased in columns]
    table = plain_table("", screen.say("requirement"), screen.say("obligation"), *heads, numbers_from=3)
    for clause in clauses:
        total = totals[clause.id]
        counted = [(grade, units(total, grade, eased)) for grade, eased in columns]
        cells = [Styled(str(count) if count else "", STYLES[grade]) for grade, count in counted]
        table.add_row(
            Styled(clean(clause.id)),
            Styled(clean(clause.title[screen.lang])),
            Styled(OBLIGATIONS[clause.requirement.obligation][screen.lang], "dim"),
            *cells,
        )
    return table


def _figures(screen: Screen, audit: Audit) -> None:
    """Every measured value over the units: not answers in words, which the grades already count."""
    heading(screen, screen.say("figures"))
    units = [unit for unit in audit.units if unit.findings]
    if len(units) <= FEW_UNITS:
        screen.table(_value_table(screen, audit, units))
    else:
        screen.table(_figure_table(screen, audit, audit.requirements))


def _value_table(screen: Screen, audit: Audit, units: Sequence[UnitResult]) -> Table:
    """Of few units: each one's values, for statistics over them would say little."""
    lang = screen.lang
    table = plain_table(
        "", screen.say("measure"), *(clean(unit.unit) for unit in units), screen.say("unit"), numbers_from=2
    )
    table.columns[0].no_wrap = True
    table.columns[-1].justify = "left"
    for clause in audit.portfolio.program.clauses:
        found = [{f.requirement: f for f in unit.findings}.get(clause.id) for unit in units]
        name = clean(clause.id)
        for position, ready in enumerate(clause.own_measures()):
            values = [f.measures[position].value if f else None for f in found]
            if ready.type in WORDED or all(value is None for value in values):
                continue
            unit = "" if ready.type == "percent" else phrases.unit_of(ready, lang).strip()
            table.add_row(
                Styled(name),
                Styled(clean(_measure_name(clause, ready, lang))),
                *(amount(value, ready, lang) for value in values),
                Styled(clean(unit), "dim"),
            )
            name = ""
    return table


def _figure_table(screen: Screen, audit: Audit, totals: Sequence[RequirementTotal]) -> Table:
    lang = screen.lang
    clauses = {clause.id: clause for clause in audit.portfolio.program.clauses}
    table = plain_table(
        "",
        screen.say("measure"),
        *(screen.say(key) for key in ("units", "mean", "median", "min", "max", "pooled")),
        numbers_from=2,
    )
    for total in totals:
        clause = clauses[total.requirement]
        for ready, measure in zip(clause.own_measures(), total.measures, strict=True):
            if ready.type in WORDED or not measure.units:
                continue
            table.add_row(
                Styled(clean(clause.id)),
                Styled(clean(_measure_name(clause, ready, lang))),
                str(measure.units),
                amount(measure.mean, ready, lang),
                amount(measure.median, ready, lang),
                amount(measure.min, ready, lang),
                amount(measure.max, ready, lang),
                _pooled(measure, ready, lang),
            )
            for text in _beside(screen, total, measure, ready, clause):
                table.add_row("", Styled(text, "dim"), "", "", "", "", "", "")
    return table


def _pooled(measure: MeasureTotal, ready: Ready, lang: str) -> str:
    if measure.total is not None and ready.measure.kind != "count":
        return f"Σ {number(measure.total, lang, 0)}"
    if ready.measure.kind in ("share", "rate", "change"):
        return amount(measure.pooled, ready, lang)
    return ""


def _beside(
    screen: Screen, total: RequirementTotal, measure: MeasureTotal, ready: Ready, clause: Clause
) -> list[str]:
    """Under a measure: the previous period, references, and how units spread over the bands."""
    lang = screen.lang
    parts: list[str] = []
    if measure.previous_total is not None and measure.total is not None and ready.measure.kind != "count":
        parts.append(f"{screen.say('previous')} Σ {number(measure.previous_total, lang, 0)}")
    elif ready.measure.kind in ("share", "rate") and measure.previous_pooled is not None:
        parts.append(f"{screen.say('previous')} {amount(measure.previous_pooled, ready, lang)}")
    elif measure.previous_mean is not None:
        parts.append(f"{screen.say('previous')} {amount(measure.previous_mean, ready, lang)}")
    if ready is clause.measures[0]:
        for name, value in total.references.items():
            parts.append(f"{clean(name)} {amount(value, ready, lang)}")
        if total.bands:
            parts.append(f"{screen.say('bands')} {' + '.join(str(band) for band in total.bands)}")
    rows: list[str] = []
    for part in parts:
        if rows and len(rows[-1]) + len(part) + 2 <= BESIDE:
            rows[-1] += f"  {part}"
        else:
            rows.append(part)
    return rows


def _measure_name(clause: Clause, ready: Ready, lang: str) -> str:
    if len(clause.own_measures()) == 1 and ready.measure.title is None:
        return clause.title[lang]
    return phrases.label(clause, ready, lang)


def _notes(screen: Screen, audit: Audit) -> None:
    notes = audit.portfolio.file.all_notes
    if notes:
        heading(screen, screen.say("notes"))
        for note in notes:
            screen.line(f"· {note[screen.lang]}", indent=2)


def show_groups(screen: Screen, audit: Audit, groups: Sequence[Group]) -> None:
    """The same totals, one group after another."""
    graded, _ = _split(audit)
    for group in groups:
        name = group.group or screen.say("no_group")
        if group.by == "operator" and group.group:
            name = screen.say(group.group)
        heading(screen, f"{name} ({group.units} {screen.say('units')})")
        totals = {total.requirement: total for total in group.requirements}
        screen.table(_grade_table(screen, graded, totals))
        screen.line()
        screen.table(_figure_table(screen, audit, group.requirements))
