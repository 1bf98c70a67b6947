"""Facts set to other values: written for `--with`, read from it, and put into a portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from compliance.data.observations import NOW, Cell, Cells, State
from compliance.data.portfolio import Portfolio
from compliance.language.facts import SUPPRESSED, Fact, OutOfRangeError, as_number, read_value
from compliance.language.periods import month_label, read_month
from compliance.language.program import MILLION, Clause
from compliance.language.schedule import Schedule
from compliance.problems import InputError, Place, Problems, did_you_mean, one_of, shown
from compliance.remedy.figures import Figures
from compliance.remedy.records import Held, Key, Setting

__all__ = ["changed", "months_of", "read_settings", "settings_of", "written"]


def written(fact: Fact, held: Held) -> str:
    """A value as a file has it."""
    if isinstance(held, Schedule):
        text = held.text("en").replace("\N{EN DASH}", "-")
        return "mon-sun closed" if text == "closed" else text
    if fact.type == "text":
        return "x."
    whole = held // MILLION
    if fact.type == "yes_no":
        return ("nej", "ja")[whole]
    if fact.type == "level":
        return ("inte", "delvis", "helt")[whole]
    if fact.type == "choice":
        return fact.options[whole]
    if fact.type == "date":
        return date.fromordinal(whole).isoformat()
    value = Fraction(held, MILLION)
    sign, value = ("-" if value < 0 else ""), abs(value)
    units, part = divmod(int(value * MILLION), MILLION)
    return f"{sign}{units}" + (f".{part:06}".rstrip("0") if part else "")


def months_of(clauses: Iterable[Clause], fact: Fact, first: int, last: int) -> range:
    """The months for which a monthly fact is set: the period's, and those that some measure of it asks for."""
    for clause in clauses:
        for ready in clause.measures:
            if ready.monthly and any(used.name == fact.name for used in ready.facts):
                first, last = min(first, ready.first), max(last, ready.last)
    return range(first, last + 1)


def settings_of(figures: Figures, changes: Mapping[Key, Held]) -> tuple[Setting, ...]:
    """Changed cells as settings: one for a fact whose months are all set to the same."""
    by_fact: dict[str, dict[int, Held]] = {}
    for (name, slot), held in changes.items():
        if (
            figures.values.get((name, slot)) != held
            or (name, slot) in figures.refused
            or len({h for (n, _), h in changes.items() if n == name}) == 1
        ):
            by_fact.setdefault(name, {})[slot] = held
    settings: list[Setting] = []
    portfolio = figures.evidence.portfolio
    for name, slots in by_fact.items():
        fact = figures.facts[name]
        asked = {
            month
            for ready in figures.clause.measures
            if any(used.name == name for used in ready.facts)
            for month in figures.asked(ready)
        }
        first = next(iter(slots.values()))
        alike = all(held == first for held in slots.values()) and asked <= set(slots)
        if not fact.monthly or (alike and _compared_with(figures, fact).isdisjoint(_months(portfolio, fact))):
            settings.append(Setting(name, None, first, written(fact, first)))
        else:
            settings += [
                Setting(name, slot, slots[slot], written(fact, slots[slot])) for slot in sorted(slots)
            ]
    return tuple(settings)


def _compared_with(figures: Figures, fact: Fact) -> set[int]:
    """The earlier months of a fact that the clause compares with, which stay as they were."""
    return {
        figures.slot(term, month)
        for ready in figures.clause.measures
        for term in ready.terms
        if term.earlier and term.fact == fact.name
        for month in figures.asked(ready)
    }


def read_settings(texts: Sequence[str], portfolio: Portfolio) -> tuple[Setting, ...]:
    """`FACT=VALUE` and `FACT@2024-05=VALUE`, values as files have them.

    Raises:
        InputError: with every one that can't be read, and why.
    """
    problems = Problems()
    settings: dict[tuple[str, int | None], Setting] = {}
    for text in texts:
        place = Place(f"--with {text}")
        try:
            setting = _read(text, portfolio)
        except ValueError as error:
            problems.add(place, str(error))
            continue
        if (setting.fact, setting.month) in settings:
            problems.add(place, f"{setting.fact!r} is set twice for the same time. Write it once.")
        settings[setting.fact, setting.month] = setting
    if problems.found:
        raise InputError(problems)
    return tuple(settings.values())


