"""Makes the portfolios `jamtland-2024` and `jamtland-2023`: synthetic units, published totals.

The year-end report for the health centres of Jämtland Härjedalen gives totals, means, medians,
extremes and counts of units, but no unit's own figures. This script makes units that agree with
every one of them. Run it again and the same bytes come out.

    python samples/make_jamtland.py
"""

from __future__ import annotations

import csv
import io
import math
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
Values = dict[str, int]
Shares = dict[str, tuple[int, int]]
Row = dict[str, str]


# The units: real places, made-up figures


@dataclass(frozen=True)
class Unit:
    """A health centre: `remote` is 0 in Östersund, 1 far away; `strain` is lack of staff."""

    id: str
    name: str
    municipality: str
    operator: str
    listed: int
    cni: int
    remote: float
    strain: float


UNITS = (
    Unit("U01", "Brunflo", "Östersund", "region", 9130, 94, 0.1, 0.3),
    Unit("U02", "Frösö", "Östersund", "region", 12639, 78, 0.0, 0.2),
    Unit("U03", "Lugnviks", "Östersund", "region", 8236, 105, 0.0, 0.4),
    Unit("U04", "Odensala", "Östersund", "region", 10483, 99, 0.0, 0.7),
    Unit("U05", "Zätagränds", "Östersund", "region", 9618, 112, 0.0, 0.6),
    Unit("U06", "Lits", "Östersund", "region", 3017, 96, 0.3, 0.5),
    Unit("U07", "Körfältets", "Östersund", "private", 8463, 116, 0.0, 0.2),
    Unit("U08", "Stadsdel Norr", "Östersund", "private", 7417, 91, 0.0, 0.1),
    Unit("U09", "Krokoms", "Krokom", "region", 9064, 82, 0.2, 0.3),
    Unit("U10", "Föllinge", "Krokom", "region", 1838, 107, 0.5, 0.7),
    Unit("U11", "Offerdals", "Krokom", "private", 3581, 93, 0.4, 0.2),
    Unit("U12", "Strömsunds", "Strömsund", "region", 5307, 121, 0.7, 0.8),
    Unit("U13", "Hammerdals", "Strömsund", "region", 2262, 108, 0.6, 0.5),
    Unit("U14", "Fjällsjö", "Strömsund", "region", 1486, 118, 0.5, 1.0),
    Unit("U15", "Hotings", "Strömsund", "region", 1241, 124, 0.9, 0.9),
    Unit("U16", "Frostvikens", "Strömsund", "region", 692, 103, 1.0, 0.0),
    Unit("U17", "Åre", "Åre", "region", 5412, 69, 0.8, 0.1),
    Unit("U18", "Järpens", "Åre", "region", 4868, 88, 0.7, 0.6),
    Unit("U19", "Hallens", "Åre", "region", 1633, 84, 0.4, 0.2),
    Unit("U20", "Svenstaviks", "Berg", "region", 4179, 101, 0.6, 0.5),
    Unit("U21", "Myrvikens", "Berg", "private", 2889, 89, 0.6, 0.1),
    Unit("U22", "Svegs", "Härjedalen", "region", 5058, 114, 0.9, 0.7),
    Unit("U23", "Hede", "Härjedalen", "region", 2083, 106, 0.9, 0.8),
    Unit("U24", "Funäsdalens", "Härjedalen", "region", 2868, 74, 1.0, 0.1),
    Unit("U25", "Bräcke", "Bräcke", "region", 3762, 110, 0.5, 0.7),
    Unit("U26", "Hammarstrands", "Ragunda", "region", 3594, 119, 0.6, 0.8),
    Unit("U27", "Kälarne", "Bräcke", "private", 1410, 102, 0.6, 0.3),
    Unit("U28", "Torvalla", "Östersund", "region", 210, 156, 0.0, 0.3),
)
BY_ID = {unit.id: unit for unit in UNITS}
TORVALLA = "U28"
OPENED = "2024-12-02"
OLD = tuple(unit.id for unit in UNITS if unit.id != TORVALLA)
BRANCHES = (
    ("B01", "Mörsil", "Åre", "U18", "tue 09:00-15:00; thu 09:00-15:00"),
    ("B02", "Ytterhogdal", "Härjedalen", "U22", "mon-thu 08:30-15:30"),
    ("B03", "Bispgården", "Ragunda", "U26", "mon 08:00-16:00; wed 08:00-16:00; fri 08:00-12:00"),
)


@dataclass(frozen=True)
class Band:
    """So many units, next in rank, with values from `low` to `high` (equal: exactly there)."""

    units: int
    low: float
    high: float


@dataclass(frozen=True)
class Indicator:
    """A share of counts: of `whole` (about `rate` per listed), `part`; ranked from the lowest."""

    part: str
    whole: str
    rate: float
    pooled: float
    bands: tuple[Band, ...]
    worst_is_low: bool = True
    ends: tuple[str, str] = ("", "")
    """Units that must be first and last in rank."""


@dataclass(frozen=True)
class Year:
    """What the report says of one year; the earlier year's figures are those it compares with."""

    year: int
    units: tuple[str, ...]
    listed: int
    private: int
    """Listed at private units: 18 % in 2024 and 17.5 % in 2023."""
    contacts: int
    home_visits: int
    acute_visits: int
    emergency_referrals: int
    locum_weeks: int
    coverage: Indicator
    indicators: tuple[Indicator, ...]
    same_day: tuple[int, tuple[Band, ...]]
    """Sum of the units' means in tenths, and their bands in tenths."""
    within_three_days: tuple[int, tuple[Band, ...]]
    physician_index: tuple[int, tuple[Band, ...]]
    nurse_index: tuple[int, tuple[Band, ...]]
    invited: float
    held: float
    suppressed: tuple[str, ...]


def band(*parts: tuple[int, float, float]) -> tuple[Band, ...]:
    """Bands from (units, low, high)."""
    return tuple(Band(*part) for part in parts)


def spread(low: float, high: float) -> tuple[Band, ...]:
    """All old units between two ends."""
    return band((len(OLD), low, high))


DEPRESSION = ("depression_followed_up", "depression_new", 0.014)
ANXIETY = ("anxiety_followed_up", "anxiety_new", 0.017)
COPD = ("copd_maintenance_followed_up", "copd_maintenance_patients", 0.012)
RENAL = ("renal_function_measured_75", "renal_drug_patients_75", 0.06)
PRESSURE = ("diabetes_blood_pressure_at_goal", "diabetes_patients", 0)
HBA1C = ("type_2_hba1c_above_70", "type_2_diabetes_patients", 0)
PREVALENCE = ("diabetes_patients", "listed_patients", 1)
COVERAGE = ("primary_care_visits", "outpatient_visits", 3.1)
RESORT, NORTH = "U17", "U16"

YEARS = (
    Year(
        year=2024,
        units=(*OLD, TORVALLA),
        listed=132440,
        private=23760,
        contacts=647364,
        home_visits=19551,
        acute_visits=31923,
        emergency_referrals=2923,
        locum_weeks=810,
        # 62 % in all, 49 to 79, thirteen units below the target of 69
        coverage=Indicator(*COVERAGE, 62.0, band((1, 49, 49), (12, 50, 68.4), (13, 69.2, 78.4), (1, 79, 79))),
        indicators=(
            # 6.3 % in all, 2.2 to 13.6, median 7
            Indicator(
                *PREVALENCE,
                6.3,
                band((1, 2.2, 2.2), (12, 4.2, 6.9), (1, 7.0, 7.0), (12, 7.1, 12.4), (1, 13.6, 13.6)),
                ends=(RESORT, NORTH),
            ),
            Indicator(*PRESSURE, 64.0, spread(48, 78)),
            Indicator(*HBA1C, 7.9, spread(2.5, 14.5), worst_is_low=False),
            # 32 % in all, 6.5 to 46.5, median 30.4
            Indicator(
                *DEPRESSION,
                32.0,
                band((1, 6.5, 6.5), (12, 9, 29.9), (1, 30.4, 30.4), (12, 31, 46), (1, 46.5, 46.5)),
                ends=("U12", "U08"),
            ),
            # 29 % in all, 4 to 46.2, eleven units at 25 or lower
            Indicator(
                *ANXIETY,
                29.0,
                band((1, 4, 4), (10, 7, 25), (15, 25.6, 45.5), (1, 46.2, 46.2)),
                ends=("U26", "U07"),
            ),
            Indicator(*COPD, 66.1, spread(40, 92)),
            # 76.8 % in all, median 77.7, much alike
            Indicator(*RENAL, 76.8, band((13, 69, 77.4), (1, 77.7, 77.7), (13, 78, 86))),
        ),
        same_day=(
            24080,
            band((1, 700, 700), (1, 733, 733), (25, 745, 985), (1, 1000, 1000)),
        ),
        # mean 72.2, 52 to 91, six units below 65 and nineteen from 65 to 85
        within_three_days=(
            20216,
            band((1, 520, 520), (5, 550, 645), (19, 655, 845), (2, 856, 905), (1, 910, 910)),
        ),
        physician_index=(972, band((1, 16, 16), (21, 19, 46), (4, 48, 62), (1, 91, 91))),
        nurse_index=(806, band((1, 16, 16), (24, 18, 52), (1, 69, 69))),
        invited=66.0,
        held=36.0,
        suppressed=(TORVALLA,),
    ),
    Year(
        year=2023,
        units=OLD,
        listed=133599,
        private=23380,
        contacts=600261,
        home_visits=16727,
        acute_visits=32426,
        emergency_referrals=2852,
        locum_weeks=925,
        coverage=Indicator(*COVERAGE, 65.0, band((10, 52, 68.5), (17, 69.2, 80))),
        indicators=(
            Indicator(*PREVALENCE, 6.0, spread(2.1, 13.0), ends=(RESORT, NORTH)),
            Indicator(*PRESSURE, 63.0, spread(47, 77)),
            Indicator(*HBA1C, 7.0, spread(2.5, 13), worst_is_low=False),
            Indicator(*DEPRESSION, 35.0, spread(12, 52)),
            Indicator(*ANXIETY, 34.0, spread(12, 52)),
            Indicator(*COPD, 64.0, spread(40, 90)),
            Indicator(*RENAL, 75.5, spread(66, 86)),
        ),
        same_day=(27 * 860, band((27, 690, 1000))),
        within_three_days=(27 * 700, band((27, 500, 900))),
        physician_index=(27 * 33, band((24, 15, 46), (3, 48, 85))),
        nurse_index=(27 * 33, band((27, 17, 65))),
        invited=61.0,
        held=27.0,
        suppressed=(),
    ),
)


