"""JSON Schemas of the YAML files, made from the shapes that read them, so that an editor completes and checks.

What a shape can't say (a value that is looked up later, conditions within conditions) is said here. A schema
accepts whatever the reader accepts; the reader is the stricter of the two.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import PlainValidator

from compliance.followup import language as followup
from compliance.language import checks, contracts, facts, portfolios, rules, shape
from compliance.language.periods import read_period
from compliance.language.schedule import DAYS
from compliance.language.shape import Shape
from compliance.lint.off import OffShape
from compliance.report.schema_texts import FILES, KEYS, OWN, SECTIONS

__all__ = ["schemas"]

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME = "^[a-z][a-z0-9_]{0,79}$"
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
"""YAML reads 2.10, yes and 2024 as what they look like; here they are text until their key tells their type."""
NUMBER: Schema = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+−-]?[0-9]+(\\.[0-9]{1,6})?$"}]
}
TEXT: Schema = {
    "anyOf": [
        SCALAR,
        {
            "type": "object",
            "properties": {"sv": SCALAR, "en": SCALAR},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}
FLAG: Schema = {"enum": [True, False, "yes", "no", "ja", "nej", "true", "false"]}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MONTH: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
PERIOD: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 9999},
        {"type": "string", "pattern": "^[0-9]{4}(-(T[1-3]|Q[1-4]|[0-9]{2}))?$"},
        {
            "type": "object",
            "properties": {"from": MONTH, "to": MONTH},
            "required": ["from", "to"],
            "additionalProperties": False,
        },
    ]
}
STRINGS: Schema = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}]}
PARAMETERS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^[^\\W\\d]\\w*$", "not": {"enum": sorted(rules.THRESHOLD_WORDS)}},
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def _one_or_list(items: Schema) -> Schema:
    return {"anyOf": [items, _list(items, 1)]}


def _named(items: Schema) -> Schema:
    """A mapping whose keys are names of the library's own."""
    return {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": items}


def _enum(words: tuple[str, ...]) -> Schema:
    more: list[Any] = [True, False] if {"yes", "no"} <= set(words) else []
    return {"enum": [*words, *more]}


def _exactly_one(*keys: str) -> Schema:
    return {"oneOf": [{"required": [key]} for key in keys]}


MORE: dict[str, Schema] = {
    "fact": {
        "if": {"properties": {"type": {"const": "choice"}}},
        "then": {"required": ["options"]},
        "else": {"properties": {"options": False}},
    },
    "rule": _exactly_one("measure", "measures"),
    "measure_months": _exactly_one(*rules.COMPARISONS),
    "relation": _exactly_one("is", "at_most"),
    "stated": _exactly_one(*checks.WAYS),
    "scope": {"minProperties": 1},
    "band": {"minProperties": 1},
    "points_by_grade": {"minProperties": 1},
    "waiver": _exactly_one("exempt", "parameters"),
    "then": {
        "anyOf": [{"required": ["action"]}, {"required": ["conclude"]}],
        "dependentRequired": {"action": ["severity", "text"], "due_days": ["action"]},
    },
    "off": _exactly_one("check", "mutant"),
}
"""What a shape's reader asks beyond its keys."""


READ: dict[Callable[[Any], Any], Schema] = {
    shape._text: _ref("text"),
    shape._name: {"type": "string", "pattern": NAME},
    shape._id: {"type": ["string", "number"]},
    shape._word: SCALAR,
    shape._flag: FLAG,
    shape.read_decimal: NUMBER,
    shape._whole: {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 1200},
            {"type": "string", "pattern": "^[0-9]+$"},
        ]
    },
    shape.read_date: DAY,
    read_period: PERIOD,
    facts._range: {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
    rules.read_terms: _ref("terms"),
    rules._plain_terms: _one_or_list({"type": "string"}),
    rules._days: _list({"enum": list(DAYS)}, 1),
    rules._clock: {"type": "string", "pattern": "^[0-9]{1,2}[:.][0-9]{2}$"},
    checks._value: NUMBER,
    contracts._strings: STRINGS,
    contracts._unit_word: {
        "type": "object",
        "properties": {
            lang: {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
            for lang in ("sv", "en")
        },
        "additionalProperties": False,
        "minProperties": 1,
    },
    portfolios._file: {"type": "string", "minLength": 1},
    portfolios._patterns: _one_or_list({"type": "string", "minLength": 1}),
}
"""What each reader of a single value takes."""

ANY: dict[tuple[type[Shape], str], Schema] = {
    (facts._FactShape, "default"): SCALAR,
    (rules._RuleShape, "measure"): _ref("measure"),
    (rules._RuleShape, "measures"): {**_named(_ref("measure")), "minProperties": 1},
    (rules._RuleShape, "parameters"): PARAMETERS,
    (rules._RuleShape, "applies"): _ref("rung"),
    (rules._ExampleShape, "facts"): _named({}),
    (rules._ExampleShape, "parameters"): PARAMETERS,
    (contracts._RequirementShape, "parameters"): PARAMETERS,
    (contracts._RequirementShape, "with_"): _named({"type": "string", "pattern": NAME}),
    (contracts._RequirementShape, "for_"): _ref("scope"),
    (contracts._RequirementShape, "applies"): _ref("rung"),
    (contracts._RequirementShape, "points"): _ref("points"),
    (contracts._RequirementShape, "source"): _one_or_list(_ref("source")),
    (contracts._VaryShape, "for_"): _ref("scope"),
    (contracts._VaryShape, "parameters"): PARAMETERS,
    (portfolios._WaiverShape, "parameters"): PARAMETERS,
    (contracts._ScopeShape, "kind"): _one_or_list(_enum(contracts.KINDS)),
    (contracts._ScopeShape, "operator"): _one_or_list(_enum(contracts.OPERATORS)),
    (checks._StatedShape, "measure"): _ref("measure"),
    (checks._StatedShape, "for_"): _ref("scope"),
    (checks._StatedShape, "mean"): _list({"anyOf": [NUMBER, _ref("weighed")]}, 1),
    (followup._RuleShape, "when"): _ref("when"),
    (followup._RuleShape, "parameters"): PARAMETERS,
    (followup._RuleShape, "source"): _one_or_list(_ref("quote")),
    (followup._ExampleShape, "facts"): _named(SCALAR),
}
"""What stands where a shape takes anything."""


class _Book:
    """The definitions of one schema, each made when it is first asked for."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}

    # Shapes

    def of(self, one: type[Shape], title: str) -> Schema:
        """A shape's mapping, with a description of each key."""
        hints = get_type_hints(one, include_extras=True)
        properties: dict[str, Schema] = {}
        for name, field in one.model_fields.items():
            key = field.alias or name
            given = ANY.get((one, name)) or LISTS.get((one, name)) or self._type(hints[name])
            if not field.is_required() and "null" not in str(given.get("type", "")) and given:
                given = {"anyOf": [given, {"type": "null"}]} if field.default is None else given
            properties[key] = {**self.used(given), "description": KEYS.get(f"{title}.{key}") or KEYS[key]}
        required = [field.alias or name for name, field in one.model_fields.items() if field.is_required()]
        made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**made, **({"required": required} if required else {}), **MORE.get(title, {})}

    def _type(self, hint: Any) -> Schema:
        origin, parts = get_origin(hint), get_args(hint)
        if origin is Annotated:
            validator = next(part for part in parts[1:] if isinstance(part, PlainValidator))
            return self._read(vars(validator.func)["read"])
        if origin in (Union, types.UnionType):
            return self._type(next(part for part in parts if part is not type(None)))
        if origin is list:
            return _list(self._type(parts[0]))
        if origin is dict:
            return {"type": "object", "additionalProperties": self._type(parts[1])}
        if isinstance(hint, type) and issubclass(hint, Shape):
            return _ref(NAMES[hint])
        return {} if hint is Any else SCALAR

    def _read(self, read: Callable[[Any], Any]) -> Schema:
        if "words" in vars(read):
            return _enum(vars(read)["words"])
        if "several" in vars(read):
            words = vars(read)["several"]
            return _one_or_list(_enum(words) if words else SCALAR)
        return READ[read]

    # Definitions

    def used(self, given: Schema) -> Schema:
        """The same, with whatever it refers to among the definitions."""
        stack: list[Any] = [given]
        while stack:
            here = stack.pop()
            if isinstance(here, list):
                stack.extend(here)
            elif isinstance(here, dict):
                stack.extend(value for key, value in here.items() if key != "$ref")
                if "$ref" in here:
                    self.define(here["$ref"].removeprefix("#/$defs/"))
        return given

    def define(self, name: str) -> None:
        if name in self.defs:
            return
        self.defs[name] = {}  # it may refer to itself
        one = next((one for one, own in NAMES.items() if own == name), None)
        self.defs[name] = self.of(one, name) if one else self.used(_written(name))

    def whole(self, name: str, body: Schema) -> str:
        """The schema as the file's text."""
        self.used(body)
        head = {"$schema": DRAFT, "title": FILES[name][0], "description": FILES[name][1]}
        made = {**head, **body, "$defs": dict(sorted(self.defs.items()))}
        return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