def _read(text: str, portfolio: Portfolio) -> Setting:
    about, equals, value = text.partition("=")
    name, at, when = (part.strip() for part in about.partition("@"))
    catalogue = portfolio.catalogue
    if not equals or not name:
        raise ValueError("Write FACT=VALUE or FACT@2024-05=VALUE, such as gp_specialist_fte=4.5.")
    if name not in catalogue:
        titled = [known for known, fact in catalogue.items() if fact and _called(fact, name)]
        hint = f" Write {one_of(titled[:4])}." if titled else did_you_mean(name, catalogue)
        hint = hint or " 'compliance explain' shows what a requirement's facts are called."
        raise ValueError(f"There is no fact {shown(name)} in the catalogue.{hint}")
    fact = catalogue[name]
    if fact is None:
        raise ValueError(f"The fact {name!r} has errors in the catalogue. Correct it first.")
    month: int | None = None
    if at:
        month = _month(fact, when, portfolio)
    value = value.strip()
    if not value:
        raise ValueError(f"There is no value for {name!r}. Write one behind the equals sign, or * for none.")
    if value.lower() in SUPPRESSED:
        return Setting(name, month, None, value)
    try:
        read = read_value(fact, value)
    except OutOfRangeError:
        assert fact.range is not None
        low, high = fact.range
        raise ValueError(
            f"{shown(value)} is outside the range of {name!r}. Write a value from {low} to {high}."
        ) from None
    except ValueError as error:
        if fact.type != "opening_hours":
            raise
        raise ValueError(f"{error} A week is written as 'mon-fri 08:00-17:00; sat 10:00-14:00'.") from None
    if isinstance(read, Schedule):
        return Setting(name, month, read, value)
    return Setting(name, month, int(as_number(fact, read) * MILLION), value)


def _called(fact: Fact, title: str) -> bool:
    return title.casefold() in (fact.title.sv.casefold(), fact.title.en.casefold())


def _month(fact: Fact, when: str, portfolio: Portfolio) -> int:
    if not fact.monthly:
        raise ValueError(
            f"{fact.name!r} is observed once per {fact.per}, and not by month. Leave out {shown('@' + when)}."
        )
    month = read_month(when)
    months = _months(portfolio, fact)
    if month is None:
        raise ValueError(f"{shown(when)} isn't a month. Write it as {month_label(months[-1])}.")
    if month not in months:
        raise ValueError(
            f"The month {when} is outside those that count, {month_label(months[0])} to "
            f"{month_label(months[-1])}. Write one of these."
        )
    return month


def _months(portfolio: Portfolio, fact: Fact) -> range:
    period = portfolio.period
    return months_of(portfolio.program.clauses, fact, period.first, period.last)


def changed(portfolio: Portfolio, unit: str, settings: Iterable[Setting]) -> Portfolio:
    """The portfolio with a unit's facts set; a single month's value goes before the whole period's."""
    cells: dict[Key, Cell] = {}
    schedules = dict(portfolio.schedules)
    for setting in sorted(settings, key=lambda setting: setting.month is not None):
        fact = portfolio.catalogue[setting.fact]
        assert fact is not None
        held, text = setting.value, setting.text if fact.type == "text" else ""
        if isinstance(held, Schedule):
            text = held.text("en")
            schedules[text] = held
            held = held.minutes * MILLION
        slots = [NOW] if not fact.monthly else [setting.month]
        for slot in slots if slots[0] is not None else _months(portfolio, fact):
            assert slot is not None
            state = State.GOOD if held is not None else State.SUPPRESSED
            place = Place(f"--with {setting}")
            cells[fact.name, slot] = Cell(unit, fact.name, slot, held, text, state, None, None, place)

    def stays(cell: Cell) -> bool:
        return cell.unit != unit or (cell.fact, cell.slot) not in cells

    own = [*(cell for cell in portfolio.cells if stays(cell)), *cells.values()]
    own.sort(key=lambda cell: (cell.unit, cell.fact, cell.slot))
    return portfolio._replace(
        cells=Cells(own, None, sorted(known.id for known in portfolio.units)),
        earlier=tuple(cell for cell in portfolio.earlier if stays(cell)),
        schedules=schedules,
    )
