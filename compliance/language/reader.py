"""YAML text to plain data in which every scalar is still text, beside the place of every key and value.

Built from the parser's events, not with its composer: nesting, size and the expansion of anchors are
bounded, so that no file can exhaust the machine, and a key that stands twice is an error naming both.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from compliance.problems import Place, Problems, shown

__all__ = ["Document", "Path_", "decode", "read_yaml"]

DEEPEST = 40
LARGEST = 16 * 1024 * 1024
MOST_VALUES = 500_000
NULLS = frozenset({"", "~", "null", "Null", "NULL"})

type_of_path = tuple[str | int, ...]
Path_ = type_of_path


@dataclass(slots=True)
class Document:
    """A file's data (mappings, lists, text and None) and where each part stands.

    `values` and `keys` map a path such as `("rules", "x", "measure")` to a line and column from one;
    `doubles` holds the paths of keys that stand twice.
    """

    name: str
    data: Any = None
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    doubles: set[Path_] = field(default_factory=set)

    def place(self, *path: str | int) -> Place:
        """Where the value at `path` stands; for a path that isn't there, its nearest parent."""
        return self._nearest(self.values, path)

    def key_place(self, *path: str | int) -> Place:
        """Where the key at `path` stands, or the value where it has no key."""
        spot = self.keys.get(path)
        return Place(self.name, *spot) if spot else self.place(*path)

    def _nearest(self, spots: dict[Path_, tuple[int, int]], path: Path_) -> Place:
        while path and path not in spots:
            path = path[:-1]
        return Place(self.name, *spots.get(path, (0, 0)))


def decode(raw: bytes, name: str, problems: Problems) -> str | None:
    """UTF-8 text of a file, without a byte order mark; None and a problem where it is not UTF-8.

    Letters are composed (å is one character, not a and a ring), so that names agree between files.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add(
            Place(name, 1, 1),
            "The file is encoded as UTF-16, not as UTF-8. Save it again with the encoding UTF-8.",
        )
        return None
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        problems.add(
            Place(name, line, column),
            f"Byte 0x{raw[error.start]:02x} is not UTF-8 (perhaps the file was saved as "
            "Windows-1252 or Latin-1). Save it again with the encoding UTF-8.",
        )
        return None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def read_yaml(file: Path, name: str, problems: Problems) -> Document | None:
    """The document in `file`, or None where it can't be read; what is wrong is added to `problems`."""
    try:
        if file.stat().st_size > LARGEST:
            problems.add(Place(name), "The file is larger than 16 MiB. Split it into smaller files.")
            return None
        raw = file.read_bytes()
    except FileNotFoundError:
        problems.add(Place(name), "The file doesn't exist. Check the name, or create it.")
        return None
    except IsADirectoryError:
        problems.add(Place(name), "This is a folder, not a file. Name a file in it.")
        return None
    except OSError as error:
        problems.add(Place(name), f"The file can't be opened ({error.strerror}). Check its permissions.")
        return None
    text = decode(raw, name, problems)
    if text is None:
        return None
    try:
        return _Builder(name, problems).build(text)
    except _TooMuchError as refusal:
        problems.add(Place(name, refusal.line + 1, refusal.column + 1), refusal.message)
    except MarkedYAMLError as error:
        problems.add(*_plainly(name, text, error))
    except YAMLError as error:
        problems.add(*_unreadable(name, text, error))
    return None


def _plainly(name: str, text: str, error: MarkedYAMLError) -> tuple[Place, str]:
    """A parser's words for what is wrong in the words of someone who fills in a file."""
    context, problem = str(error.context or ""), str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    begins = error.context_mark or mark
    if mark is None:
        return Place(name), f"This isn't valid YAML: {shown(problem)}. Check the file in an editor."
    line = next(islice(text.split("\n"), mark.line, None), "")
    char = line[mark.column : mark.column + 1]
    if "\t" in line[: len(line) - len(line.lstrip())] or char == "\t":
        message = "The line is indented with a tab. Indent with spaces."
    elif "quoted scalar" in context and "end of stream" in problem:
        mark, message = begins, "The quotation mark that opens here is never closed. Close it."
    elif "escape" in problem:
        message = (
            "In double quotes a backslash begins a special character, and this is none. Write two "
            "of them, or use single quotes."
        )
    elif "node content" in problem:
        message = "A value is missing before this place, or a comma or bracket is one too many."
    elif "flow sequence" in context or "flow mapping" in context:
        bracket = "]" if "sequence" in context else "}"
        message = (
            f"Before this place a comma is missing, or the {bracket} that closes the bracket of "
            f"line {begins.line + 1}, column {begins.column + 1}. Add it."
        )
    elif "unexpected ':'" in problem:
        message = 'Between brackets a text that holds a colon needs quotes: "08:00-17:00". Add them.'
    elif "simple key" in context:
        mark, message = begins, "A colon is missing in this line. Write `key: value`."
    elif "mapping values are not allowed" in problem:
        message = (
            "A colon can't stand here. Put a text that holds a colon in quotes, or indent the line "
            "like those beside it."
        )
    elif "cannot start" in problem or "alias" in context or "anchor" in context:
        mark = begins
        first = shown(line[mark.column : mark.column + 1])
        message = f"A text can't begin with {first} here. Put it in quotes."
    elif "block sequence entries are not allowed" in problem:
        message = "A dash with a space after it begins a list, and none can stand here. Put it in quotes."
    elif "block mapping" in context or "block collection" in context or "document start" in problem:
        message = (
            "This doesn't fit what stands before it. Indent it like the lines beside it, and check "
            "quotes and brackets."
        )
    else:
        message = (
            f"This isn't valid YAML ({_first_line(context, problem)}). Check this line and the one before."
        )
    return Place(name, mark.line + 1, mark.column + 1), message