# Whole numbers with a given sum


def apportion(total: int, weights: Mapping[str, float]) -> Values:
    """`total` shared in proportion to `weights`, in whole numbers, by largest remainder."""
    scale = total / sum(weights.values())
    exact = {key: weight * scale for key, weight in weights.items()}
    shares = {key: math.floor(value) for key, value in exact.items()}
    left = total - sum(shares.values())
    order = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in order[:left]:
        shares[key] += 1
    return shares


def settle(values: Values, total: int, low: Values, high: Values) -> Values:
    """`values` moved within their bounds, each by its room to move, until they sum to `total`."""
    settled = {key: min(max(value, low[key]), high[key]) for key, value in values.items()}
    missing = total - sum(settled.values())
    sign = 1 if missing > 0 else -1
    edge = high if missing > 0 else low
    room = {key: float(abs(edge[key] - value)) for key, value in settled.items()}
    if missing == 0:
        return settled
    if abs(missing) > sum(room.values()):
        raise ValueError(f"{missing} are missing, and there is room for {sum(room.values())}.")
    for key, part in apportion(abs(missing), room).items():
        settled[key] += sign * part
    return settled


def ranked(order: Sequence[str], bands: Iterable[Band]) -> dict[str, tuple[float, float, float]]:
    """For each unit, from the lowest: where to start, and the ends it must stay within."""
    places: dict[str, tuple[float, float, float]] = {}
    units = iter(order)
    for each in bands:
        for step in range(each.units):
            start = each.low + (each.high - each.low) * (step + 0.5) / each.units
            places[next(units)] = (start, each.low, each.high)
    return places


def share_pair(whole: int, percent: float) -> tuple[int, int]:
    """(part, whole) near `whole` that make `percent` at one decimal."""
    for step in range(60):
        for near in (whole + step, whole - step):
            part = round(near * percent / 100)
            if near > 0 and part > 0 and round(100 * part / near, 1) == percent:
                return part, near
    raise ValueError(f"No share of about {whole} is {percent} %.")


def shares(whole: Values, indicator: Indicator, order: Sequence[str]) -> Shares:
    """(part, whole) for each unit, in the indicator's bands and with its pooled share."""
    start: Values = {}
    low: Values = {}
    high: Values = {}
    wholes: Values = {}
    for unit, (middle, least, most) in ranked(order, indicator.bands).items():
        size = whole[unit]
        if least == most:
            start[unit], wholes[unit] = share_pair(size, least)
            low[unit] = high[unit] = start[unit]
        else:
            wholes[unit] = size
            start[unit] = round(size * middle / 100)
            low[unit], high[unit] = math.ceil(size * least / 100), math.floor(size * most / 100)
    total = round(indicator.pooled * sum(wholes.values()) / 100)
    parts = settle(start, total, low, high)
    return {unit: (parts[unit], wholes[unit]) for unit in whole}


def means(order: Sequence[str], total: int, bands: Iterable[Band]) -> Values:
    """A value for each unit, in its band, that together sum to `total`."""
    places = ranked(order, bands)
    return settle(
        {unit: round(middle) for unit, (middle, _, _) in places.items()},
        total,
        {unit: math.ceil(least) for unit, (_, least, _) in places.items()},
        {unit: math.floor(most) for unit, (_, _, most) in places.items()},
    )


# Chance, the same every time: one stream for each series, so that one doesn't move another


def chance(year: int, name: str) -> Callable[[float, float], float]:
    """A stream of numbers between two ends."""
    stream = random.Random(f"jamtland {year} {name}")
    return lambda low, high: low + (high - low) * stream.random()


def ranking(
    units: Iterable[str],
    year: int,
    name: str,
    key: Callable[[Unit], float],
    ends: tuple[str, str] = ("", ""),
) -> list[str]:
    """Units from the lowest `key`, with some chance in it; `ends` are put first and last."""
    draw = chance(year, f"rank {name}")
    score = {unit: key(BY_ID[unit]) + draw(-0.3, 0.3) for unit in units}
    order = sorted((unit for unit in score if unit not in ends), key=lambda unit: (score[unit], unit))
    return [*(unit for unit in ends[:1] if unit), *order, *(unit for unit in ends[1:] if unit)]


# The series


def months(unit: str, year: int) -> list[int]:
    """The months in which the unit was open."""
    return [12] if unit == TORVALLA else list(range(1, 13))


def period(year: int, month: int) -> str:
    """2024-07."""
    return f"{year}-{month:02d}"


def year_end(year: Year) -> Values:
    """Listed patients in December; in 2024 those of the table above."""
    if year.year == 2024:
        return {unit: BY_ID[unit].listed for unit in year.units}
    draw = chance(year.year, "listed")
    weights = {unit: BY_ID[unit].listed * draw(0.985, 1.015) for unit in year.units}
    listed: Values = {}
    for operator, total in (("private", year.private), ("region", year.listed - year.private)):
        own = {unit: w for unit, w in weights.items() if BY_ID[unit].operator == operator}
        listed |= apportion(total, own)
    return listed


def listed_by_month(year: Year, before: Values, after: Values) -> dict[tuple[str, int], int]:
    """Listed patients drift from one December to the next."""
    draw = chance(year.year, "drift")
    listed: dict[tuple[str, int], int] = {}
    for unit in year.units:
        for month in months(unit, year.year):
            exact = before[unit] + (after[unit] - before[unit]) * month / 12
            wobble = 0.0 if month == 12 else draw(-0.002, 0.002) * exact
            listed[unit, month] = round(exact + wobble)
    return listed


SEASON = (1.06, 1.02, 1.08, 1.04, 1.02, 0.92, 0.68, 0.86, 1.06, 1.12, 1.10, 0.94)
RESORT_SEASON = (1.15, 1.45, 1.40, 1.20, 0.80, 0.75, 0.85, 0.85, 0.85, 0.80, 0.85, 1.10)
RESORTS = (RESORT, "U24")


def flow(year: Year, name: str, total: int, weight: Callable[[Unit], float]) -> Values:
    """A monthly flow with its seasons, keyed by `U01 7`, that sums to the year's total."""
    draw = chance(year.year, name)
    weights: dict[str, float] = {}
    for unit in year.units:
        season = RESORT_SEASON if unit in RESORTS else SEASON
        level = BY_ID[unit].listed * weight(BY_ID[unit]) * draw(0.9, 1.1)
        for month in months(unit, year.year):
            weights[f"{unit} {month}"] = level * season[month - 1] * draw(0.93, 1.07)
    return apportion(total, weights)


def yearly(year: Year, name: str, total: int, weight: Callable[[Unit], float]) -> Values:
    """A yearly count that sums to the year's total; a unit open for a month has a month's share."""
    draw = chance(year.year, name)
    return apportion(
        total,
        {
            unit: BY_ID[unit].listed * weight(BY_ID[unit]) * draw(0.85, 1.15) * len(months(unit, year.year))
            for unit in year.units
        },
    )


def month_values(
    year: Year, name: str, averages: Values, floor: int, ceiling: int = 1000
) -> dict[tuple[str, int], int]:
    """Monthly tenths of a percent whose mean over the year is exactly each unit's average."""
    draw = chance(year.year, name)
    values: dict[tuple[str, int], int] = {}
    for unit, average in averages.items():
        open_months = [str(month) for month in months(unit, year.year)]
        open_months = [month for month in open_months if (unit, int(month)) not in withheld(year, name)]
        start = {
            month: round(average + 25 * (1 - SEASON[int(month) - 1]) + draw(-38, 38)) for month in open_months
        }
        settled = settle(
            start,
            average * len(open_months),
            dict.fromkeys(open_months, min(floor, average)),
            dict.fromkeys(open_months, max(ceiling, average)),
        )
        values |= {(unit, int(month)): value for month, value in settled.items()}
    return values


