"""What differs between two contracts, and which of the two is stricter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import compliance
from compliance.amendments import Amendment, Difference, Renewal, contract_difference, counts
from tests.conftest import ROOT, Done
from tests.small import FACTS

Run = Callable[..., Done]
RULE = """
r:
  title: {sv: Besöken, en: The visits}
  measure: {value: visits, over: total}
  parameters: {minimum: 45, partial_from: 40}
  grade: {pass: {at_least: minimum}, partial: {at_least: partial_from}}
  question: {sv: "Varför?", en: "Why?"}
"""
REQUIREMENT: dict[str, str] = {
    "id": "R1",
    "rule": "r",
    "obligation": "target",
    "source": "{document: d, section: '1', quote: ett krav}",
}


def rule(**keys: str) -> str:
    """The rule `r`, with some of its lines written otherwise."""
    text = RULE
    for key, value in keys.items():
        line = re.search(rf"^  {key}: .*$", text, re.MULTILINE)
        text = text.replace(line[0], f"  {key}: {value}") if line else text + f"  {key}: {value}\n"
    return text


def contract(folder: Path, id_: str, requirements: Sequence[dict[str, str]], rules: str, period: str) -> Path:
    for part in ("rules", "contracts"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "facts.yaml").write_text(FACTS, "utf-8")
    indented = "\n".join(f"  {line}" for line in rules.strip().splitlines())
    (folder / "rules" / "r.yaml").write_text(f"rules:\n{indented}\n", "utf-8")
    lines = [f"  - {{{', '.join(f'{key}: {value}' for key, value in one.items())}}}" for one in requirements]
    file = folder / "contracts" / f"{id_}.yaml"
    file.write_text(
        f"id: {id_}\ntitle: {{sv: Avtalet {id_}, en: Contract {id_}}}\nperiod: {period}\n"
        "documents: {d: {title: Dokumentet}}\nrequirements:\n" + "\n".join(lines) + "\n",
        "utf-8",
    )
    return file


def renewed(
    folder: Path,
    old: dict[str, str] | Sequence[dict[str, str]],
    new: dict[str, str] | Sequence[dict[str, str]],
    *rules: str,
) -> Renewal:
    """Contracts of 2023 and 2024, whose one requirement has these keys; `rules`: of both, or of each."""
    sides = [[REQUIREMENT | side] if isinstance(side, dict) else side for side in (old, new)]
    files = [
        contract(folder / name, name, side, rules[-1 if at else 0] if rules else RULE, str(2023 + at))
        for at, (name, side) in enumerate(zip(("old", "new"), sides, strict=True))
    ]
    result = contract_difference(*files)
    assert () == result.errors
    return result


def only(renewal: Renewal) -> Amendment:
    (one,) = renewal.amendments
    return one


def seen(renewal: Renewal) -> list[tuple[str, str]]:
    return [(one.kind, one.aspect) for one in only(renewal).differences]


def one_difference(renewal: Renewal) -> Difference:
    (one,) = only(renewal).differences
    return one


# Levels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("{at_least: 45}", "{at_least: 50}", "tightened"),
        ("{at_least: 50}", "{at_least: 45}", "eased"),
        ("{at_most: 10}", "{at_most: 5}", "tightened"),
        ("{at_most: 5}", "{at_most: 10}", "eased"),
        ("{at_least: 45}", "{above: 45}", "tightened"),
        ("{above: 45}", "{at_least: 45}", "eased"),
        ("{below: 45}", "{at_most: 45}", "eased"),
        ("{at_least: 45}", "{above: 44}", "eased"),
        ("{above: 44}", "{at_least: 45}", "tightened"),
        ("{at_least: 45}", "{at_most: 45}", "changed"),
        ("{at_least: 45}", "{equals: 45}", "tightened"),
        ("{equals: 45}", "{equals: 46}", "changed"),
        ("{at_least: 45}", "{at_least: 45, at_most: 90}", "tightened"),
        ("{at_least: 45, at_most: 90}", "{at_least: 40, at_most: 95}", "eased"),
        ("{at_least: 45, at_most: 90}", "{at_least: 40, at_most: 80}", "changed"),
        ("{at_least: 45}", "{any: [{at_least: 45}, {at_most: 10}]}", "eased"),
        ("{any: [{at_least: 45}, {at_most: 10}]}", "{any: [{at_least: 45}, {at_most: 5}]}", "tightened"),
        ("{known: yes}", "{at_least: 1}", "tightened"),
        ("{known: yes}", "{known: no}", "changed"),
    ],
)
def test_which_level_is_stricter_follows_from_the_comparisons(
    old: str, new: str, kind: str, tmp_path: Path
) -> None:
    ladders = [rule(grade=f"{{pass: {level}}}", parameters="{}") for level in (old, new)]
    assert (kind, "pass") in seen(renewed(tmp_path, {}, {}, *ladders))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{minimum: 45}", "{minimum: 50}", [("tightened", "pass")]),
        ("{minimum: 45}", "{minimum: 42}", [("eased", "pass")]),
        ("{partial_from: 40}", "{partial_from: 43}", [("tightened", "partial")]),
        ("{partial_from: 40}", "{partial_from: 30}", [("eased", "partial")]),
        ("{partial_from: 40}", "{partial_from: null}", [("tightened", "partial")]),
        ("{minimum: 45}", "{minimum: 50, partial_from: 30}", [("tightened", "pass"), ("eased", "partial")]),
        ("{minimum: null, partial_from: null}", "{partial_from: null}", [("tightened", "pass")]),
        ("{partial_from: null}", "{minimum: null, partial_from: null}", [("eased", "pass")]),
        ("{minimum: 45}", "{minimum: 45.0}", []),
    ],
)
def test_a_threshold_in_the_contract_is_tightened_or_eased(
    old: str, new: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert expected == seen(renewed(tmp_path, {"parameters": old}, {"parameters": new}))


def test_both_levels_are_told_in_words_in_both_languages(tmp_path: Path) -> None:
    one = one_difference(renewed(tmp_path, {}, {"parameters": "{minimum: 50}"}))
    words = [
        text.replace("\N{NO-BREAK SPACE}", " ")
        for side in (one.before, one.after)
        for text in (side.sv, side.en)
    ]
    assert ["minst 45 besök", "at least 45 visits", "minst 50 besök", "at least 50 visits"] == words


def test_the_best_answer_is_as_strict_as_at_least_that(tmp_path: Path) -> None:
    ladders = [
        rule(measure="{value: answer}", parameters="{}", grade=f"{{pass: {level}}}")
        for level in ("{at_least: partly}", "{equals: fully}")
    ]
    assert ("tightened", "pass") in seen(renewed(tmp_path, {}, {}, *ladders))


def test_dates_of_another_year_are_compared_as_if_they_were_of_the_same(tmp_path: Path) -> None:
    dated = rule(measure="{value: report}", parameters="{maximum: null}", grade="{pass: {at_most: maximum}}")
    old, same, later = (f"{{maximum: {day}}}" for day in ("2023-03-31", "2024-03-31", "2024-04-30"))
    assert [] == seen(renewed(tmp_path / "same", {"parameters": old}, {"parameters": same}, dated))
    assert [("eased", "pass")] == seen(
        renewed(tmp_path / "later", {"parameters": old}, {"parameters": later}, dated)
    )


def test_a_level_of_some_units_is_told_with_whom_it_is_about(tmp_path: Path) -> None:
    vary = "[{{for: {{operator: [private]}}, parameters: {{minimum: {}}}}}]"
    one = one_difference(renewed(tmp_path, {"vary": vary.format(30)}, {"vary": vary.format(35)}))
    assert one.about is not None
    assert ("tightened", "pass", "privata", "private") == (one.kind, one.aspect, one.about.sv, one.about.en)


def test_those_whose_own_level_stays_are_named_where_that_of_the_others_is_raised(tmp_path: Path) -> None:
    vary = "[{for: {operator: [private]}, parameters: {minimum: 45}}]"
    one = one_difference(renewed(tmp_path, {}, {"parameters": "{minimum: 50}", "vary": vary}))
    assert one.about is not None
    assert ("tightened", "pass", "utom privata", "but for private") == (
        one.kind,
        one.aspect,
        one.about.sv,
        one.about.en,
    )


def test_a_condition_that_is_new_changes_neither_level_nor_measure(tmp_path: Path) -> None:
    applies = "{measure: {value: a, over: last}, at_least: 10}"
    assert [("eased", "applies")] == seen(renewed(tmp_path, {}, {"applies": applies}))


def test_a_requirement_with_errors_is_neither_dropped_nor_new(tmp_path: Path) -> None:
    rules = RULE + RULE.replace("r:", "s:", 1)
    both = [REQUIREMENT, REQUIREMENT | {"id": "R2", "rule": "s"}]
    faulty = [REQUIREMENT, REQUIREMENT | {"id": "R2", "rule": "none"}]
    for name, sides in (("gone", (both, faulty)), ("come", (faulty, both))):
        files = [
            contract(tmp_path / name / which, which, side, rules, "2024")
            for which, side in zip(("old", "new"), sides, strict=True)
        ]
        renewal = contract_difference(*files)
        assert ["R1"] == [one.clause.id for one in renewal.amendments]
        assert 1 == len(renewal.errors)


def test_an_easing_for_some_that_is_new_is_an_easing(tmp_path: Path) -> None:
    vary = "[{for: {operator: [private]}, parameters: {minimum: 30}}]"
    assert [("eased", "pass")] == seen(renewed(tmp_path, {}, {"vary": vary}))


def test_a_requirement_that_applies_to_fewer_is_eased(tmp_path: Path) -> None:
    applies = "{{measure: {{value: a, over: last}}, at_least: {}}}"
    renewal = renewed(tmp_path / "a", {"applies": applies.format(10)}, {"applies": applies.format(20)})
    assert [("eased", "applies")] == seen(renewal)
    assert [("tightened", "applies")] == [
        pair
        for pair in seen(renewed(tmp_path / "b", {"applies": applies.format(10)}, {}))
        if pair[1] == "applies"
    ]


# Other terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"obligation": "target"}, {"obligation": "must"}, ("tightened", "obligation")),
        ({"obligation": "target"}, {"obligation": "monitor"}, ("eased", "obligation")),
        ({}, {"via_agreement": "no"}, ("tightened", "agreements")),
        ({"via_agreement": "no"}, {}, ("eased", "agreements")),
        ({}, {"for": "{kind: [unit]}"}, ("eased", "scope")),
        ({"for": "{kind: [unit]}"}, {"for": "{kind: [unit, branch]}"}, ("tightened", "scope")),
        ({"for": "{kind: [unit]}"}, {"for": "{kind: [unit], operator: [private]}"}, ("eased", "scope")),
        ({"for": "{kind: [unit]}"}, {"for": "{kind: [branch]}"}, ("changed", "scope")),
        ({}, {"references": "{nation: 87}"}, ("changed", "references")),
        ({}, {"bands": "[{below: 40}, {at_least: 40}]"}, ("changed", "bands")),
        ({}, {"assumed": "[minimum]"}, ("changed", "assumed")),
        ({}, {"points": "{max: 10, from: partial_from, to: minimum}"}, ("changed", "points")),
        (
            {"period": "{from: 2023-01, to: 2023-06}"},
            {"period": "{from: 2024-07, to: 2024-12}"},
            ("changed", "period"),
        ),
        ({}, {"title": "{sv: Alla besök, en: All visits}"}, ("reworded", "title")),
        ({}, {"source": "{document: d, section: '1', quote: ett annat krav}"}, ("reworded", "quote")),
        ({}, {"source": "{document: d, section: '2', quote: ett krav}"}, ("moved", "section")),
        ({}, {"id": "R7"}, ("renumbered", "id")),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_each_term_has_its_own_sense(
    old: dict[str, str], new: dict[str, str], expected: tuple[str, str], tmp_path: Path
) -> None:
    renewal = renewed(tmp_path, old, new)
    assert [expected] == seen(renewal)
    difference = one_difference(renewal)
    assert all(text.sv and text.en for text in (difference.before, difference.after))
    assert difference.before != difference.after


def test_months_of_the_same_part_of_the_year_are_the_same(tmp_path: Path) -> None:
    first, then = ("{from: 2023-01, to: 2023-06}", "{from: 2024-01, to: 2024-06}")
    assert [] == seen(renewed(tmp_path, {"period": first}, {"period": then}))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{value: a}", "{value: a, coverage: 9}", ("eased", "coverage")),
        ("{value: a, coverage: 6}", "{value: a, coverage: 9}", ("tightened", "coverage")),
        ("{value: a}", "{value: a, window: 6}", ("changed", "window")),
        ("{value: a}", "{value: b}", ("changed", "measure")),
        ("{value: a}", "{value: a, over: last}", ("changed", "measure")),
        ("{share: [a], of: [b]}", "{share: [a], of: [b, {visits: 2}]}", ("changed", "measure")),
        ("{months: a, at_least: 3}", "{months: a, at_least: 4}", ("tightened", "months")),
        ("{months: a, at_most: 3}", "{months: a, at_most: 4}", ("eased", "months")),
    ],
)
def test_a_rule_that_measures_otherwise_is_told(
    old: str, new: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    """The contract is the same; the library isn't, and that is said too."""
    found = seen(renewed(tmp_path, {}, {}, *(rule(measure=measure) for measure in (old, new))))
    assert {expected, ("changed", "rule")} <= set(found)