def _first_line(*parts: str) -> str:
    return ", ".join(part for part in parts if part).split("\n")[0]


def _unreadable(name: str, text: str, error: YAMLError) -> tuple[Place, str]:
    for number, line in enumerate(text.split("\n"), 1):
        for column, char in enumerate(line, 1):
            if not char.isprintable() and char not in "\t\r\x85\xa0\u2028\u2029":
                return (
                    Place(name, number, column),
                    f"The character U+{ord(char):04X} isn't allowed in YAML. Remove it.",
                )
    return Place(name), f"This isn't valid YAML: {shown(str(error))}. Check the file in an editor."


class _TooMuchError(Exception):
    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class _Open:
    """A mapping or list whose end hasn't come yet."""

    __slots__ = ("anchor", "data", "first", "key", "key_end", "path")

    def __init__(self, data: Any, path: Path_, anchor: str | None, first: int) -> None:
        self.data, self.path, self.anchor, self.first = data, path, anchor, first
        self.key: str | None = None
        self.key_end = (0, 0)


class _Builder:
    def __init__(self, name: str, problems: Problems) -> None:
        self.document = Document(name)
        self.problems = problems
        self.stack: list[_Open] = []
        self.count = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.skip: set[Path_] = set()

    def build(self, text: str) -> Document:
        documents = 0
        for event in YAML(typ="safe").parse(text):
            if isinstance(event, ScalarEvent):
                plain = event.style is None or event.style == ""
                value = None if plain and event.value in NULLS else event.value
                self._put(value, event, 1)
            elif isinstance(event, MappingStartEvent):
                self._open({}, event)
            elif isinstance(event, SequenceStartEvent):
                self._open([], event)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                done = self.stack.pop()
                if done.anchor:
                    self.anchors[done.anchor] = (done.data, self.count - done.first)
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    raise _TooMuchError(
                        "A second document starts here ('---'). Keep one document in each file.",
                        mark.line,
                        mark.column,
                    )
        return self.document

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        found = self.anchors.get(event.anchor)
        if found is None:
            raise _TooMuchError(
                f"'*{event.anchor}' refers to an anchor that isn't complete here. Define "
                f"'&{event.anchor}' before, outside of what uses it.",
                mark.line,
                mark.column,
            )
        data, size = found
        self._put(data, event, size)

    def _open(self, data: Any, event: Any) -> None:
        mark = event.start_mark
        if len(self.stack) >= DEEPEST:
            raise _TooMuchError(
                f"Nested more than {DEEPEST} levels deep. Nothing in the language needs that: "
                "check the brackets.",
                mark.line,
                mark.column,
            )
        first = self.count
        path = self._put(data, event, 1)
        self.stack.append(_Open(data, path, event.anchor, first))

    def _put(self, value: Any, event: Any, size: int) -> Path_:
        mark = event.start_mark
        self.count += size
        if self.count > MOST_VALUES:
            raise _TooMuchError(
                f"More than {MOST_VALUES} values, counting each use of an anchor. Split the file, "
                "or use fewer anchors.",
                mark.line,
                mark.column,
            )
        spot = (mark.line + 1, mark.column + 1)
        document = self.document
        if not self.stack:
            document.data = value
            document.values[()] = spot
            return ()
        parent = self.stack[-1]
        if isinstance(parent.data, list):
            path = (*parent.path, len(parent.data))
            parent.data.append(value)
        elif parent.key is None:
            parent.key_end = (event.end_mark.line + 1, event.end_mark.column + 1)
            return self._key(parent, value, spot)
        else:
            path = (*parent.path, parent.key)
            if value is None and spot == parent.key_end and self._decimals(parent):
                return path
            if path in self.skip:
                self.skip.discard(path)
            else:
                parent.data[parent.key] = value
            parent.key = None
        document.values.setdefault(path, spot)
        if isinstance(event, ScalarEvent) and event.anchor:
            self.anchors[event.anchor] = (value, 1)
        return path

    def _decimals(self, parent: _Open) -> bool:
        """Makes one value, to be refused, of `{visits: 46,5}`, which YAML reads as 46 and a key 5."""
        last = next(reversed(parent.data), "")
        value = parent.data.get(last)
        if not (parent.key and parent.key.isdigit()):
            return False
        if not (isinstance(value, str) and value[-1:].isdigit()):
            return False
        parent.data[last] = f"{value},{parent.key}"
        parent.key = None
        return True

    def _key(self, parent: _Open, value: Any, spot: tuple[int, int]) -> Path_:
        document = self.document
        if isinstance(value, (dict, list)):
            raise _TooMuchError(
                "A key must be a single word or text, not a list or a mapping. Check the brackets.",
                spot[0] - 1,
                spot[1] - 1,
            )
        key = "" if value is None else value
        path = (*parent.path, key)
        if key == "<<":
            raise _TooMuchError(
                "Merge keys ('<<') aren't used here. Write the keys out, or use `extends` in a contract.",
                spot[0] - 1,
                spot[1] - 1,
            )
        if path in document.keys and key in parent.data:
            first = Place(document.name, *document.keys[path])
            self.problems.add(
                Place(document.name, *spot),
                f"The key {shown(key)} stands here a second time; the first is at line "
                f"{first.line}, column {first.column}. Keep one of them.",
            )
            self.skip.add(path)
            document.doubles.add(path)
        document.keys.setdefault(path, spot)
        parent.key = key
        return path
