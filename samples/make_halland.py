"""Makes the portfolios `halland-2024` and `halland-2023`: synthetic units, published totals.

The follow-up report on care choice in Halland gives totals, means, shares and their change since the
year before, but no unit's own figures. This script makes units that agree with every one of them. Run
it again and the same bytes come out. What is decided and assumed, `portfolio.yaml`, is written by hand.

    python samples/make_halland.py
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from make_jamtland import SEASON, Row, Values, apportion, period, settle, table, tenths

HERE = Path(__file__).parent
Months = dict[tuple[str, int], int]


# The units: names made of places in Halland, made-up figures


@dataclass(frozen=True)
class Unit:
    """A health centre: `strain` is lack of staff, from 0 to 1; `old` the weight of its old patients."""

    id: str
    name: str
    municipality: str
    operator: str
    listed: int
    strain: float
    old: float


REGION, PRIVATE = "region", "private"
UNITS = (
    Unit("U01", "Gottskärs", "Kungsbacka", PRIVATE, 12608, 0.1, 1.0),
    Unit("U02", "Hanhals", "Kungsbacka", REGION, 10423, 0.3, 0.8),
    Unit("U03", "Gällinge", "Kungsbacka", PRIVATE, 3871, 0.2, 1.1),
    Unit("U04", "Idala", "Kungsbacka", REGION, 5547, 0.5, 1.0),
    Unit("U05", "Lerkils", "Kungsbacka", PRIVATE, 5466, 0.3, 1.0),
    Unit("U06", "Maleviks", "Kungsbacka", PRIVATE, 9483, 0.0, 0.9),
    Unit("U07", "Ölmevalla", "Kungsbacka", REGION, 7134, 0.8, 1.2),
    Unit("U08", "Släps", "Kungsbacka", PRIVATE, 8027, 0.2, 1.1),
    Unit("U09", "Tjolöholms", "Kungsbacka", REGION, 7638, 0.4, 0.9),
    Unit("U10", "Tölö", "Kungsbacka", REGION, 9312, 0.6, 0.7),
    Unit("U11", "Älvsåkers", "Kungsbacka", PRIVATE, 6991, 0.3, 0.8),
    Unit("U12", "Apelvikens", "Varberg", PRIVATE, 11243, 0.2, 0.9),
    Unit("U13", "Getteröns", "Varberg", REGION, 9866, 0.3, 1.0),
    Unit("U14", "Gödestads", "Varberg", REGION, 4392, 0.9, 1.1),
    Unit("U15", "Himle", "Varberg", REGION, 5918, 0.6, 1.0),
    Unit("U16", "Lindbergs", "Varberg", PRIVATE, 7323, 0.4, 0.8),
    Unit("U17", "Rolfstorps", "Varberg", REGION, 7034, 0.2, 1.0),
    Unit("U18", "Spannarps", "Varberg", PRIVATE, 8327, 0.1, 1.0),
    Unit("U19", "Stråvalla", "Varberg", PRIVATE, 5064, 0.7, 1.2),
    Unit("U20", "Åsklosters", "Varberg", REGION, 7542, 0.5, 0.9),
    Unit("U21", "Abilds", "Falkenberg", REGION, 5337, 0.5, 1.1),
    Unit("U22", "Glommens", "Falkenberg", PRIVATE, 5193, 0.4, 1.2),
    Unit("U23", "Långås", "Falkenberg", REGION, 4023, 0.7, 1.1),
    Unit("U24", "Morups", "Falkenberg", REGION, 6868, 0.6, 1.2),
    Unit("U25", "Olofsbo", "Falkenberg", PRIVATE, 7408, 0.2, 1.1),
    Unit("U26", "Skrea", "Falkenberg", REGION, 8623, 0.4, 1.0),
    Unit("U27", "Stafsinge", "Falkenberg", PRIVATE, 9447, 0.3, 0.8),
    Unit("U28", "Sannarps", "Halmstad", REGION, 15122, 0.4, 0.7),
    Unit("U29", "Eldsberga", "Halmstad", REGION, 6532, 0.3, 1.0),
    Unit("U30", "Enslövs", "Halmstad", REGION, 4718, 1.0, 1.1),
    Unit("U31", "Harplinge", "Halmstad", PRIVATE, 5053, 0.2, 1.1),
    Unit("U32", "Haverdals", "Halmstad", PRIVATE, 6874, 0.1, 1.2),
    Unit("U33", "Holms", "Halmstad", REGION, 3279, 0.8, 1.0),
    Unit("U34", "Kvibille", "Halmstad", REGION, 5609, 0.5, 1.0),
    Unit("U35", "Ringenäs", "Halmstad", PRIVATE, 9614, 0.1, 1.1),
    Unit("U36", "Steninge", "Halmstad", PRIVATE, 8946, 0.3, 1.0),
    Unit("U37", "Trönninge", "Halmstad", REGION, 8357, 0.6, 0.8),
    Unit("U38", "Tylösands", "Halmstad", PRIVATE, 12938, 0.2, 1.0),
    Unit("U39", "Vapnö", "Halmstad", PRIVATE, 11382, 0.5, 0.7),
    Unit("U40", "Åleds", "Halmstad", REGION, 7483, 0.7, 0.9),
    Unit("U41", "Skummeslövs", "Laholm", PRIVATE, 7826, 0.2, 1.2),
    Unit("U42", "Hasslövs", "Laholm", REGION, 5213, 0.5, 1.1),
    Unit("U43", "Hishults", "Laholm", REGION, 3717, 0.9, 1.2),
    Unit("U44", "Ränneslövs", "Laholm", PRIVATE, 5528, 0.9, 1.0),
    Unit("U45", "Skottorps", "Laholm", PRIVATE, 2214, 0.4, 1.0),
    Unit("U46", "Rydöbruks", "Hylte", REGION, 10104, 0.6, 1.1),
)
BY_ID = {unit.id: unit for unit in UNITS}
IDS = tuple(BY_ID)
BRANCHES = (
    ("B01", "Derome", "Varberg", "U17"),
    ("B02", "Okome", "Falkenberg", "U21"),
    ("B03", "Ätrafors", "Falkenberg", "U26"),
    ("B04", "Fyllinge", "Halmstad", "U39"),
    ("B05", "Simlångsdalen", "Halmstad", "U40"),
    ("B06", "Slättåkra", "Halmstad", "U34"),
    ("B07", "Särdal", "Halmstad", "U36"),
    ("B08", "Villshärad", "Halmstad", "U35"),
    ("B09", "Mellbystrand", "Laholm", "U41"),
    ("B10", "Veinge", "Laholm", "U42"),
    ("B11", "Kinnared", "Hylte", "U46"),
)
SMALL, MOVED, NO_DIRECTED = "U45", "U16", "U44"


@dataclass(frozen=True)
class Share:
    """A part of a whole: in percent of all units together, and how far apart the units are."""

    part: str
    whole: str
    pooled: float
    spread: float
    low_is_strained: bool = True


@dataclass(frozen=True)
class Year:
    """What the report says of one year; the year before is known by how the report compares with it."""

    year: int
    visits: Mapping[str, int]
    channels: Mapping[str, int]
    choices: int
    home_visits: int
    directed: int
    assessments: Mapping[str, tuple[int, float]]
    """By profession: how many, and the percent of them within three days."""
    shares: tuple[Share, ...]
    sick_leave: tuple[float, float]
    """The mean of the units' medians in days, and how far apart they are."""
    antibiotics: float


