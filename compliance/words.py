"""Texts in Swedish and English, and how each language writes numbers, months and lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

__all__ = [
    "Text",
    "capital",
    "day",
    "decimal_of",
    "listed",
    "month",
    "months",
    "number",
    "ordinal",
    "quotient",
    "rounded",
    "small",
]

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MONTHS = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    sv: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.sv if lang == "sv" else self.en

    @property
    def as_dict(self) -> dict[str, str]:
        return {"sv": self.sv, "en": self.en}


def rounded(top: int, bottom: int, places: int) -> int:
    """`top / bottom` times ten to the power of `places`, rounded half-even to a whole number. Needs bottom > 0."""
    power: int = 10**places
    whole, rest = divmod(top * power, bottom)
    up = 2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1)
    return whole + 1 if up else whole


def decimal_of(value: Fraction, places: int = 6) -> Decimal:
    """`value` rounded half-even to `places` decimals, however large it is."""
    return Decimal(f"{rounded(value.numerator, value.denominator, places)}E-{places}")


def number(value: Fraction | Decimal | int, lang: str, most: int = 1, least: int = 0) -> str:
    """A number as the language writes it, rounded half-even to `most` decimals: 46,2 and 1 287 279."""
    return quotient(*value.as_integer_ratio(), lang, most, least)


def quotient(top: int, bottom: int, lang: str, most: int = 1, least: int = 0) -> str:
    """`top / bottom` as `number` writes it."""
    units = rounded(top, bottom, most)
    whole, part = divmod(abs(units), 10**most)
    text = f"{whole:,}"
    if lang == "sv" and whole > 999:
        text = text.replace(",", NO_BREAK)
    if part or least:
        digits = f"{part:0{most}d}"
        digits = digits[:least] + digits[least:].rstrip("0")
        if digits:
            text += ("," if lang == "sv" else ".") + digits
    return MINUS + text if units < 0 else text


def month(index: int, lang: str, with_year: bool = True) -> str:
    """The name of month `index` (year × 12 + month − 1): 'september 2024'."""
    name = MONTHS[lang].split()[index % 12]
    return f"{name} {index // 12}" if with_year else name


def months(indices: Iterable[int], lang: str) -> str:
    """Months as runs: 'januari–augusti och november 2024'."""
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        if runs and index == runs[-1][1] + 1 and index % 12:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    parts: list[str] = []
    for position, (first, last) in enumerate(runs):
        after = runs[position + 1][0] // 12 if position + 1 < len(runs) else None
        text = month(last, lang, with_year=after != last // 12)
        parts.append(text if first == last else f"{month(first, lang, with_year=False)}–{text}")
    return listed(parts, lang)


def day(when: date, lang: str) -> str:
    """'31 december 2024', in either language."""
    return f"{when.day} {MONTHS[lang].split()[when.month - 1]} {when.year}"


def listed(parts: Iterable[str], lang: str) -> str:
    """'a, b och c'."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + (" och " if lang == "sv" else " and ") + items[-1]


ORDINALS = {
    "sv": "första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde",
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth",
}


def ordinal(position: int, lang: str) -> str:
    """'andra', 'second': in words up to ten, and above in digits."""
    words = ORDINALS[lang].split()
    if position <= len(words):
        return words[position - 1]
    if lang == "sv":
        return f"{position}:{'a' if position % 10 in (1, 2) and position % 100 not in (11, 12) else 'e'}"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(position % 10 if position % 100 not in (11, 12, 13) else 0, "th")
    return f"{position}{ending}"


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """With a small first letter, unless the word is an abbreviation such as CNI or SÄBO."""
    if len(text) > 1 and (text[1] == " " or (text[1].isalpha() and not text[1].isupper())):
        return text[0].lower() + text[1:]
    return text