SWITCHBOARD = ("U09", 5)
TOO_FEW = ("U16", 7)


def withheld(year: Year, name: str) -> tuple[tuple[str, int], ...]:
    """Months of 2024 without a figure to rely on."""
    if year.year != 2024:
        return ()
    return {"same_day_contact": (SWITCHBOARD,), "assessment_within_three_days": (TOO_FEW,)}[name]


# The files


def table(header: Sequence[str], rows: Iterable[Row], delimiter: str = ",") -> str:
    """A CSV file's text, with LF line ends."""
    file = io.StringIO()
    writer = csv.DictWriter(file, header, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def posts(quarters: int) -> str:
    """Quarters of a post as a Swedish decimal number: 2,25."""
    whole, rest = divmod(quarters, 4)
    return f"{whole},{('0', '25', '5', '75')[rest]}"


def tenths(value: int) -> str:
    """725 as 72.5."""
    return f"{value // 10}.{value % 10}"


def hundredths(value: int) -> str:
    """36 as 0.36."""
    return f"{value // 100}.{value % 100:02d}"


def units_file(year: Year) -> str:
    """The units and their branches."""
    rows: list[Row] = []
    for unit in (BY_ID[id_] for id_ in year.units):
        rows.append(
            {
                "unit": unit.id,
                "name": f"{unit.name} hälsocentral",
                "kind": "unit",
                "operator": unit.operator,
                "municipality": unit.municipality,
                "opened": OPENED if unit.id == TORVALLA else "",
            }
        )
    for id_, name, municipality, parent, _ in BRANCHES:
        rows.append(
            {
                "unit": id_,
                "name": f"{name}, filial",
                "kind": "branch",
                "operator": BY_ID[parent].operator,
                "municipality": municipality,
                "parent": parent,
            }
        )
    header = ("unit", "name", "kind", "operator", "municipality", "parent", "opened", "closed")
    return table(header, rows)


def production_file(year: Year, listed: dict[tuple[str, int], int]) -> str:
    """Listed patients, contacts and home visits by month: one row a unit and month."""
    contacts = flow(year, "contacts", year.contacts, lambda unit: 1 + 0.2 * unit.remote)
    visits = flow(year, "home_visits", year.home_visits, lambda unit: 0.7 + 0.6 * unit.remote)
    draw = chance(year.year, "choice")
    rows: list[Row] = []
    for unit in year.units:
        chosen = 1.0 if unit == TORVALLA else 0.66 - 0.25 * BY_ID[unit].strain + draw(-0.08, 0.08)
        for month in months(unit, year.year):
            now = listed[unit, month]
            actively = now if unit == TORVALLA else round(now * (chosen + 0.001 * month))
            rows.append(
                {
                    "unit": unit,
                    "period": period(year.year, month),
                    "listed_patients": str(now),
                    "actively_listed_patients": str(actively),
                    "contacts": str(contacts[f"{unit} {month}"]),
                    "home_visits": str(visits[f"{unit} {month}"]),
                }
            )
    return table(
        (
            "unit",
            "period",
            "listed_patients",
            "actively_listed_patients",
            "contacts",
            "home_visits",
        ),
        rows,
    )


FJALLSJO, JARPEN, HAMMERDAL = "U14", "U18", "U13"


def physicians(year: Year, unit: Unit) -> dict[int, tuple[int, int, int]]:
    """By month, in quarters of a post: own physicians, own specialists, locum specialists."""
    if unit.id == FJALLSJO:
        # No specialist of its own since the autumn of 2024: 12 of 26 months of posts in that year.
        left = 9 if year.year == 2024 else 13
        return {month: (10, 6, 1) if month < left else (6, 0, 6) for month in range(1, 13)}
    draw = chance(year.year, f"physicians {unit.id}")
    size = max(3, round(unit.listed / 1750 * 4 * (1.05 - 0.3 * unit.strain)))
    specialists = round(size * (0.88 - 0.22 * unit.strain + draw(-0.05, 0.05)))
    locums = round(size * 0.8 * unit.strain * unit.strain + 0.5 * unit.strain)
    if year.year == 2023:
        locums += 1 if locums else 0
    staff: dict[int, tuple[int, int, int]] = {}
    for month in months(unit.id, year.year):
        if draw(0, 1) < 0.2:
            step = 1 if draw(0, 1) < 0.5 else -1
            size = max(3, size + step)
            specialists += step
        specialists = min(size, max(specialists, size // 2 + 1))
        swing = round(draw(-1.5, 1.5)) if locums > 2 else 0
        staff[month] = (size, specialists, locums + swing)
    return staff


def nurses(year: Year, unit: Unit) -> dict[int, tuple[int, int]]:
    """By month, in quarters of a post: nurses, and district nurses among them."""
    if unit.id == HAMMERDAL and year.year == 2024:
        # Two on study leave from March to August, the months of its exemption.
        return {month: (10, 4 if 3 <= month <= 8 else 6) for month in range(1, 13)}
    draw = chance(year.year, f"nurses {unit.id}")
    size = max(4, round(unit.listed / 1150 * 4))
    district = round(size * (0.74 - 0.14 * unit.strain + draw(-0.05, 0.05)))
    staff: dict[int, tuple[int, int]] = {}
    for month in months(unit.id, year.year):
        if draw(0, 1) < 0.2:
            size = max(4, size + (1 if draw(0, 1) < 0.5 else -1))
        if unit.id == JARPEN:
            district = size // 2 - (1 if draw(0, 1) < 0.7 else 0)
        district = min(size, max(district, size // 2 - 1 if unit.id == JARPEN else size // 2 + 1))
        staff[month] = (size, district)
    return staff


def staff_file(year: Year) -> tuple[str, Values]:
    """The posts by month, as a Swedish spreadsheet saves them, and the locums' quarters by unit."""
    rows: list[Row] = []
    locum_quarters: Values = {}
    for unit in (BY_ID[id_] for id_ in year.units):
        doctors, others = physicians(year, unit), nurses(year, unit)
        locum_quarters[unit.id] = sum(locums for _, _, locums in doctors.values())
        for month, (size, specialists, locums) in doctors.items():
            nurse_size, district = others[month]
            rows.append(
                {
                    "unit": unit.id,
                    "period": period(year.year, month),
                    "physician_fte": posts(size),
                    "gp_specialist_fte": posts(specialists),
                    "gp_locum_fte": posts(locums) if locums else "",
                    "nurse_fte": posts(nurse_size),
                    "district_nurse_fte": posts(district),
                }
            )
    header = (
        "unit",
        "period",
        "physician_fte",
        "gp_specialist_fte",
        "gp_locum_fte",
        "nurse_fte",
        "district_nurse_fte",
    )
    return table(header, rows, ";"), locum_quarters


def access_file(year: Year) -> str:
    """Monthly access figures, with a doubtful and a withheld one in 2024."""
    rows: list[Row] = []
    rush = "U05"  # a short period at 55, otherwise around 75
    ends = ("U04", NORTH)
    order = ranking(year.units, year.year, "same_day", rested, ends)
    if year.year == 2024:
        order.remove(rush)
        order.insert(1, rush)
    same_day = month_values(
        year, "same_day_contact", means(order, *year.same_day), 560 if year.year == 2024 else 580
    )
    if year.year == 2024:
        same_day |= quiet_but(rush, 2, 550, 3, 668, 12 * 733)
    three_days = month_values(
        year,
        "assessment_within_three_days",
        means(
            ranking(year.units, year.year, "three_days", rested),
            *year.within_three_days,
        ),
        330,
    )
    for fact, values in (
        ("same_day_contact", same_day),
        ("assessment_within_three_days", three_days),
    ):
        for (unit, month), value in values.items():
            rows.append(
                {
                    "unit": unit,
                    "fact": fact,
                    "period": period(year.year, month),
                    "value": tenths(value),
                }
            )
    if year.year == 2024:
        rows.append(
            {
                "unit": SWITCHBOARD[0],
                "fact": "same_day_contact",
                "period": period(2024, SWITCHBOARD[1]),
                "value": "41.3",
                "quality": "doubtful",
                "comment": "Växeln byttes 6-24 maj. Siffran omfattar bara några dagar.",
            }
        )
        rows.append(
            {
                "unit": TOO_FEW[0],
                "fact": "assessment_within_three_days",
                "period": period(2024, TOO_FEW[1]),
                "value": "*",
                "comment": "Färre än fem patienter.",
            }
        )
    rows.sort(key=lambda row: (row["fact"], row["unit"], row["period"]))
    return table(("unit", "fact", "period", "value", "quality", "comment"), rows)


def quiet_but(
    unit: str, first: int, first_value: int, second: int, second_value: int, total: int
) -> dict[tuple[str, int], int]:
    """Months much alike but for two, that sum to `total`."""
    rest = [str(month) for month in range(1, 13) if month not in (first, second)]
    draw = chance(2024, f"quiet {unit}")
    left = total - first_value - second_value
    start = {month: round(left / len(rest) + draw(-12, 12)) for month in rest}
    settled = settle(start, left, dict.fromkeys(rest, 700), dict.fromkeys(rest, 800))
    values = {(unit, int(month)): value for month, value in settled.items()}
    return values | {(unit, first): first_value, (unit, second): second_value}


UNCODED = "U23"


def continuity_file(year: Year) -> str:
    """Indices over 18 months: none for a unit that has been open for one."""
    rows: list[Row] = []
    ends = (FJALLSJO, NORTH) if year.year == 2024 else ("U15", NORTH)
    physician = means(
        ranking(OLD, year.year, "physician_index", rested, ends),
        *year.physician_index,
    )
    nurse_units = [unit for unit in OLD if (unit, year.year) != (UNCODED, 2024)]
    nurse = means(
        ranking(nurse_units, year.year, "nurse_index", lambda unit: -unit.strain / 2),
        *year.nurse_index,
    )
    for fact, values in (
        ("continuity_index_physician", physician),
        ("continuity_index_nurse", nurse),
    ):
        for unit, value in values.items():
            rows.append({"unit": unit, "fact": fact, "period": str(year.year), "value": hundredths(value)})
    if year.year == 2024:
        rows.append(
            {
                "unit": UNCODED,
                "fact": "continuity_index_nurse",
                "period": "2024",
                "value": "0.12",
                "quality": "doubtful",
                "comment": "Sjuksköterskornas besök har saknat yrkeskod sedan augusti.",
            }
        )
    rows.sort(key=lambda row: (row["fact"], row["unit"]))
    return table(("unit", "fact", "period", "value", "quality", "comment"), rows)


def health_talks(year: Year) -> dict[str, tuple[int, int, int]]:
    """(target group, invited, held) for each unit that was open when invitations were sent."""
    draw = chance(year.year, "talks")
    group = {unit: round(BY_ID[unit].listed * draw(0.043, 0.05)) for unit in OLD}
    total = sum(group.values())
    order = ranking(OLD, year.year, "talks", rested)
    none, everyone = order[:2], order[-4:]
    low = {unit: 0 if unit in none else round(0.2 * group[unit]) for unit in OLD}
    high = {unit: 0 if unit in none else round(0.97 * group[unit]) for unit in OLD}
    for unit in everyone:
        low[unit] = high[unit] = group[unit]
    middle = {unit: round(group[unit] * (0.3 + 0.6 * place / len(order))) for place, unit in enumerate(order)}
    invited = settle(middle, round(year.invited * total / 100), low, high)
    held = settle(
        {unit: round(invited[unit] * draw(0.4, 0.7)) for unit in OLD},
        round(year.held * total / 100),
        {unit: round(0.2 * invited[unit]) for unit in OLD},
        {unit: round(0.9 * invited[unit]) for unit in OLD},
    )
    return {unit: (group[unit], invited[unit], held[unit]) for unit in OLD}


def rested(unit: Unit) -> float:
    """Higher where more staff is there."""
    return -unit.strain


def strained(unit: Unit) -> float:
    """Higher where more staff is lacking."""
    return unit.strain


def indicator_counts(year: Year, listed: Values) -> dict[str, dict[str, int]]:
    """Every indicator's counts by fact and unit, the old units only."""
    counts: dict[str, dict[str, int]] = {"listed_patients": {unit: listed[unit] for unit in OLD}}
    for indicator in (year.coverage, *year.indicators):
        if indicator.whole not in counts:
            draw = chance(year.year, indicator.whole)
            sizes = counts.get("diabetes_patients", {}) if not indicator.rate else listed
            rate = indicator.rate or 0.91  # most diabetes is of type 2
            counts[indicator.whole] = {
                unit: max(8, round(sizes[unit] * rate * draw(0.92, 1.08 if indicator.rate else 0.94)))
                for unit in OLD
            }
        if indicator.part == "primary_care_visits":
            order = ranking(OLD, year.year, indicator.part, lambda unit: 3 * unit.remote, ("U05", NORTH))
        elif indicator.part == "diabetes_patients":
            order = ranking(
                OLD,
                year.year,
                indicator.part,
                lambda unit: unit.cni / 50 + unit.remote,
                indicator.ends,
            )
        else:
            key = rested if indicator.worst_is_low else strained
            order = ranking(OLD, year.year, indicator.part, key, indicator.ends)
        made = shares(counts[indicator.whole], indicator, order)
        if indicator.whole == "listed_patients":
            assert all(made[unit][1] == listed[unit] for unit in OLD)
        counts[indicator.part] = {unit: part for unit, (part, _) in made.items()}
        counts[indicator.whole] = {unit: whole for unit, (_, whole) in made.items()}
    del counts["listed_patients"]
    return counts


def year_file(year: Year, listed: Values, locum_quarters: Values) -> str:
    """The year's figures: one row a unit. Those of few patients are withheld."""
    draw = chance(year.year, "year")
    counts = indicator_counts(year, listed)
    acute = yearly(year, "acute", year.acute_visits, lambda unit: 0.6 + unit.remote)
    referred = yearly(year, "referred", year.emergency_referrals, lambda unit: 1.3 - unit.remote)
    regional = {
        unit: float(quarters) for unit, quarters in locum_quarters.items() if BY_ID[unit].operator == "region"
    }
    weeks = apportion(year.locum_weeks, regional)
    talks = health_talks(year)
    rows: list[Row] = []
    for id_ in year.units:
        unit = BY_ID[id_]
        drift = 0 if year.year == 2024 else round(draw(-1.4, 1.4))
        row = {
            "unit": id_,
            "period": str(year.year),
            "care_need_index": hundredths(unit.cni + drift),
            "home_care_patients": str(round(listed[id_] * draw(0.011, 0.019))),
            "acute_visits": str(acute[id_]),
            "emergency_referrals": str(referred[id_]),
            "locum_physician_weeks": str(weeks.get(id_, round(locum_quarters[id_] * 1.08))),
        }
        for fact, by_unit in counts.items():
            row[fact] = str(by_unit[id_]) if id_ in by_unit else "*"
        if id_ in year.suppressed:
            row["primary_care_visits"] = row["outpatient_visits"] = ""  # no figure for one month
        if (id_, year.year) == (NORTH, 2024):
            row["copd_maintenance_patients"] = row["copd_maintenance_followed_up"] = "*"
        if id_ in talks:
            group, invited, held = talks[id_]
            row["health_talk_target_group"] = str(group)
            row["health_talks_invited"] = str(invited)
            row["health_talks_held"] = str(held)
        rows.append(row)
    return table(tuple(rows[0]), rows)


LONG = "mon-fri 08:00-19:00; sat-sun 10:00-16:00"
ORDINARY = "mon-fri 08:00-17:00"
FRIDAYS_OFF, SHORT_DAYS = "U27", "U11"


def hours_file(year: Year, own_answers: Iterable[str]) -> str:
    """Opening and telephone hours; branches have theirs too."""
    opening = dict.fromkeys(year.units, ORDINARY)
    opening |= dict.fromkeys(RESORTS, LONG)
    opening[SHORT_DAYS] = "mon-fri 08:00-16:00"
    if year.year == 2024:
        opening[FRIDAYS_OFF] = "mon-thu 09:00-16:00"
    phone = dict.fromkeys(year.units, "mon-fri 08:00-16:00")
    phone |= dict.fromkeys(RESORTS, "mon-fri 08:00-18:00; sat-sun 10:00-14:00")
    phone |= dict.fromkeys(("U03", "U12", "U25"), "mon-thu 08:00-16:00; fri 08:00-14:00")
    phone |= dict.fromkeys(("U10", "U15"), "mon-fri 08:00-11:00, 13:00-15:00")
    if year.year == 2024:
        phone[FRIDAYS_OFF] = "mon-thu 09:00-15:30"
    for id_, _, _, _, hours in BRANCHES:
        opening[id_] = hours
    rows: list[Row] = []
    for fact, values in (("opening_hours", opening), ("telephone_hours", phone)):
        for unit, value in values.items():
            if unit not in own_answers:
                rows.append({"unit": unit, "fact": fact, "period": str(year.year), "value": value})
    return table(("unit", "fact", "period", "value"), rows)


# What the units answer: everyone alike, but for those named

ANSWERS: dict[int, dict[str, tuple[str, dict[str, tuple[str, ...]]]]] = {
    2024: {
        "named_physician_in_municipal_care": ("helt", {"delvis": ("U12", "U14", "U15")}),
        "on_call_duty": ("ja", {}),
        "care_home_guideline": ("helt", {"delvis": ("U14", "U15", "U26")}),
        "urgent_contact_route": ("ja", {"nej": ("U15",)}),
        "satisfactory_staffing": (
            "helt",
            {
                "delvis": ("U04", "U05", "U06", "U10", "U13", "U18", "U20", "U22", "U25", "U03"),
                "inte": ("U12", "U14", "U15", "U23", "U26"),
            },
        ),
        "basic_functions": ("ja", {}),
        "rehab_coordinator": ("ja", {}),
        "psychosocial_care": ("helt", {"delvis": ("U12", "U23")}),
        "medication_reviews_offered": ("helt", {"delvis": ("U14", "U26")}),
        "medication_reviews_documented": (
            "delvis",
            {"helt": ("U01", "U02", "U07", "U08", "U11", "U17", "U19", "U21", "U24")},
        ),
        "medication_reviews_followed_up": (
            "helt",
            {"delvis": ("U12", "U14", "U22", "U25", "U26"), "inte": ("U15",)},
        ),
        "incident_reporting_routine": ("ja", {}),
        "serious_incident_routine": ("ja", {}),
        "quality_management_system": ("ja", {}),
        "complaints_routine": ("ja", {}),
        "reachable_by_phone": ("ja", {}),
        "urgent_phone_line": (
            "nej",
            {"ja": ("U01", "U02", "U04", "U07", "U09", "U12", "U17", "U22", "U24")},
        ),
        "e_services": ("ja", {"nej": ("U10", "U15", "U16", "U23")}),
        "web_booking": ("nej", {"ja": ("U02", "U03", "U07", "U08", "U09", "U17", "U28")}),
        "drop_in_clinic": ("nej", {"ja": ("U02", "U05", "U08", "U17", "U21")}),
        "fixed_physician_contact_offered": (
            "helt",
            {
                "delvis": (
                    *("U04", "U10", "U12", "U14", "U15"),
                    *("U18", "U22", "U23", "U25", "U26"),
                )
            },
        ),
        "fixed_care_contact_offered": (
            "helt",
            {"delvis": ("U05", "U10", "U14", "U15", "U22", "U23", "U26")},
        ),
        "quality_data_used": ("ja", {"nej": ("U10", "U15")}),
        "improvement_work": ("ja", {}),
        "environmental_work": ("ja", {}),
        "regional_development_work": ("ja", {"nej": ("U14", "U23", "U26")}),
    },
    2023: {
        "satisfactory_staffing": (
            "helt",
            {
                "delvis": ("U04", "U05", "U10", "U13", "U14", "U20", "U25"),
                "inte": ("U12", "U15", "U18", "U22", "U23", "U26"),
            },
        ),
        "regional_development_work": ("ja", {"nej": ("U12", "U26")}),
        "psychosocial_care": ("helt", {"delvis": ("U12", "U23", "U06")}),
    },
}
NO_STATISTICS = ("U05", "U06", "U13", "U20")
VIA = {
    "rehab_coordinator": {
        "U15": "Strömsunds hälsocentral",
        "U16": "Strömsunds hälsocentral",
        "U23": "Svegs hälsocentral",
        "U27": "Bräcke hälsocentral",
        "U28": "Brunflo hälsocentral",
    },
    "on_call_duty": {"U27": "Bräcke hälsocentral", "U28": "Brunflo hälsocentral"},
    "basic_functions": {"U16": "Strömsunds hälsocentral"},
}
SAID = {
    ("U15", "urgent_contact_route"): "Vi undersöker möjligheten inför 2025.",
    ("U15", "medication_reviews_followed_up"): "Enheten saknar en rutin för uppgiften.",
    ("U12", "psychosocial_care"): "Lång väntan till kurator; en tjänst är vakant.",
    ("U23", "psychosocial_care"): "Delar psykolog med Sveg en dag i veckan.",
    ("U26", "care_home_guideline"): "Ronderna har blivit kortare än riktlinjen säger.",
    ("U10", "quality_data_used"): "Behöver utbildning för att komma igång.",
}
EXTENT = {"U16": "6", "U15": "7.5", "U02": "80"}


def answers(year: Year) -> dict[str, dict[str, str]]:
    """What every unit answers, by unit and fact; 2023 has the answers of 2024 but for its own."""
    given = ANSWERS[2024] | ANSWERS[year.year]
    by_unit: dict[str, dict[str, str]] = {unit: {} for unit in year.units}
    draw = chance(year.year, "extent")
    for fact, (usual, others) in given.items():
        for unit in year.units:
            by_unit[unit][fact] = next((answer for answer, units in others.items() if unit in units), usual)
    for unit in year.units:
        extent = 5 * round(3 + BY_ID[unit].listed / 1000 + draw(0, 2))
        by_unit[unit]["rehab_coordinator_extent"] = EXTENT.get(unit, str(min(extent, 75)))
    return by_unit


def answers_file(year: Year, own_answers: Iterable[str]) -> str:
    """What the units answered in the form, but for those that sent a file of their own."""
    rows: list[Row] = []
    for unit, by_fact in answers(year).items():
        if unit in own_answers:
            continue
        for fact, answer in by_fact.items():
            row = {"unit": unit, "fact": fact, "period": str(year.year), "value": answer}
            row["via"] = VIA.get(fact, {}).get(unit, "")
            row["comment"] = SAID.get((unit, fact), "") if year.year == 2024 else ""
            if fact == "rehab_coordinator_extent" and unit == "U15":
                row["comment"] = "Svaret är 5-10 %; mitten används."
            if fact == "medication_reviews_documented" and unit in NO_STATISTICS:
                row["quality"] = "doubtful"
                row["comment"] = "Fyller i enligt rutin, men statistiken från Cosmic saknas."
            rows.append(row)
    return table(("unit", "fact", "period", "value", "via", "quality", "comment"), rows)


OWN_WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "U14": (
        "Vi har inte haft någon egen specialist i allmänmedicin sedan i september.",
        {
            "satisfactory_staffing": "Läkartjänster är vakanta sedan hösten.",
            "care_home_guideline": "Ronderna blir av, men med olika läkare.",
            "fixed_physician_contact_offered": "Bara på SÄBO och i hemsjukvården.",
            "fixed_care_contact_offered": "Vid diabetes och astma.",
            "medication_reviews_offered": "Har blivit eftersatta under hösten.",
            "regional_development_work": "Bemanningen har inte räckt till.",
        },
    ),
    "U18": (
        "Andelen distriktssköterskor når inte upp. Handlingsplanen skickades in i mars.",
        {
            "satisfactory_staffing": "En distriktssköterska har slutat.",
            "rehab_coordinator_extent": "Delas med Mörsil.",
            "fixed_physician_contact_offered": "Tre av fyra läkare har egen lista.",
        },
    ),
    "U28": (
        "Vi öppnade den 2 december och har bara en månad att redovisa.",
        {
            "rehab_coordinator": "Tills vi är fler.",
            "on_call_duty": "Jourlinjen delas med Brunflo.",
            "improvement_work": "Hela öppnandet.",
        },
    ),
}


SCHEMA = "# yaml-language-server: $schema={up}/rules/schemas/{kind}.json"
"""Where an editor finds what the file may hold."""


def own_file(year: Year, unit: str) -> str:
    """One unit's own answers, as it wrote them."""
    words, comments = OWN_WORDS[unit]
    lines = [
        SCHEMA.format(up="../../..", kind="unit"),
        f"# {BY_ID[unit].name} hälsocentral: våra svar till årsbokslutet {year.year}",
        f"# {words}",
        f"unit: {unit}",
        "facts:",
    ]
    for fact, answer in answers(year)[unit].items():
        provider = VIA.get(fact, {}).get(unit)
        extra = f', via: "{provider}"' if provider else ""
        if fact in comments:
            extra += f', comment: "{comments[fact]}"'
        lines.append(f"  {fact}: {{value: {answer}{extra}}}" if extra else f"  {fact}: {answer}")
    lines += [
        "  opening_hours:",
        *(f'    {day}: "08:00-17:00"' for day in ("mon", "tue", "wed", "thu")),
        '    fri: "08:00-12:00, 12:00-17:00"   # bemannat även över lunch'
        if unit == "U18"
        else '    fri: "08:00-17:00"',
        "  telephone_hours:",
        *(f'    {day}: "08:00-16:00"' for day in ("mon", "tue", "wed", "thu", "fri")),
    ]
    return "\n".join(lines) + "\n"


PROVENANCE = """\
provenance:
  sv: >-
    Syntetiska uppgifter. Orternas namn är riktiga, men ingen hälsocentrals siffror, svar,
    driftsform eller dispenser är det: de är gjorda så att summor, medelvärden, medianer,
    ytterligheter och antal enheter stämmer med {source}.
  en: >-
    Synthetic data. The names of the places are real, but no health centre's figures, answers,
    operator or waivers are: they are made so that totals, means, medians, extremes and counts of
    units agree with {source_en}.
"""

NOTES_2024 = """\
notes:
  - sv: "2.2.7: de två med längre öppettider räknas till de fyra undantagen: 24 har 08-17."
    en: "2.2.7: the two with longer hours are counted among the four exceptions: 24 have 8 to 17."
  - sv: "2.3.6 och 2.3.7: ett index mellan 0 och 1 skrivs med procenttecken. Tecknet bortses från."
    en: "2.3.6 and 2.3.7: an index between 0 and 1 has a percent sign. The sign is disregarded."
  - sv: "2.4.1: omfattningen 5-10 % räknas som 7,5 %."
    en: "2.4.1: an extent of 5-10 % is read as 7.5 %."
  - sv: >-
      2.4.10: utfallet är 72 % och i texten 72,2 %. 72,2 används, och 70,0 för 2023 ("drygt två
      procentenheter").
    en: >-
      2.4.10: the outcome is 72 % and in the text 72.2 %. 72.2 is used, and 70.0 for 2023 ("a little
      over two percentage points").
  - sv: "2.4.15: den nationella målnivån 10 % läses som högst 10 %."
    en: "2.4.15: the national target of 10 % is read as at most 10 %."
  - sv: >-
      2.4.4, 2.4.5, 2.4.6, 2.4.8 och 2.5.4: "ett par", "några" och "en tredjedel" antas vara 2, 3
      till 5 och 9 enheter.
    en: >-
      2.4.4, 2.4.5, 2.4.6, 2.4.8 and 2.5.4: "a couple", "some" and "a third" are taken to be 2, 3 to
      5 and 9 units.
  - sv: >-
      2.5.3: patientintäkternas ökning med 5 365 tkr kallas 14 %, som av cirka 38 mnkr. Utomläns-
      och utomlandspatienternas 3 143 tkr kallas 5 %, som av cirka 63 mnkr. Det stämmer bara om de
      senare inte räknas in i de förra. Inget av det används.
    en: >-
      2.5.3: the rise of the patient income by 5,365 thousand is called 14 %, as of about 38
      million. That of patients from other counties and abroad, 3,143 thousand, is called 5 %, as of
      about 63 million. It holds only if the latter isn't part of the former. Neither is used.
  - sv: >-
      Jämförelser som inte kan räknas om, för det som de jämförs med anges inte: 640 (0,1 %) färre
      patientbesök (2.2.2), knappt 600 fler patienter med hembesök (2.2.4) och 2.5.3 utom
      hyrläkarveckorna.
    en: >-
      Comparisons that can't be recomputed, for what they compare with isn't given: 640 (0.1 %)
      fewer patient visits (2.2.2), nearly 600 more patients with home visits (2.2.4), and 2.5.3 but
      for the locum weeks.
"""

STATED_2024 = """\
stated:

  # 1, where it says something else than 2.1 to 2.5

  - title: {sv: "Listade, förändring", en: "Listed patients, change"}
    value: -1000
    rounded_to: 1000
    measure: {value: listed_patients, over: last}
    statistic: total
    when: difference
    source: {document: bokslut, section: "1", quote: "minskat med drygt 1000 personer"}
  - title:
      sv: "Andel listade i extern regi, förändring"
      en: "Share listed with private units, change"
    value: 0.5
    change: [17.5, 18]
    source:
      document: bokslut
      section: "1"
      quote: "ökat med 0,5%, från 17,5% till nuvarande 18%"
    note:
      sv: "Avsnitt 1: 17,5 till 18 % kallas 0,5 %. Det är 0,5 procentenheter."
      en: "Section 1: 17.5 to 18 % is called 0.5 %. It is 0.5 percentage points."
  - title: {sv: "CNI, skillnad mellan högst och lägst", en: "CNI, from the lowest to the highest"}
    value: 0.55
    difference: [1.24, 0.69]
    source: {document: bokslut, section: "1", quote: "CNI skiljer sig med 0,55 punkter"}
  - title:
      sv: "Kontakter, patienter och hembesök, förändring"
      en: "Contacts, patients and home visits, change"
    value: 7.25
    change: [600261, 647364]
    source: {document: bokslut, section: "1", quote: "i länet ökat med 7,25% sedan 2023"}
    note:
      sv: >-
        Avsnitt 1: 7,25 % sägs gälla kontakter, patienter och hembesök. I 2.2.2 är det kontakterna;
        patientbesöken blev 640 färre, och hembesöken ökade med 16,9 % (2.2.4).
      en: >-
        Section 1: 7.25 % is said of contacts, patients and home visits. In 2.2.2 it is the
        contacts; the patients' visits were 640 fewer, and the home visits rose by 16.9 % (2.2.4).
  - title: {sv: "Utförda hälsosamtal, av de inbjudna", en: "Health talks held, of those invited"}
    value: 36
    share: [36, 66]
    source: {document: bokslut, section: "1", quote: "36% av dessa är utförda"}
    note:
      sv: >-
        Avsnitt 1 och 2.4.23: 36 % sägs både vara av de inbjudna och av målgruppen. Frågans egen
        lydelse följs: 36 % av målgruppen, 55 % av de inbjudna.
      en: >-
        Sections 1 and 2.4.23: 36 % is said to be both of those invited and of the target group. The
        question's own words are followed: 36 % of the target group, 55 % of those invited.

  # 2.1

  - title: {sv: Antal listade, en: Listed patients}
    value: 132440
    measure: {value: listed_patients, over: last}
    statistic: total
    source: {document: bokslut, section: 2.1.1, quote: "132 440"}
  - title: {sv: "Antal listade, förändring", en: "Listed patients, change"}
    value: -1159
    measure: {value: listed_patients, over: last}
    statistic: total
    when: difference
    source: {document: bokslut, section: 2.1.1, quote: "har minskat med 1159 personer"}
  - title: {sv: "Procent listade hos regionen", en: "Percent listed with the region"}
    value: 82
    difference: [100, 18]
    source:
      document: bokslut
      section: 2.1.1
      quote: "82% är listade hos regiondrivna vårdgivare och 18% hos externa"
  - title: {sv: "Procent listade hos regionen 2023", en: "Percent listed with the region in 2023"}
    value: 82.5
    difference: [100, 17.5]
    source: {document: bokslut, section: 2.1.1, quote: "82,5% respektive 17,5%"}

  # 2.2

  - title: {sv: Vårdkontakter, en: Care contacts}
    value: 647364
    measure: {value: contacts, over: total}
    statistic: total
    source: {document: bokslut, section: 2.2.2, quote: "Under 2024 var motsvarande siffra 647 364"}
  - title: {sv: Vårdkontakter 2023, en: Care contacts in 2023}
    value: 600261
    measure: {value: contacts, over: total}
    statistic: total
    when: before
    source: {document: bokslut, section: 2.2.2, quote: "utfallet kontakter 600 261"}
  - title: {sv: Fler vårdkontakter, en: More care contacts}
    value: 47103
    difference: [647364, 600261]
    source: {document: bokslut, section: 2.2.2, quote: "(47 103) fler kontakter"}
  - title: {sv: "Vårdkontakter, förändring", en: "Care contacts, change"}
    value: 7.25
    change: [600261, 647364]
    source: {document: bokslut, section: 2.2.2, quote: "ökning med 7,25%"}
    note:
      sv: "2.2.2: ökningen från 600 261 till 647 364 kontakter kallas 7,25 %. Den är 7,85 %."
      en: "2.2.2: the rise from 600,261 to 647,364 contacts is called 7.25 %. It is 7.85 %."
  - title: {sv: Hänvisade till akutmottagning, en: Referred to emergency care}
    value: 2923
    measure: {value: emergency_referrals}
    statistic: total
    source:
      document: bokslut
      section: 2.2.3
      quote: "motsvarande siffra för 2024 var 2923 patienter"
  - title: {sv: Hänvisade till akutmottagning 2023, en: Referred to emergency care in 2023}
    value: 2852
    measure: {value: emergency_referrals}
    statistic: total
    when: before
    source: {document: bokslut, section: 2.2.3, quote: "Under 2023 hänvisades 2852 patienter"}
  - title: {sv: Akutbesök på hälsocentralerna, en: Acute visits to the health centres}
    value: 31923
    measure: {value: acute_visits}
    statistic: total
    source: {document: bokslut, section: 2.2.3, quote: "31 923 patienter uppsökte akutmottagningen"}
  - title: {sv: Akutbesök på hälsocentralerna 2023, en: Acute visits to the health centres in 2023}
    value: 32426
    measure: {value: acute_visits}
    statistic: total
    when: before
    source: {document: bokslut, section: 2.2.3, quote: "32 426 patienter som besökte"}
  - title: {sv: Färre akutbesök än 2023, en: Fewer acute visits than in 2023}
    value: 503
    difference: [32426, 31923]
    source: {document: bokslut, section: 2.2.3, quote: "503 fler personer än under 2024"}
  - title:
      sv: "Akutbesök per 1 000 listade, förändring"
      en: "Acute visits per 1,000 listed, change"
    value: -3
    measure: {rate: [acute_visits], per: [listed_patients], scale: 1000, window: 1}
    when: difference
    source: {document: bokslut, section: 2.2.3, quote: "en minskning med endast tre patienter"}
    note:
      sv: >-
        2.2.3: minskningen per 1 000 listade kallas tre besök. Räknat på listade i december är den
        1,7 (242,7 till 241,0).
      en: >-
        2.2.3: the fall per 1,000 listed is called three visits. By those listed in December it is
        1.7 (242.7 to 241.0).
  - title: {sv: Hembesök, en: Home visits}
    value: 19551
    measure: {value: home_visits, over: total}
    statistic: total
    source: {document: bokslut, section: 2.2.4, quote: "motsvarande siffra för 2024 var 19 551"}
  - title: {sv: Hembesök 2023, en: Home visits in 2023}
    value: 16727
    measure: {value: home_visits, over: total}
    statistic: total
    when: before
    source: {document: bokslut, section: 2.2.4, quote: "Under 2023 gjordes 16 727 hembesök"}
  - title: {sv: Fler hembesök, en: More home visits}
    value: 2824
    difference: [19551, 16727]
    source: {document: bokslut, section: 2.2.4, quote: "antalet hembesök har ökat med 2824 st"}

  # 2.3

  - title: {sv: Antal hälsocentraler, en: Health centres}
    value: 28
    measure: {value: listed_patients, over: last}
    statistic: units
    source: {document: bokslut, section: 2.3.1, quote: "Av 28 hälsocentraler"}
  - title: {sv: Enheter efter bemanningssituation, en: Units by how they are staffed}
    value: 28
    total: [5, 10, 15]
    source: {document: bokslut, section: 2.3.1, quote: "Av 28 hälsocentraler uppger fem enheter"}
    note:
      sv: "2.3.1: 5 + 10 + 15 enheter av 28. De 15 med tillfredsställande bemanning antas vara 13."
      en: "2.3.1: 5 + 10 + 15 units of 28. The 15 with satisfactory staffing are taken to be 13."
  - title: {sv: Täckningsgrad, en: Share of visits met in primary care}
    value: 62
    measure: {share: [primary_care_visits], of: [outpatient_visits]}
    source: {document: bokslut, section: 2.3.5, quote: "från 65% till 62%"}
  - title: {sv: Täckningsgrad 2023, en: Share of visits met in primary care in 2023}
    value: 65
    measure: {share: [primary_care_visits], of: [outpatient_visits]}
    when: before
    source: {document: bokslut, section: 2.3.5, quote: "från 65% till 62%"}
  - title: {sv: "Täckningsgrad, förändring", en: "Share of visits met in primary care, change"}
    value: -3
    change: [65, 62]
    source: {document: bokslut, section: 2.3.5, quote: "täckningsgraden förändrad med 3% från 2023"}
    note:
      sv: "2.3.5: 65 till 62 % kallas 3 %. Det är 3 procentenheter."
      en: "2.3.5: 65 to 62 % is called 3 %. It is 3 percentage points."
  - title: {sv: Läkarkontinuitet, en: Continuity of physicians}
    value: 0.36
    measure: {value: continuity_index_physician}
    statistic: mean
    source: {document: bokslut, section: 2.3.6, quote: "0,36"}
  - title:
      sv: "Läkarkontinuitet, förändring i hundradelar"
      en: "Continuity of physicians, change in hundredths"
    value: 3
    measure: {value: [{continuity_index_physician: 100}]}
    statistic: mean
    when: difference
    source:
      document: bokslut
      section: 2.3.6
      quote: "höjts med 3 procentenheter jämfört med 2023"
  - title: {sv: Sjuksköterskekontinuitet, en: Continuity of nurses}
    value: 0.31
    measure: {value: continuity_index_nurse}
    statistic: mean
    source: {document: bokslut, section: 2.3.7, quote: "0,31"}
  - title:
      sv: "Sjuksköterskekontinuitet, förändring i hundradelar"
      en: "Continuity of nurses, change in hundredths"
    value: -2
    measure: {value: [{continuity_index_nurse: 100}]}
    statistic: mean
    when: difference
    source: {document: bokslut, section: 2.3.7, quote: "sjunkit med motsvarande 2 procentenheter"}

  # 2.4

  - title: {sv: Enheter med drop-in-mottagning, en: Units with a drop-in clinic}
    value: 5
    measure: {count: [drop_in_clinic]}
    statistic: total
    source: {document: bokslut, section: 2.4.8, quote: "möjlighet till drop-in mottagning"}
  - title: {sv: Kontakt samma dag, en: Contact on the same day}
    value: 86
    measure: {value: same_day_contact, coverage: 9}
    statistic: mean
    source:
      document: bokslut
      section: 2.4.9
      quote: "medelvärdet för telefontillgänglighet i regionen 86%"
  - title: {sv: "Kontakt samma dag, förändring", en: "Contact on the same day, change"}
    value: 0
    measure: {value: same_day_contact, coverage: 9}
    statistic: mean
    when: difference
    source:
      document: bokslut
      section: 2.4.9
      quote: "detta är samma nivå som under föregående år"
  - title: {sv: Bedömning inom tre dagar, en: Assessment within three days}
    value: 72.2
    measure: {value: assessment_within_three_days, coverage: 9}
    statistic: mean
    source:
      document: bokslut
      section: 2.4.10
      quote: "första medicinsk bedömning inom tre dagar 72.2%"
  - title: {sv: "Bedömning inom tre dagar, förändring", en: "Assessment within three days, change"}
    value: 2
    measure: {value: assessment_within_three_days, coverage: 9}
    statistic: mean
    when: difference
    source: {document: bokslut, section: 2.4.10, quote: "med drygt två procentenheter"}
  - title: {sv: Enheter efter fast vårdkontakt, en: Units by fixed care contact}
    value: 28
    total: [21, 7]
    source: {document: bokslut, section: 2.4.12, quote: "Det är 21 hälsocentraler av 28"}
  - title: {sv: Förekomst av diabetes, en: Diabetes among the listed}
    value: 6.3
    measure: {share: [diabetes_patients], of: [listed_patients], window: 1}
    source:
      document: bokslut
      section: 2.4.13
      quote: "från 6% under 2023 till 6,3% under 2024"
  - title: {sv: Förekomst av diabetes 2023, en: Diabetes among the listed in 2023}
    value: 6
    measure: {share: [diabetes_patients], of: [listed_patients], window: 1}
    when: before
    source:
      document: bokslut
      section: 2.4.13
      quote: "från 6% under 2023 till 6,3% under 2024"
  - title: {sv: "Förekomst av diabetes, median", en: "Diabetes among the listed, median"}
    value: 7
    measure: {share: [diabetes_patients], of: [listed_patients], window: 1}
    statistic: median
    source: {document: bokslut, section: 2.4.13, quote: "median i regionen är 7%"}
  - title:
      sv: "Diabetes: blodtryck högst 140/85"
      en: "Diabetes: blood pressure at most 140/85"
    value: 64
    measure: {share: [diabetes_blood_pressure_at_goal], of: [diabetes_patients]}
    source: {document: bokslut, section: 2.4.14, quote: "64 %"}
  - title: {sv: "Typ 2-diabetes: HbA1c över 70", en: "Type 2 diabetes: HbA1c above 70"}
    value: 7.9
    measure: {share: [type_2_hba1c_above_70], of: [type_2_diabetes_patients]}
    source: {document: bokslut, section: 2.4.15, quote: "från 7% till 7,9% under 2024"}
  - title:
      sv: "Typ 2-diabetes: HbA1c över 70, 2023"
      en: "Type 2 diabetes: HbA1c above 70, 2023"
    value: 7
    measure: {share: [type_2_hba1c_above_70], of: [type_2_diabetes_patients]}
    when: before
    source: {document: bokslut, section: 2.4.15, quote: "från 7% till 7,9% under 2024"}
  - title: {sv: "Depression: återbesök", en: "Depression: seen again"}
    value: 32
    measure: {share: [depression_followed_up], of: [depression_new]}
    source:
      document: bokslut
      section: 2.4.16
      quote: "32% jämfört med 2023 då motsvarande siffra var 35%"
  - title: {sv: "Depression: återbesök 2023", en: "Depression: seen again in 2023"}
    value: 35
    measure: {share: [depression_followed_up], of: [depression_new]}
    when: before
    source:
      document: bokslut
      section: 2.4.16
      quote: "32% jämfört med 2023 då motsvarande siffra var 35%"
  - title: {sv: "Depression: återbesök, median", en: "Depression: seen again, median"}
    value: 30.4
    measure: {share: [depression_followed_up], of: [depression_new]}
    statistic: median
    source: {document: bokslut, section: 2.4.16, quote: "median är 30,4%"}
  - title: {sv: "Ångest: återbesök", en: "Anxiety: seen again"}
    value: 29
    measure: {share: [anxiety_followed_up], of: [anxiety_new]}
    source:
      document: bokslut
      section: 2.4.17
      quote: "har 29% av andelen patienter med nydiagnosticerad ångest"
  - title: {sv: "Ångest: återbesök, förändring", en: "Anxiety: seen again, change"}
    value: -5
    measure: {share: [anxiety_followed_up], of: [anxiety_new]}
    when: difference
    source: {document: bokslut, section: 2.4.17, quote: "minskning från föregående år med 5%"}
    note:
      sv: "2.4.17: minskningen med 5 % antas vara procentenheter, från 34 till 29 %."
      en: "2.4.17: the fall of 5 % is taken to be percentage points, from 34 to 29 %."
  - title: {sv: "KOL: återbesök", en: "COPD: seen again"}
    value: 66.1
    measure: {share: [copd_maintenance_followed_up], of: [copd_maintenance_patients]}
    source: {document: bokslut, section: 2.4.18, quote: "Värdet för länet under 2024 är 66,1%"}
  - title: {sv: "Äldre: uppmätt njurfunktion", en: "Older patients: kidney function measured"}
    value: 76.8
    measure: {share: [renal_function_measured_75], of: [renal_drug_patients_75]}
    source: {document: bokslut, section: 2.4.19, quote: "För länet är andelen 76,8%"}
  - title:
      sv: "Äldre: uppmätt njurfunktion, median"
      en: "Older patients: kidney function measured, median"
    value: 77.7
    measure: {share: [renal_function_measured_75], of: [renal_drug_patients_75]}
    statistic: median
    source: {document: bokslut, section: 2.4.19, quote: "median är 77,7%"}
  - title: {sv: "Hälsosamtal: inbjudna", en: "Health talks: invited"}
    value: 66
    measure: {share: [health_talks_invited], of: [health_talk_target_group]}
    source: {document: bokslut, section: 2.4.22, quote: "66 %"}
  - title: {sv: "Hälsosamtal: utförda", en: "Health talks: held"}
    value: 36
    measure: {share: [health_talks_held], of: [health_talk_target_group]}
    source: {document: bokslut, section: 2.4.23, quote: "har 36% riktade hälsosamtal utförts"}
  - title: {sv: "Hälsosamtal: utförda, förändring", en: "Health talks: held, change"}
    value: 9
    measure: {share: [health_talks_held], of: [health_talk_target_group]}
    when: difference
    source: {document: bokslut, section: 2.4.23, quote: "det är 9% fler än föregående år"}
    note:
      sv: "2.4.23: ökningen med 9 % antas vara procentenheter, från 27 till 36 %."
      en: "2.4.23: the rise of 9 % is taken to be percentage points, from 27 to 36 %."

  # 2.5

  - title: {sv: Hyrläkarveckor, en: Locum physician weeks}
    value: 810
    measure: {value: locum_physician_weeks}
    statistic: total
    for: {kind: [unit], operator: [region]}
    source: {document: bokslut, section: 2.5.3, quote: "anlitades hyrläkare 810 veckor av året"}
  - title: {sv: "Hyrläkarveckor, förändring", en: "Locum physician weeks, change"}
    value: -115
    measure: {value: locum_physician_weeks}
    statistic: total
    when: difference
    for: {kind: [unit], operator: [region]}
    source: {document: bokslut, section: 2.5.3, quote: "en minskning med 115 veckor"}
"""

NOTES_2023 = """\
notes:
  - sv: >-
      Bara de siffror för 2023 som bokslutet för 2024 jämför med är kända. Övriga uppgifter är
      gjorda för att likna dem.
    en: >-
      Only those figures of 2023 are known with which the report for 2024 compares. The others are
      made to resemble them.
"""

AGREEMENTS = """\
agreements:
  - {unit: U15, facts: [rehab_coordinator], provider: Strömsunds hälsocentral,
     from: 2022-01-01, to: 2025-12-31}
  - {unit: U16, facts: [rehab_coordinator, basic_functions], provider: Strömsunds hälsocentral,
     from: 2022-01-01, to: 2025-12-31}
  - {unit: U23, facts: [rehab_coordinator], provider: Svegs hälsocentral, from: 2021-07-01}
  - {unit: U27, facts: [rehab_coordinator, on_call_duty], provider: Bräcke hälsocentral,
     from: 2023-01-01, to: 2024-12-31}
"""


CLOSED_ON_FRIDAYS = """\
  - unit: U27
    requirement: "2.2.7"
    parameters: {minimum: 28}
    from: 2024-01-01
    to: 2024-12-31
    decision: HSN 2023/114
    decided_by: Hälso- och sjukvårdsnämnden
    reason:
      sv: En enda läkare, på deltid; stängt på fredagar tills ytterligare en är anställd.
      en: A single physician, part-time; closed on Fridays until another is employed.
    condition:
      sv: Akuta patienter tas emot av Bräcke hälsocentral på fredagar. Nuläget redovisas varje tertial.
      en: >-
        Urgent patients are seen at Bräcke hälsocentral on Fridays. The situation is reported every
        tertial.
"""
SHORTER_DAYS = """\
  - unit: U11
    requirement: "2.2.7"
    parameters: {minimum: 40}
    from: 2022-01-01
    to: 2023-12-31
    decision: HSN 2021/87
    decided_by: Hälso- och sjukvårdsnämnden
    reason: {sv: Kortare dagar under ombyggnaden., en: Shorter days during the rebuilding.}
"""
STUDY_LEAVE = """\
  - unit: U13
    requirement: "2.3.3"
    exempt: true
    from: 2024-03-01
    to: 2024-08-31
    decision: HSN 2024/31
    decided_by: Hälsovalschefen, på delegation
    reason:
      sv: Två sjuksköterskor studerar till distriktssköterskor; månaderna räknas inte i årets andel.
      en: Two nurses are studying to be district nurses; the months don't count in the year's share.
    condition:
      sv: Båda återgår i tjänst senast i september 2024.
      en: Both are back at work by September 2024.
"""


def portfolio_file(year: Year) -> str:
    """`portfolio.yaml`: the waivers, agreements and plans of the year."""
    if year.year == 2023:
        return (
            f"{SCHEMA.format(up='../..', kind='portfolio')}\n"
            "# Jämtland Härjedalen 2023: the year that 2024 is compared with.\n"
            "contract: jamtland-halsoval-2023\n"
            "period: 2023\n"
            + PROVENANCE.format(
                source="de värden för 2023 som årsbokslutet för 2024 anger",
                source_en="the values of 2023 that the year-end report for 2024 gives",
            )
            + NOTES_2023
            + "units: units.csv\n"
            "observations: [facts/*.csv]\n"
            "waivers:\n" + SHORTER_DAYS + AGREEMENTS + "plans:\n"
            '  - {unit: U18, requirement: "2.3.3", due: 2024-04-30, received: 2024-04-12}\n'
        )
    return (
        f"{SCHEMA.format(up='../..', kind='portfolio')}\n"
        "# Jämtland Härjedalen 2024: 28 health centres and three branches.\n"
        "contract: jamtland-halsoval-2024\n"
        "period: 2024\n"
        + PROVENANCE.format(
            source="det publicerade årsbokslutet för 2024",
            source_en="the published year-end report for 2024",
        )
        + NOTES_2024
        + "units: units.csv\n"
        "observations: [facts/*.csv, units/*.yaml]\n"
        "previous: ../jamtland-2023\n"
        "waivers:\n"
        + CLOSED_ON_FRIDAYS
        + "  # Expired, and not renewed.\n"
        + SHORTER_DAYS
        + STUDY_LEAVE
        + AGREEMENTS
        + "  - {unit: U28, facts: [rehab_coordinator, on_call_duty],\n"
        "     provider: Brunflo hälsocentral, from: 2024-12-02, to: 2025-11-30}\n"
        "plans:\n"
        '  - {unit: U14, requirement: "2.3.2", due: 2025-04-30}\n'
        '  - {unit: U18, requirement: "2.3.3", due: 2025-03-31, received: 2025-03-20}\n' + STATED_2024
    )


def make(year: Year) -> dict[str, str]:
    """Every file of a year's portfolio, by its name in the folder."""
    after = year_end(year)
    if year.year == 2024:
        before = year_end(YEARS[1])
    else:
        draw = chance(year.year, "before")
        before = {unit: round(value * draw(0.99, 1.005)) for unit, value in after.items()}
    before.setdefault(TORVALLA, 0)
    staff, locum_quarters = staff_file(year)
    own = tuple(OWN_WORDS) if year.year == 2024 else ()
    files = {
        "portfolio.yaml": portfolio_file(year),
        "units.csv": units_file(year),
        "facts/production.csv": production_file(year, listed_by_month(year, before, after)),
        "facts/staff.csv": staff,
        "facts/access.csv": access_file(year),
        "facts/continuity.csv": continuity_file(year),
        "facts/year.csv": year_file(year, after, locum_quarters),
        "facts/hours.csv": hours_file(year, own),
        "facts/answers.csv": answers_file(year, own),
    }
    return files | {f"units/{unit}.yaml": own_file(year, unit) for unit in own}


def main() -> None:
    """Write both folders beside this script, or into the folder that is named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for year in YEARS:
        folder = target / f"jamtland-{year.year}"
        for name, text in make(year).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