DIRECTED_KR = 500
MORE_REGIONAL = {"Kungsbacka": 0.01, "Varberg": 0.01, "Laholm": 0.01}
"""So much larger was the regional units' share of the listed in 2023."""
SAME_DAY = 900
"""Mean of the units' means, July to December 2024, in tenths of a percent."""
GROWTH = 0.0045

YEARS = (
    Year(
        year=2024,
        # 1,287,279 in all, 8 percent fewer: fewer to nurses and physicians, more of the two between
        visits={
            "visits_to_physician": 330418,
            "visits_to_nurse": 559706,
            "visits_for_psychosocial_support": 118227,
            "visits_to_occupational_therapist": 40852,
            "visits_to_others": 238076,
        },
        # 108,964 in all, 9 percent more; telephone most often, though less of them
        channels={
            "distance_visits_by_phone": 63853,
            "distance_visits_by_chat": 25715,
            "distance_visits_by_video": 19396,
        },
        choices=26412,
        home_visits=6412,
        directed=1263,
        # 88 % in all
        assessments={
            "physician": (110240, 85.0),
            "nurse": (90120, 94.5),
            "therapist": (41870, 88.0),
            "counsellor": (17770, 74.0),
        },
        shares=(
            Share("lifestyle_advice_patients", "patients_seen", 16.2, 5),
            Share("asthma_uncontrolled", "asthma_patients", 33.2, 9, low_is_strained=False),
            Share("diabetes_blood_pressure_at_goal", "diabetes_patients", 66.4, 8),
            Share("type_2_hba1c_above_70", "type_2_diabetes_patients", 6.8, 3, low_is_strained=False),
            Share("children_vaccinated", "children_to_vaccinate", 97.6, 2),
        ),
        sick_leave=(58.9, 18.0),
        antibiotics=171.0,
    ),
    Year(
        year=2023,
        visits={
            "visits_to_physician": 366702,
            "visits_to_nurse": 640981,
            "visits_for_psychosocial_support": 114180,
            "visits_to_occupational_therapist": 39411,
            "visits_to_others": 237942,
        },
        channels={
            "distance_visits_by_phone": 65878,
            "distance_visits_by_chat": 19994,
            "distance_visits_by_video": 14095,
        },
        choices=25873,
        home_visits=5829,
        directed=1259,
        assessments={
            "physician": (112650, 82.6),
            "nurse": (88310, 93.4),
            "therapist": (40720, 86.0),
            "counsellor": (16940, 70.0),
        },
        shares=(
            Share("lifestyle_advice_patients", "patients_seen", 14.7, 5),
            Share("asthma_uncontrolled", "asthma_patients", 33.9, 9, low_is_strained=False),
            Share("diabetes_blood_pressure_at_goal", "diabetes_patients", 65.8, 8),
            Share("type_2_hba1c_above_70", "type_2_diabetes_patients", 7.0, 3, low_is_strained=False),
            Share("children_vaccinated", "children_to_vaccinate", 97.5, 2),
        ),
        sick_leave=(58.3, 12.0),
        antibiotics=180.0,
    ),
)