def test_a_threshold_that_only_the_library_changed_is_told_as_its_own(tmp_path: Path) -> None:
    renewal = renewed(tmp_path, {}, {}, RULE, rule(parameters="{minimum: 50, partial_from: 40}"))
    assert [("tightened", "pass"), ("changed", "rule")] == seen(renewal)
    changed = only(renewal).differences[-1]
    assert ("r", "r med andra parametrar", "r with other parameters") == (
        changed.before.sv,
        changed.after.sv,
        changed.after.en,
    )


def test_another_question_or_title_in_the_library_is_a_rewording(tmp_path: Path) -> None:
    other = rule(question='{sv: "Hur då?", en: "How?"}', title="{sv: Alla besök, en: All visits}")
    assert [("reworded", "question"), ("reworded", "title")] == seen(renewed(tmp_path, {}, {}, RULE, other))


def test_other_measures_make_levels_neither_stricter_nor_easier(tmp_path: Path) -> None:
    other = rule(measure="{value: b}", parameters="{minimum: 60, partial_from: 40}")
    assert ("changed", "pass") in seen(renewed(tmp_path, {}, {}, RULE, other))


# Whole requirements -------------------------------------------------------------------------------


def test_requirements_are_added_dropped_and_matched_as_compare_does(tmp_path: Path) -> None:
    rules = RULE + RULE.replace("r:", "s:", 1) + RULE.replace("r:", "t:", 1)
    old = [REQUIREMENT, REQUIREMENT | {"id": "R2", "rule": "s"}]
    new = [REQUIREMENT | {"id": "R5"}, REQUIREMENT | {"id": "R3", "rule": "t"}]
    renewal = renewed(tmp_path, old, new, rules)
    assert [("R5", ("renumbered",)), ("R3", ("added",)), ("R2", ("dropped",))] == [
        (one.clause.id, one.kinds) for one in renewal.amendments
    ]
    number = counts(renewal.amendments)
    assert (1, 1, 1, 0) == tuple(number[kind] for kind in ("added", "dropped", "renumbered", "tightened"))


