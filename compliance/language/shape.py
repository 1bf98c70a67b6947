"""What every YAML format shares: pydantic shapes, the types of single values, and errors in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from compliance.language.periods import Period, read_period
from compliance.language.reader import Document, Path_
from compliance.problems import Problems, did_you_mean, one_of, shown
from compliance.words import Text

__all__ = [
    "Day",
    "Flag",
    "Id",
    "Name",
    "Number",
    "Shape",
    "Span",
    "Texts",
    "Whole",
    "Word",
    "check",
    "closed_list",
    "is_name",
    "mapping",
    "read_date",
    "read_decimal",
    "typed",
]

S = TypeVar("S", bound="Shape")
T = TypeVar("T")
LIMIT = Decimal(10) ** 12
MILLIONTH = Decimal("0.000001")


class _Unknown:
    """Keys that a shape doesn't know, noted while pydantic goes on with the rest."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, Any], str, tuple[str, ...]]] = []


class Shape(BaseModel):
    """A mapping in a YAML file. Its keys are the fields' names or aliases; any other is an error."""

    # Built when first used: most commands need few of the shapes.
    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, defer_build=True)
    keys_of: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        if cls.__dict__.get("keys_of") is None:
            cls.keys_of = tuple(f.alias or name for name, f in cls.model_fields.items())
        assert cls.keys_of is not None
        return cls.keys_of

    @model_validator(mode="before")
    @classmethod
    def _note_unknown_keys(cls, data: Any, info: ValidationInfo) -> Any:
        if isinstance(data, dict) and isinstance(info.context, _Unknown):
            known = cls.known_keys()
            info.context.seen.extend((data, key, known) for key in data if key not in known)
        return data


def check(shape: type[S], data: Any, document: Document, path: Path_, problems: Problems) -> S | None:
    """`data`, which stands at `path` of `document`, as a `shape`; None and problems where it doesn't fit."""
    unknown = _Unknown()
    before = len(problems)
    try:
        result = shape.model_validate(data, context=unknown)
    except ValidationError as error:
        result = None
        for fault in error.errors(include_url=False):
            _report(fault, shape, document, path, problems)
    for mapping_, key, known in unknown.seen:
        where = (*path, *_path_to(data, mapping_, ()), key)
        problems.add(
            document.key_place(*where),
            f"Unknown key {shown(key)}. Allowed here: {one_of(known)}.{did_you_mean(key, known)}",
        )
    return result if len(problems) == before and not _contradictory(document, path) else None


def _contradictory(document: Document, path: Path_) -> bool:
    """A key stands twice (which is reported) in what lies at `path`; of a file, among its first keys."""
    return any(at[: len(path)] == path and (path or len(at) == 1) for at in document.doubles)


def _path_to(data: Any, target: Any, path: Path_) -> Path_:
    stack: list[tuple[Any, Path_]] = [(data, path)]
    while stack:
        here, at = stack.pop()
        if here is target:
            return at
        if isinstance(here, dict):
            stack.extend((value, (*at, key)) for key, value in here.items())
        elif isinstance(here, list):
            stack.extend((value, (*at, index)) for index, value in enumerate(here))
    return path


def _report(fault: Any, shape: type[Shape], document: Document, path: Path_, problems: Problems) -> None:
    kind, where = fault["type"], (*path, *fault["loc"])
    key = shown(str(fault["loc"][-1])) if fault["loc"] else ""
    if kind == "missing":
        message = f"The key {key} is missing here. Add it."
        place = document.place(*where[:-1])
    elif kind == "input":
        message, place = fault["ctx"]["message"], document.place(*where)
    elif kind in ("model_type", "dict_type", "model_attributes_type"):
        message = (
            f"Expected a mapping with keys ({one_of(shape.known_keys())}), found {_what(fault['input'])}."
            if not fault["loc"]
            else f"Expected a mapping here, found {_what(fault['input'])}."
        ) + " Write `key: value`."
        place = document.place(*where)
    elif kind == "list_type":
        found = fault["input"]
        what_to_do = "Remove the key, or write []." if found is None else "Write it in brackets: [a, b]."
        message = f"{key} takes a list, found {_what(found)}. {what_to_do}"
        place = document.place(*where)
    elif kind == "string_type":
        message = f"Expected a text here, found {_what(fault['input'])}. Write one, in quotes."
        place = document.place(*where)
    else:
        message = f"{key}: {fault['msg']}, found {shown(str(fault['input']))}."
        place = document.place(*where)
    problems.add(place, message)


def _what(data: Any) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, dict):
        return "a mapping"
    if isinstance(data, (list, tuple)):
        return "a list"
    return f"the text {shown(str(data))}"


def mapping(data: Any, document: Document, path: Path_, problems: Problems) -> dict[str, Any]:
    """`data` where it is a mapping; an empty one, and a problem, where it is something else."""
    if isinstance(data, dict):
        return data
    if data is not None:
        problems.add(
            document.place(*path),
            f"Expected a mapping here, found {_what(data)}. Write `name: …` on lines of their own.",
        )
    return {}