# Chance, the same every time: one stream for each series, so that one doesn't move another


def chance(year: int, name: str) -> Callable[[float, float], float]:
    """A stream of numbers between two ends."""
    stream = random.Random(f"halland {year} {name}")
    return lambda low, high: low + (high - low) * stream.random()


# The series


def year_end(year: Year) -> Values:
    """Listed patients in December. In 2023 the regional units have their share of then."""
    if year.year == 2024:
        return {unit.id: unit.listed for unit in UNITS}
    draw = chance(year.year, "listed")
    listed: Values = {}
    for place in dict.fromkeys(unit.municipality for unit in UNITS):
        here = [unit for unit in UNITS if unit.municipality == place]
        whole = sum(unit.listed for unit in here)
        then = round(whole * (1 - GROWTH))
        regional = sum(unit.listed for unit in here if unit.operator == REGION) / whole
        of_region = round(then * (regional + MORE_REGIONAL.get(place, 0)))
        for operator, total in ((REGION, of_region), (PRIVATE, then - of_region)):
            weights = {u.id: u.listed * draw(0.985, 1.015) for u in here if u.operator == operator}
            if weights:
                listed |= apportion(total, weights)
    return {unit: listed[unit] for unit in IDS}


def listed_by_month(year: Year, before: Values, after: Values) -> Months:
    """Listed patients drift from one December to the next."""
    draw = chance(year.year, "drift")
    listed: Months = {}
    for unit in IDS:
        for month in range(1, 13):
            exact = before[unit] + (after[unit] - before[unit]) * month / 12
            wobble = 0.0 if month == 12 else draw(-0.002, 0.002) * exact
            listed[unit, month] = round(exact + wobble)
    return listed


def flow(year: Year, name: str, total: int, weight: Callable[[Unit], float]) -> Months:
    """A monthly flow with its seasons that sums to the year's total."""
    draw = chance(year.year, name)
    weights: dict[str, float] = {}
    for unit in UNITS:
        level = unit.listed * weight(unit) * draw(0.88, 1.12)
        for month in range(1, 13):
            weights[f"{unit.id} {month}"] = level * SEASON[month - 1] * draw(0.92, 1.08)
    made = apportion(total, weights)
    return {(unit, month): made[f"{unit} {month}"] for unit in IDS for month in range(1, 13)}


def staffed(unit: Unit) -> float:
    """Fewer visits where staff is lacking."""
    return 1.1 - 0.2 * unit.strain