NAMES: dict[type[Shape], str] = {
    facts._FactShape: "fact",
    rules._RuleShape: "rule",
    rules._ExampleShape: "example",
    rules.WordingShape: "summary",
    **{one: f"measure_{kind}" for kind, one in rules._KINDS.items()},
    checks._CheckShape: "relation",
    checks._StatedShape: "stated",
    checks._Weighed: "weighed",
    contracts.SourceShape: "source",
    contracts.SourceDocument: "document",
    contracts.Section: "section",
    contracts._RequirementShape: "requirement",
    contracts._VaryShape: "vary",
    contracts._PointsShape: "points_by_value",
    contracts._GradePointsShape: "points_by_grade",
    contracts._BandShape: "band",
    contracts._OutOfScopeShape: "outside",
    contracts._ScopeShape: "scope",
    portfolios._WaiverShape: "waiver",
    portfolios._AgreementShape: "agreement",
    portfolios._PlanShape: "plan",
    followup._RuleShape: "followup",
    followup._Then: "then",
    followup._QuoteShape: "quote",
    followup._ExampleShape: "followup_example",
    followup._ExampleFinding: "example_finding",
    followup._ExamplePrevious: "example_previous",
    followup._ExamplePlan: "example_plan",
    followup._AtLeast: "from_a_number",
    **{one: f"when_{kind}" for kind, one in followup._KINDS.items()},
    OffShape: "off",
}
"""What the definition of each shape is called."""