def test_an_unchanged_contract_has_no_differences(tmp_path: Path) -> None:
    renewal = renewed(tmp_path, {}, {})
    assert [()] == [one.kinds for one in renewal.amendments]
    assert 1 == len(renewal.unchanged)


@pytest.mark.parametrize("name", ["jamtland-halsoval", "halland-narsjukvard", "god-och-nara-vard"])
def test_the_shipped_contracts_tightened_and_eased_nothing_but_what_their_files_say(name: str) -> None:
    """The contracts of 2023 extend those of 2024: what they drop or assume is all that differs."""
    renewal = contract_difference(f"{name}-2023", f"{name}-2024")
    assert () == renewal.errors
    assert (0, 0) == (len(renewal.of("tightened")), len(renewal.of("eased")))
    aspects = {d.aspect for one in renewal.amendments for d in one.differences}
    assert aspects <= {"assumed", "references", "title"}
    added = [one.clause.id for one in renewal.of("added")]
    assert (["same_day_contact"] if name.startswith("halland") else []) == added


def test_an_edited_copy_of_a_shipped_contract_beside_the_original(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "halland-narsjukvard-2025.yaml"
    file.write_text(
        "id: halland-narsjukvard-2025\nextends: halland-narsjukvard-2024\nperiod: 2025\ndrop: [care_choices]\n"
        "requirements:\n  - {id: opening_hours, parameters: {minimum: 50, partial_from: 35}}\n"
        "  - {id: same_day_contact, obligation: target, parameters: {minimum: 90}, "
        "period: {from: 2025-07, to: 2025-12}}\n",
        "utf-8",
    )
    done = run("contract", "diff", "halland-narsjukvard-2024", str(file), "--lang", "sv")
    assert (0, "") == (done.status, done.err)
    text = re.sub(r"\s+", " ", done.out)
    assert "Krav: 25 (tidigare 26). Borttagna 1, skärpta 2, lättade 1, oförändrade 23." in text
    assert "Skärpt, uppfyller: minst 50 timmar i veckan (förut minst 45 timmar i veckan)" in text
    assert "Lättat, uppfyller delvis: minst 35 timmar i veckan (förut minst 40 timmar i veckan)" in text
    assert "Skärpt, uppfyller: minst 90 % (förut ingen nivå)" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Skärpt, slag: mål (förut redovisas)" in text
    english = re.sub(
        r"\s+", " ", run("contract", "diff", "halland-narsjukvard-2024", str(file), "--lang", "en").out
    )
    assert "Requirements: 25 (earlier 26). Dropped 1, tightened 2, eased 1, unchanged 23." in english


def test_two_versions_of_one_file_are_told_apart_by_their_files(run: Run, tmp_path: Path) -> None:
    for part in ("rules", "contracts"):
        shutil.copytree(ROOT / part, tmp_path / part)
    file = tmp_path / "contracts" / "jamtland-halsoval-2024.yaml"
    file.write_text(file.read_text("utf-8").replace("minimum: 45, partial", "minimum: 50, partial"), "utf-8")
    rules = tmp_path / "rules" / "staffing.yaml"
    rules.write_text(
        rules.read_text("utf-8").replace(
            "{above: minimum}}\n      partial:", "{at_least: minimum}}\n      partial:", 1
        ),
        "utf-8",
    )
    text = run("contract", "diff", "jamtland-halsoval-2024", str(file)).out
    assert "(contracts/jamtland-halsoval-2024.yaml)" in re.sub(r"\s+", "", text)
    assert f"({file})" in re.sub(r"\s+", "", text)
    data: Any = run("contract", "diff", "jamtland-halsoval-2024", str(file), "-f", "json").json
    found = {
        one["requirement"]: [(d["kind"], d["aspect"]) for d in one["differences"]]
        for one in data["requirements"]
    }
    assert {"2.2.7": [("tightened", "pass")], "2.3.2": [("eased", "pass"), ("changed", "rule")]} == {
        id_: some for id_, some in found.items() if some
    }
    assert {"tightened": 1, "eased": 1, "changed": 1, "unchanged": 42} == {
        kind: n for kind, n in data["counts"].items() if n
    }


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("jamtland-halsoval-2023", "jamtland-halsoval-2023", "Both contracts are the same."),
        (
            "jamtland-halsoval-2023",
            str(ROOT / "tests" / ".." / "contracts" / "jamtland-halsoval-2023.yaml"),
            "Both contracts are the same.",
        ),
        (
            "halland-narsjukvard-2024",
            "god-och-nara-vard-2024",
            "The contract god-och-nara-vard-2024 has no requirement in common with halland-narsjukvard-2024",
        ),
        ("jamtland-halsoval-2022", "jamtland-halsoval-2024", "There is no contract 'jamtland-halsoval-2022'"),
        (
            "jamtland-halsoval-2023",
            "x.yaml",
            "x.yaml: There is no such file. Name a contract's file, or its id.",
        ),
        ("jamtland-halsoval-2023", "x" * 5000, "There is no contract"),
    ],
)
def test_a_contract_that_is_not_there_is_refused(run: Run, old: str, new: str, message: str) -> None:
    done = run("contract", "diff", old, new)
    assert (2, "") == (done.status, done.out)
    assert message in done.err