def counts(year: Year, listed: Values) -> dict[str, Values]:
    """The year's counts of patients, by fact and unit."""
    made: dict[str, Values] = {}
    rates = {
        "patients_seen": 0.71,
        "asthma_patients": 0.026,
        "diabetes_patients": 0.055,
        "children_to_vaccinate": 0.0105,
    }
    for fact, rate in rates.items():
        draw = chance(year.year, fact)
        made[fact] = {unit: round(listed[unit] * rate * draw(0.94, 1.06)) for unit in IDS}
    draw = chance(year.year, "type 2")
    made["type_2_diabetes_patients"] = {
        unit: round(patients * draw(0.88, 0.94)) for unit, patients in made["diabetes_patients"].items()
    }
    for share in year.shares:
        made[share.part] = parts(year, share.part, made[share.whole], share)
    draw = chance(year.year, "advice")
    for kind, part in (("exercise", 0.6), ("diet", 0.5), ("alcohol", 0.07)):
        made[f"{kind}_advice_patients"] = {
            unit: round(advised * part * draw(0.85, 1.15))
            for unit, advised in made["lifestyle_advice_patients"].items()
        }
    draw = chance(year.year, "antibiotics")
    made["antibiotic_prescriptions"] = apportion(
        round(year.antibiotics * sum(listed.values()) / 1000),
        {unit: listed[unit] * draw(0.85, 1.15) for unit in IDS},
    )
    return made


def parts(year: Year, name: str, whole: Values, share: Share) -> Values:
    """A part of each unit's whole, worse where staff is lacking, that sums to the pooled share."""
    draw = chance(year.year, f"share {name}")
    sign = -1 if share.low_is_strained else 1
    start: Values = {}
    for unit in IDS:
        percent = share.pooled + share.spread * (sign * (BY_ID[unit].strain - 0.42) + draw(-0.5, 0.5))
        start[unit] = min(whole[unit], max(0, round(whole[unit] * percent / 100)))
    total = round(share.pooled * sum(whole.values()) / 100)
    least = {unit: math.ceil(whole[unit] * max(0, share.pooled - 1.2 * share.spread) / 100) for unit in IDS}
    most = {unit: math.floor(whole[unit] * min(100, share.pooled + 1.2 * share.spread) / 100) for unit in IDS}
    return settle(start, total, least, most)


def assessments(year: Year) -> dict[str, Months]:
    """Assessments and those within three days, by profession: the year's share, spread over the months."""
    made: dict[str, Months] = {}
    for profession, (total, percent) in year.assessments.items():
        every = flow(year, f"assessments {profession}", total, staffed)
        whole = {unit: sum(every[unit, month] for month in range(1, 13)) for unit in IDS}
        share = Share("", "", percent, min(22.0, 100 - percent))
        in_time = parts(year, f"assessments {profession}", whole, share)
        timely: Months = {}
        draw = chance(year.year, f"timely {profession}")
        for unit in IDS:
            by_month = {str(month): every[unit, month] for month in range(1, 13)}
            start = {
                m: min(n, round(n * in_time[unit] / whole[unit] * draw(0.95, 1.05)))
                for m, n in by_month.items()
            }
            settled = settle(start, in_time[unit], dict.fromkeys(by_month, 0), by_month)
            timely |= {(unit, int(month)): value for month, value in settled.items()}
        made[f"assessments_by_{profession}"] = every
        made[f"timely_assessments_by_{profession}"] = timely
    return made


# The files


SWITCHBOARD, FEW_DAYS = "U25", "U34"


def same_day_file() -> str:
    """Contact on the same day, July to December 2024: one month missing, one not to rely on."""
    draw = chance(2024, "same day")
    known = [unit for unit in IDS if unit not in (SWITCHBOARD, FEW_DAYS)]
    start = {unit: round(SAME_DAY + 80 * (0.42 - BY_ID[unit].strain) + draw(-45, 45)) for unit in known}
    averages = settle(start, SAME_DAY * len(known), dict.fromkeys(known, 765), dict.fromkeys(known, 988))
    averages |= {SWITCHBOARD: 921, FEW_DAYS: 874}
    rows: list[Row] = []
    for unit in IDS:
        months = [str(month) for month in range(7, 13)]
        swing = {month: round(averages[unit] + draw(-30, 30)) for month in months}
        floor, ceiling = dict.fromkeys(months, 650), dict.fromkeys(months, 1000)
        for month, value in settle(swing, 6 * averages[unit], floor, ceiling).items():
            row = {
                "unit": unit,
                "fact": "same_day_contact",
                "period": period(2024, int(month)),
                "value": tenths(value),
            }
            if (unit, month) == (SWITCHBOARD, "9"):
                continue
            if (unit, month) == (FEW_DAYS, "7"):
                row |= {
                    "value": "51.2",
                    "quality": "doubtful",
                    "comment": "Mätningen omfattar bara de fyra sista vardagarna i juli.",
                }
            rows.append(row)
    return table(("unit", "fact", "period", "value", "quality", "comment"), rows)