LISTS: dict[tuple[type[Shape], str], Schema] = {
    (rules._RuleShape, "grade"): {
        "type": "object",
        "properties": {rung: {**_ref("rung"), "description": OWN[rung]} for rung in ("pass", "partial")},
        "additionalProperties": False,
    },
    (contracts._RequirementShape, "vary"): _list(_ref("vary")),
    (contracts._RequirementShape, "bands"): _list(_ref("band")),
    (contracts._ContractShape, "documents"): {"type": "object", "additionalProperties": _ref("document")},
    (contracts._ContractShape, "requirements"): _list(_ref("requirement")),
    (contracts._ContractShape, "out_of_scope"): _list(_ref("outside")),
    (portfolios._PortfolioShape, "waivers"): _list(_ref("waiver")),
    (portfolios._PortfolioShape, "agreements"): _list(_ref("agreement")),
    (portfolios._PortfolioShape, "plans"): _list(_ref("plan")),
    (portfolios._PortfolioShape, "stated"): _list(_ref("stated")),
}


def _comparisons() -> Schema:
    limits = {word: {**SCALAR, "description": OWN[word]} for word in rules.COMPARISONS}
    return {**limits, "known": {**FLAG, "description": OWN["known"]}}


def _written(name: str) -> Schema:
    """The definitions that no shape gives."""
    if name == "text":
        return {**TEXT, "description": OWN["text"]}
    if name == "terms":
        weighed = {"type": "object", "additionalProperties": NUMBER, "minProperties": 1, "maxProperties": 1}
        return {**_one_or_list({"anyOf": [{"type": "string"}, weighed]}), "description": OWN["terms"]}
    if name == "measure":
        return {
            "type": "object",
            "oneOf": [{**_ref(f"measure_{kind}"), "required": [kind]} for kind in rules._KINDS],
            "description": OWN["measure"],
        }
    if name == "points":
        return {"anyOf": [_ref("points_by_value"), _ref("points_by_grade")], "description": OWN["points"]}
    if name == "compared":
        return {
            "type": "object",
            "properties": _comparisons(),
            "additionalProperties": False,
            "minProperties": 1,
        }
    if name in ("criterion", "branch", "rung"):
        properties = {**_comparisons(), "measure": {**_ref("measure"), "description": OWN["own_measure"]}}
        if name != "criterion":
            properties["all"] = {**_list(_ref("criterion"), 1), "description": OWN["all"]}
        if name == "rung":
            properties["any"] = {**_list(_ref("branch"), 1), "description": OWN["any"]}
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": _ref("compared"),
            "minProperties": 1,
            "description": OWN[name],
        }
    if name in ("when", "when_none"):
        kinds: Schema = {
            kind: {
                **(_short(kind) if kind in SHORT else _ref(f"when_{kind}")),
                "description": OWN[f"when_{kind}"],
            }
            for kind in followup._KINDS
        }
        if name == "when":
            kinds["none"] = {**_ref("when_none"), "description": OWN["none"]}
            for word in ("all", "any"):
                kinds[word] = {**_list(_ref("when"), 1), "description": OWN[f"when_{word}"]}
        return {
            "type": "object",
            "properties": kinds,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "description": OWN[name],
        }
    raise KeyError(name)