@pytest.mark.parametrize(
    "case", ["contract-empty", "contract-id-is-not-the-files-name", "contract-unknown-key"]
)
def test_a_file_with_errors_is_reported_where_they_are(run: Run, case: str, tmp_path: Path) -> None:
    base = tmp_path / case
    shutil.copytree(ROOT / "tests" / "bad" / "_base", base)
    shutil.copytree(ROOT / "tests" / "bad" / case, base, dirs_exist_ok=True)
    expected = (base / "message.txt").read_text("utf-8").splitlines()
    shutil.copytree(ROOT / "tests" / "bad" / "_base", tmp_path / "good")
    done = run(
        "contract",
        "diff",
        str(tmp_path / "good" / "contracts" / "c.yaml"),
        str(base / "contracts" / "c.yaml"),
    )
    assert 2 == done.status
    assert [f"{base}/{line}" for line in expected] == done.err.splitlines()
    # `impact` reads it in the same way.
    portfolio = str(tmp_path / "good")
    done = run("impact", portfolio, "--library", portfolio, "--contract", str(base / "contracts" / "c.yaml"))
    assert 2 == done.status
    assert {f"{base}/{line}" for line in expected} <= set(done.err.splitlines())


def test_a_contract_in_a_folder_that_adds_rules_is_read_with_them(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "contracts").mkdir()
    (tmp_path / "rules" / "more.yaml").write_text(
        "rules:\n  more_hours:\n    title: Fler timmar\n    measure: {value: opening_hours}\n"
        "    parameters: {minimum: 60}\n    grade: {pass: {at_least: minimum}}\n",
        "utf-8",
    )
    file = tmp_path / "contracts" / "later.yaml"
    file.write_text(
        "id: later\nextends: halland-narsjukvard-2024\nrequirements:\n"
        "  - {id: opening_hours, rule: more_hours, parameters: null}\n".replace(", parameters: null", ""),
        "utf-8",
    )
    with pytest.raises(compliance.InputError) as error:
        contract_difference("halland-narsjukvard-2024", tmp_path / "contracts" / "none.yaml")
    assert "There is no such file" in str(error.value)
    renewal = contract_difference("halland-narsjukvard-2024", file)
    # `partial_from` of the contract that it extends is no parameter of this rule, and is reported.
    assert ["contracts/halland-narsjukvard-2024.yaml"] == sorted({p.place.file for p in renewal.errors})