def units_file() -> str:
    """The units and their branches."""
    rows: list[Row] = [
        {
            "unit": unit.id,
            "name": f"{unit.name} vårdcentral",
            "kind": "unit",
            "operator": unit.operator,
            "municipality": unit.municipality,
        }
        for unit in UNITS
    ]
    rows += [
        {
            "unit": id_,
            "name": f"{name}, filial",
            "kind": "branch",
            "operator": BY_ID[parent].operator,
            "municipality": municipality,
            "parent": parent,
        }
        for id_, name, municipality, parent in BRANCHES
    ]
    return table(("unit", "name", "kind", "operator", "municipality", "parent", "opened", "closed"), rows)


PAID_TWICE = ("U17", 10)


def production_file(year: Year, listed: Months) -> str:
    """Listed patients, choices and visits by month: one row a unit and month."""
    series: dict[str, Months] = {"listed_patients": listed}
    series["care_choices"] = flow(year, "choices", year.choices, lambda unit: 1)
    kinds = {fact: flow(year, fact, total, staffed) for fact, total in year.visits.items()}
    series["visits"] = added(kinds)
    series |= kinds
    channels = {fact: flow(year, fact, total, lambda unit: 1) for fact, total in year.channels.items()}
    series["distance_visits"] = added(channels)
    series |= channels
    directed = flow(
        year, "directed", year.directed, lambda unit: 0 if unit.id == NO_DIRECTED else unit.old**2
    )
    others = flow(year, "home visits", year.home_visits - year.directed, lambda unit: unit.old**2)
    series["physician_home_visits"] = added({"directed": directed, "others": others})
    series["directed_home_visits"] = directed
    series["directed_home_visit_payment"] = {key: DIRECTED_KR * n for key, n in directed.items()}
    rows: list[Row] = []
    for unit in IDS:
        for month in range(1, 13):
            row = {"unit": unit, "period": period(year.year, month)}
            row |= {fact: str(values[unit, month]) for fact, values in series.items()}
            if year.year == 2024 and (unit, month) == PAID_TWICE:
                row["directed_home_visit_payment"] = ""  # stands, doubtful, among the corrections
            rows.append(row)
    return table(("unit", "period", *series), rows)


def added(series: Mapping[str, Months]) -> Months:
    """The sum of several series."""
    first = next(iter(series.values()))
    return {key: sum(values[key] for values in series.values()) for key in first}


def assessments_file(year: Year) -> str:
    """Assessments by profession, unit and month; in 2024 some are withheld or missing."""
    made = assessments(year)
    rows: list[Row] = []
    for unit in IDS:
        for month in range(1, 13):
            row = {"unit": unit, "period": period(year.year, month)}
            row |= {fact: str(values[unit, month]) for fact, values in made.items()}
            if year.year == 2024 and unit == SMALL and month in (7, 8):
                row |= dict.fromkeys(("assessments_by_counsellor", "timely_assessments_by_counsellor"), "*")
            if year.year == 2024 and unit == MOVED and month <= 4:
                row |= dict.fromkeys(made, "")
            rows.append(row)
    return table(("unit", "period", *made), rows)


def corrections_file() -> str:
    """What the region knows to be wrong."""
    unit, month = PAID_TWICE
    row = {
        "unit": unit,
        "fact": "directed_home_visit_payment",
        "period": period(2024, month),
        "value": "3500",
        "quality": "doubtful",
        "comment": "Två besök är betalda dubbelt. Rättas i januari 2025.",
    }
    return table(("unit", "fact", "period", "value", "quality", "comment"), [row])


DOUBTED = ("U36", "diabetes_blood_pressure_at_goal", "Registreringen bytte rutin i mars.")
NO_SICK_LEAVE = "U19"


def year_file(year: Year, listed: Values) -> str:
    """The year's figures, as a Swedish spreadsheet saves them. Those of few patients are withheld."""
    made = counts(year, listed)
    mean, spread = year.sick_leave
    draw = chance(year.year, "sick leave")
    rows: list[Row] = []
    for unit in IDS:
        days = mean + spread * (BY_ID[unit].strain - 0.42 + draw(-0.5, 0.5))
        row = {"unit": unit, "period": str(year.year)}
        row |= {fact: str(values[unit]) for fact, values in made.items()}
        row["sick_leave_median_days"] = str(round(2 * days) / 2).replace(".", ",")
        if year.year == 2024:
            if unit == NO_SICK_LEAVE:
                row["sick_leave_median_days"] = ""
            if unit == SMALL:
                row |= {"asthma_uncontrolled": "*", "children_vaccinated": "*"}
                row["alcohol_advice_patients"] = "*"
            if unit == DOUBTED[0]:
                row[DOUBTED[1]] = ""  # stands, doubtful, among the answers
        rows.append(row)
    return table(tuple(rows[0]), rows, ";")