SHORT = ("conclusion", "fact", "check")
"""Conditions that may be a name alone."""


def _short(kind: str) -> Schema:
    return {"anyOf": [{"type": "string", "pattern": NAME}, _ref(f"when_{kind}")]}


def _rules() -> Schema:
    sections = {
        "facts": _named(_ref("fact")),
        "rules": _named(_ref("rule")),
        "checks": _named(_ref("relation")),
        "followup": _named(_ref("followup")),
        "lint": _list(_ref("off")),
    }
    return {
        "type": "object",
        "properties": {key: {**section, "description": SECTIONS[key]} for key, section in sections.items()},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _contract(book: _Book) -> Schema:
    """A contract that extends another may leave out what that one says."""
    whole = book.of(contracts._ContractShape, "contract")
    needed = book.of(contracts._RequirementShape, "requirement")["required"]
    book.define("requirement")
    book.defs["requirement"] = {**book.defs["requirement"], "required": ["id"]}
    return {
        **whole,
        "required": ["id"],
        "if": {"not": {"required": ["extends"]}},
        "then": {
            "required": whole["required"],
            "properties": {"requirements": {"items": {"required": needed}}},
        },
    }


def _unit() -> Schema:
    details = {
        key: {"type": ["string", "null"], "description": KEYS[f"unit.{key}"]}
        for key in ("via", "quality", "comment", "source")
    }
    hours = {"type": ["string", "null"]}
    value: Schema = {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, _days_of(hours)]}
    detailed: Schema = {
        "type": "object",
        "properties": {"value": {**value, "description": KEYS["unit.value"]}, **details},
        "required": ["value"],
        "additionalProperties": False,
    }
    one: Schema = {"anyOf": [*value["anyOf"], detailed]}
    periods: Schema = {
        "type": "object",
        "patternProperties": {"^[0-9]{4}": one},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {
        "type": "object",
        "properties": {
            "unit": {**SCALAR, "description": KEYS["unit.unit"]},
            "facts": {
                **_named({"anyOf": [*one["anyOf"], periods]}),
                "description": KEYS["unit.facts"],
            },
        },
        "required": ["unit", "facts"],
        "additionalProperties": False,
    }


def _days_of(hours: Mapping[str, Any]) -> Schema:
    return {
        "type": "object",
        "patternProperties": {"^[A-Za-zåäöÅÄÖ]{3,4}([–-][A-Za-zåäöÅÄÖ]{3,4})?$": dict(hours)},
        "additionalProperties": False,
        "minProperties": 1,
    }


def schemas() -> dict[str, str]:
    """Each schema's file name and text."""
    contract, portfolio = _Book(), _Book()
    return {
        "rules.json": _Book().whole("rules", _rules()),
        "contract.json": contract.whole("contract", _contract(contract)),
        "portfolio.json": portfolio.whole("portfolio", portfolio.of(portfolios._PortfolioShape, "portfolio")),
        "unit.json": _Book().whole("unit", _unit()),
    }