def typed(read: Callable[[Any], T]) -> PlainValidator:
    """A pydantic validator from a function that raises ValueError with a whole message."""

    def run(data: Any) -> T:
        try:
            return read(data)
        except ValueError as error:
            raise PydanticCustomError("input", "{message}", {"message": str(error)}) from None

    vars(run)["read"] = read  # by which report/schema.py tells what is written there
    return PlainValidator(run)


def _scalar(data: Any, what: str) -> str:
    if not isinstance(data, str):
        what_to_do = "Write it without brackets" if isinstance(data, list) else "Write one value"
        raise ValueError(f"Expected {what}, found {_what(data)}. {what_to_do}.")
    return data


def read_decimal(data: Any) -> Decimal:
    """A number with at most six decimals and an absolute value below 10^12.

    Raises:
        ValueError: with a whole message.
    """
    if isinstance(data, (int, Decimal)) and not isinstance(data, bool):
        data = str(data)
    text = _scalar(data, "a number").strip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text, re.ASCII):
        raise ValueError(
            f"{shown(text)} holds a comma. Write {text.replace(',', '')} if it sets thousands "
            "apart, or "
            f"{text[: text.rindex(',')].replace(',', '')}.{text[text.rindex(',') + 1 :]} if it "
            "begins the decimals."
        )
    if re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII):
        raise ValueError(
            f"{shown(text)} is written with a decimal comma. Write {text.replace(',', '.')} with a point."
        )
    if percent := re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*%", text, re.ASCII):
        raise ValueError(f"{shown(text)} has a percent sign. Write {percent[1]} without it.")
    try:
        value = Decimal(text) if "_" not in text else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not text.isascii():
        raise ValueError(f"{shown(text)} isn't a number. Write it in digits, such as 45 or 46.5.")
    if not -LIMIT < value < LIMIT:
        raise ValueError(f"{shown(text)} is too large. Numbers stay below 1,000,000,000,000.")
    if value != value.quantize(MILLIONTH):
        raise ValueError(f"{shown(text)} has more than six decimals. Round it to six at most.")
    return value


def _text(data: Any) -> Text:
    if isinstance(data, str) and data.strip():
        return Text(data, data)
    if isinstance(data, dict):
        extra = [key for key in data if key not in ("sv", "en")]
        if extra:
            raise ValueError(f"Unknown language {shown(extra[0])}. A text has 'sv' and 'en'.")
        found = {key: value for key, value in data.items() if isinstance(value, str)}
        if found and len(found) == len(data):
            either = next(iter(found.values()))
            return Text(found.get("sv", either), found.get("en", either))
    raise ValueError(f"Expected a text or {{sv: …, en: …}}, found {_what(data)}.")


def is_name(text: str) -> bool:
    """Whether it is made of a to z, digits and underscores, beginning with a letter; 80 at most."""
    return re.fullmatch(r"[a-z][a-z0-9_]{0,79}", text, re.ASCII) is not None


def _name(data: Any) -> str:
    text = _scalar(data, "a name")
    if not is_name(text):
        raise ValueError(
            f"{shown(text)} isn't a name. Names are snake_case: small letters a to z, digits and "
            "underscores, beginning with a letter."
        )
    return text


def _id(data: Any) -> str:
    text = _scalar(data, "an id")
    if not text or len(text) > 80 or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"{shown(text)} isn't an id. Ids have 1 to 80 characters and no spaces.")
    return text


def _word(data: Any) -> str:
    return _scalar(data, "a text")


def _flag(data: Any) -> bool:
    word = _scalar(data, "yes or no").lower()
    if word in ("yes", "ja", "true"):
        return True
    if word in ("no", "nej", "false"):
        return False
    raise ValueError(f"{shown(word)} is neither yes nor no.")


def _whole(data: Any) -> int:
    value = read_decimal(data)
    if value != value.to_integral_value() or not 1 <= value <= 1200:
        raise ValueError(f"{shown(str(data))} isn't a whole number from 1 to 1200.")
    return int(value)


def read_date(data: Any) -> date:
    text = _scalar(data, "a date")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"{shown(text)} isn't a date. Write it as 2024-12-31.")


def closed_list(*words: str) -> PlainValidator:
    """A validator for one of a few words."""

    def read(data: Any) -> str:
        text = _scalar(data, one_of(words))
        if text not in words:
            raise ValueError(
                f"{shown(text)} isn't allowed here. Write {one_of(words)}.{did_you_mean(text, words)}"
            )
        return text

    vars(read)["words"] = words
    return typed(read)


Texts = Annotated[Text, typed(_text)]
Name = Annotated[str, typed(_name)]
Id = Annotated[str, typed(_id)]
Word = Annotated[str, typed(_word)]
Flag = Annotated[bool, typed(_flag)]
Number = Annotated[Decimal, typed(read_decimal)]
Whole = Annotated[int, typed(_whole)]
Day = Annotated[date, typed(read_date)]
Span = Annotated[Period, typed(read_period)]