# What the units answer: everyone alike, but for those named

ORDINARY = "mon-fri 08:00-17:00"
HOURS = {
    2024: {
        "mon-thu 07:30-17:00; fri 07:30-16:00": ("U01", "U06", "U12", "U18", "U35", "U38"),
        "mon-thu 07:45-17:00; fri 07:45-16:30": ("U08", "U27", "U32", "U41"),
        "mon 08:00-19:00; tue-fri 08:00-17:00": ("U13", "U28", "U46"),
        "mon-thu 08:00-17:00; fri 08:00-15:00": ("U07",),
        "mon-fri 08:00-16:30": ("U23",),
        "mon-thu 08:00-17:00; fri 08:00-16:55": ("U31",),
        "mon-thu 08:30-16:30; fri 08:30-14:00": ("U44",),
        "mon-fri 08:30-16:00": ("U43",),
        "mon-thu 08:00-17:00": ("U45",),
        "": ("U19",),
    },
    2023: {
        "mon-thu 07:30-17:00; fri 07:30-16:00": ("U01", "U06", "U12", "U18", "U35", "U38"),
        "mon-thu 07:45-17:00; fri 07:45-16:30": ("U08", "U27", "U41"),
        "mon 08:00-19:00; tue-fri 08:00-17:00": ("U28", "U46"),
        "mon-fri 08:00-16:30": ("U23",),
        "mon-fri 08:30-16:30": ("U44",),
        "mon-fri 08:30-16:00": ("U43",),
        "mon-thu 08:00-17:00": ("U45",),
    },
}
Given = dict[str, tuple[str, dict[str, tuple[str, ...]]]]
ANSWERS: dict[int, Given] = {
    2024: {
        "visits_at_centre_offered": ("ja", {}),
        "home_visits_offered": ("ja", {"nej": ("U33", "U44")}),
        "distance_contacts_offered": ("ja", {"nej": ("U26", "U44"), "": ("U10",)}),
        "digital_basic_services": (
            "helt",
            {"delvis": ("U05", "U22", "U39", "U43"), "inte": ("U27",), "": ("U15",)},
        ),
        "care_guarantee_followed": (
            "helt",
            {
                "delvis": ("U07", "U15", "U19", "U23", "U33", "U40", "U44", "U46"),
                "inte": ("U30", "U43"),
                "": ("U10",),
            },
        ),
        "common_evening_and_weekend_care": (
            "ja",
            {"nej": ("U01", "U12", "U19", "U28", "U41", "U44")},
        ),
        "own_evening_hours": (
            "0",
            {
                "6": ("U01",),
                "8": ("U28",),
                "3": ("U12",),
                "2": ("U13", "U46"),
                "": ("U09", "U16", "U19", "U31", "U37"),
            },
        ),
        "own_weekend_hours": (
            "0",
            {"8": ("U01",), "10": ("U28",), "4": ("U41", "U19"), "": ("U09", "U16", "U31", "U37")},
        ),
        "rehabilitation_provided": ("ja", {}),
        "occupational_therapy_provided": ("ja", {"nej": ("U33", "U44")}),
        "psychosocial_support_provided": ("ja", {"nej": ("U44",), "": ("U37",)}),
        "child_health_care_provided": ("ja", {"nej": ("U20",)}),
        "on_call_duty": ("ja", {}),
        "home_visits_when_needed": (
            "helt",
            {"delvis": ("U07", "U14", "U30", "U40", "U43", "U46"), "inte": ("U33",), "": ("U15",)},
        ),
        "lifestyle_measures_offered": (
            "helt",
            {
                "delvis": ("U04", "U10", "U14", "U21", "U24", "U33", "U37", "U42", "U44"),
                "inte": ("U30", "U40"),
                "": ("U19",),
            },
        ),
    },
    2023: {
        "home_visits_offered": ("ja", {"nej": ("U33",)}),
        "distance_contacts_offered": ("ja", {"nej": ("U26", "U42", "U44")}),
        "digital_basic_services": (
            "helt",
            {"delvis": ("U05", "U15", "U22", "U39", "U43", "U45"), "inte": ("U27",)},
        ),
        "care_guarantee_followed": (
            "helt",
            {
                "delvis": ("U14", "U15", "U19", "U23", "U33", "U37", "U40", "U44", "U46", "U10"),
                "inte": ("U43",),
            },
        ),
        "own_evening_hours": ("0", {"6": ("U01",), "8": ("U28",), "3": ("U12",)}),
        "psychosocial_support_provided": ("ja", {"nej": ("U44",)}),
        "child_health_care_provided": ("ja", {}),
        "home_visits_when_needed": (
            "helt",
            {"delvis": ("U14", "U30", "U33", "U40", "U43")},
        ),
        "lifestyle_measures_offered": (
            "helt",
            {
                "delvis": ("U04", "U10", "U14", "U19", "U21", "U24", "U33", "U37", "U42", "U44", "U07"),
                "inte": ("U30", "U40"),
            },
        ),
    },
}
VIA = {
    ("U02", "common_evening_and_weekend_care"): "Närakuten",
    ("U03", "common_evening_and_weekend_care"): "Närakuten",
    ("U04", "common_evening_and_weekend_care"): "Närakuten",
    ("U24", "common_evening_and_weekend_care"): "Glommens vårdcentral",
    ("U24", "rehabilitation_provided"): "Glommens vårdcentral",
    ("U03", "rehabilitation_provided"): "Gottskärs vårdcentral",
    ("U05", "rehabilitation_provided"): "Gottskärs vårdcentral",
    ("U05", "occupational_therapy_provided"): "Gottskärs vårdcentral",
    ("U31", "occupational_therapy_provided"): "Sannarps vårdcentral",
    ("U42", "rehabilitation_provided"): "Skummeslövs vårdcentral",
    ("U45", "rehabilitation_provided"): "Skummeslövs vårdcentral",
    ("U45", "occupational_therapy_provided"): "Skummeslövs vårdcentral",
    ("U45", "psychosocial_support_provided"): "Skummeslövs vårdcentral",
}
SAID = {
    ("U05", "digital_basic_services"): "Webbtidbok saknas för sköterskornas tider.",
    ("U27", "digital_basic_services"): "Enheten svarar i en egen app och inte via 1177.",
    ("U30", "care_guarantee_followed"): "Läkarbristen gör att nybesök väntar mer än en vecka.",
    ("U43", "care_guarantee_followed"): "Telefonen stänger när dagens tider är slut.",
    ("U26", "distance_contacts_offered"): "Video införs våren 2025.",
    ("U33", "home_visits_offered"): "Hembesöken sköts av läkarmedverkan i hemsjukvården.",
    ("U33", "home_visits_when_needed"): "Hänvisar till läkarmedverkan i hemsjukvården.",
    ("U20", "child_health_care_provided"): "Barnen går till en annan vårdcentral, utan avtal.",
    ("U12", "own_evening_hours"): "Torsdagar 17-20.",
    ("U41", "own_weekend_hours"): "Lördagar 10-14, under sommaren även söndagar.",
    ("U40", "lifestyle_measures_offered"): "Den som gav råden har slutat.",
    ("U44", "opening_hours"): "Kortare dagar sedan i mars på grund av vakanser.",
    ("U31", "opening_hours"): "Personalmöte sista fem minuterna på fredagar.",
}
SAID_DOUBTFUL = {
    ("U38", "opening_hours"): "Svaret verkar gälla telefontiderna.",
    ("U36", "digital_basic_services"): "Svaret ändrat per telefon, inte bekräftat.",
}
BRANCH_ANSWERS: Given = {
    "branch_consent": ("ja", {"nej": ("B06",), "": ("B08",)}),
    "branch_serves_own_patients": ("ja", {"nej": ("B04", "B05")}),
    "branch_in_remote_area": ("nej", {"ja": ("B02", "B05", "B06", "B11"), "": ("B10",)}),
    "branch_within_competition_rules": ("ja", {"nej": ("B04",)}),
}
BRANCH_SAID = {
    ("B04", "branch_serves_own_patients"): "Nio av tio besökare är listade på annan vårdcentral.",
    ("B04", "branch_within_competition_rules"): "Öppnad 400 meter från en annan vårdcentral.",
    ("B06", "branch_consent"): "Ansökan kom in i november 2024 och är inte beslutad.",
}
BRANCH_DOUBTFUL = {
    ("B09", "branch_serves_own_patients"): "Mest sommargäster enligt underlaget. Prövas på nytt.",
    ("B09", "branch_within_competition_rules"): "Prövningen är inte klar.",
}
OWN_WORDS = {
    "U07": "Fredagarna är kortare sedan september: vi saknar två sjuksköterskor.",
    "U14": "Vi har haft en halv läkartjänst obesatt hela året.",
}
OWN_SAID = {
    ("U07", "care_guarantee_followed"): "Nybesök hos kurator dröjer mer än tre dagar.",
    ("U07", "home_visits_when_needed"): "Akuta hembesök hinns inte alltid med.",
    ("U14", "home_visits_when_needed"): "Planerade hembesök görs, akuta sällan.",
    ("U14", "lifestyle_measures_offered"): "Råd ges, men uppföljande samtal saknas.",
}


def given(year: Year) -> dict[str, dict[str, str]]:
    """What every unit answers, by unit and fact; 2023 has the answers of 2024 but for its own."""
    hours: dict[str, tuple[str, ...]] = HOURS[year.year]
    asked: Given = {"opening_hours": (ORDINARY, hours)} | ANSWERS[2024] | ANSWERS[year.year]
    by_unit: dict[str, dict[str, str]] = {unit: {} for unit in IDS}
    for fact, (usual, others) in asked.items():
        for unit in IDS:
            answer = next((text for text, units in others.items() if unit in units), usual)
            if not (year.year == 2023 and answer == ""):
                by_unit[unit][fact] = answer
    return by_unit


def answers_file(year: Year) -> str:
    """What the units answered, but for those that sent a file of their own; and the trial of the branches."""
    this = year.year == 2024
    rows: list[Row] = []
    for unit, by_fact in given(year).items():
        if this and unit in OWN_WORDS:
            continue
        for fact, answer in by_fact.items():
            if answer:
                rows.append(answer_row(year, unit, fact, answer, SAID if this else {}))
                if this and (unit, fact) in SAID_DOUBTFUL:
                    rows[-1] |= {"quality": "doubtful", "comment": SAID_DOUBTFUL[unit, fact]}
        if this and unit == DOUBTED[0]:
            rows.append(answer_row(year, unit, DOUBTED[1], "201", {}))
            rows[-1] |= {"quality": "doubtful", "comment": DOUBTED[2]}
    for branch, *_ in BRANCHES:
        for fact, (usual, others) in BRANCH_ANSWERS.items():
            answer = next((text for text, ids in others.items() if branch in ids), usual)
            if answer:
                rows.append(answer_row(year, branch, fact, answer, BRANCH_SAID if this else {}))
                if this and (branch, fact) in BRANCH_DOUBTFUL:
                    rows[-1] |= {"quality": "doubtful", "comment": BRANCH_DOUBTFUL[branch, fact]}
    return table(("unit", "fact", "period", "value", "via", "quality", "comment"), rows)


def answer_row(year: Year, unit: str, fact: str, answer: str, said: Mapping[tuple[str, str], str]) -> Row:
    """One answer, with the provider under an agreement and the unit's own words."""
    return {
        "unit": unit,
        "fact": fact,
        "period": str(year.year),
        "value": answer,
        "via": VIA.get((unit, fact), ""),
        "comment": said.get((unit, fact), ""),
    }


SCHEMA = "# yaml-language-server: $schema={up}/rules/schemas/{kind}.json"
"""Where an editor finds what the file may hold."""


def own_file(year: Year, unit: str) -> str:
    """One unit's own answers, as it wrote them."""
    lines = [
        SCHEMA.format(up="../../..", kind="unit"),
        f"# {BY_ID[unit].name} vårdcentral: våra svar till uppföljningen {year.year}",
        f"# {OWN_WORDS[unit]}",
        f"unit: {unit}",
        "facts:",
    ]
    for fact, answer in given(year)[unit].items():
        comment = OWN_SAID.get((unit, fact), "")
        if fact == "opening_hours":
            lines.append(f'  {fact}: "{answer}"')
        elif comment:
            lines.append(f'  {fact}: {{value: {answer}, comment: "{comment}"}}')
        else:
            lines.append(f"  {fact}: {answer}")
    return "\n".join(lines) + "\n"


def make(year: Year) -> dict[str, str]:
    """Every file of a year's portfolio, by its name in the folder."""
    after = year_end(year)
    if year.year == 2024:
        before = year_end(YEARS[1])
    else:
        draw = chance(year.year, "before")
        before = {unit: round(value * draw(0.985, 1.0)) for unit, value in after.items()}
    files = {
        "units.csv": units_file(),
        "facts/production.csv": production_file(year, listed_by_month(year, before, after)),
        "facts/assessments.csv": assessments_file(year),
        "facts/year.csv": year_file(year, after),
        "facts/answers.csv": answers_file(year),
    }
    if year.year == 2024:
        files["facts/same_day.csv"] = same_day_file()
        files["facts/corrections.csv"] = corrections_file()
        files |= {f"units/{unit}.yaml": own_file(year, unit) for unit in OWN_WORDS}
    return files


def main() -> None:
    """Write both folders beside this script, or into the folder that is named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for year in YEARS:
        folder = target / f"halland-{year.year}"
        for name, text in make(year).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
