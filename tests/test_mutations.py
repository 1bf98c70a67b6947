"""How well examples test rules: what they reach, and which altered rules they let pass."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from compliance.cli.main import cli
from compliance.language.examples import graded_examples
from compliance.language.program import MILLION
from compliance.library import Library
from compliance.lint.coverage import Reach
from compliance.lint.ladders import grade, ladder_of
from compliance.lint.trial import Mutation, coverage_of, mutation_of
from compliance.problems import Problems

FACTS = """
facts:
  hours: {title: Öppettider, type: opening_hours, per: year}
  some: {title: Några, type: count, per: year}
  everyone: {title: Alla, type: count, per: year}
  answer: {title: Svar, type: yes_no, per: year}
"""
HOURS = """
  opening_hours:
    title: Öppettider
    measure: {value: hours}
    parameters: {minimum: 45}
    grade: {pass: {at_least: minimum}}
    examples:
"""
FIVE_NINES = '      - {facts: {hours: "mon-fri 08:00-17:00"}, grade: pass}\n'
A_MINUTE_LESS = '      - {facts: {hours: "mon-thu 08:00-17:00; fri 08:00-16:59"}, grade: fail}\n'
FAR_LESS = '      - {facts: {hours: "mon 08:00-17:00"}, grade: fail}\n'


def library(folder: Path, rules: str, more: str = "") -> Library:
    (folder / "rules").mkdir()
    (folder / "rules" / "r.yaml").write_text(f"{FACTS}rules:{rules}{more}", "utf-8")
    books = Library.of(folder, None, Problems())
    assert books.rules
    return books


def survivors(books: Library) -> list[str]:
    mutation = mutation_of(books)
    assert list(books.problems) == []
    return [survivor.mutant for survivor in mutation.survivors]


def missed(books: Library) -> list[str]:
    return [reach.what for reach in coverage_of(books) if not reach.reached]


# Rules --------------------------------------------------------------------------------------------


def test_an_example_at_the_threshold_and_one_just_below_leave_no_survivor(tmp_path: Path) -> None:
    books = library(tmp_path, HOURS + FIVE_NINES + A_MINUTE_LESS)
    assert survivors(books) == []
    assert missed(books) == []


def test_an_example_far_below_lets_a_lower_threshold_pass(tmp_path: Path) -> None:
    books = library(tmp_path, HOURS + FIVE_NINES + FAR_LESS)
    assert survivors(books) == [
        "pass: at_least minimum → threshold − one step",
        "parameters: minimum − one step",
    ]


def test_without_an_example_that_fails_leaving_out_the_criterion_passes(tmp_path: Path) -> None:
    books = library(tmp_path, HOURS + FIVE_NINES)
    assert "pass: at_least minimum → threshold − one step" in survivors(books)
    assert "pass: at_least minimum left out" not in survivors(books)  # then there is no rung, and no pass
    assert missed(books) == ["fail", "pass: at_least minimum doesn't hold"]


def test_a_rule_without_examples_is_survived_by_everything_that_alters_it(tmp_path: Path) -> None:
    books = library(tmp_path, HOURS.replace("    examples:\n", ""))
    mutation = mutation_of(books)
    assert len(mutation.survivors) == mutation.total == 6


def test_a_mutant_that_grades_all_facts_alike_is_no_mutant(tmp_path: Path) -> None:
    # At least `yes` is `yes`, and a count of one fact is never between nought and one.
    books = library(
        tmp_path,
        """
  in_place:
    title: Finns
    measure: {value: answer}
    grade: {pass: {equals: yes}}
    examples:
      - {facts: {answer: yes}, grade: pass}
      - {facts: {answer: no}, grade: fail}
""",
    )
    mutation = mutation_of(books)
    assert mutation.survivors == ()
    assert mutation.total == 4  # at most yes, yes more and less a step, and no criterion at all


def test_any_and_all_are_told_apart_by_an_example_where_one_holds_only(tmp_path: Path) -> None:
    rule = """
  either:
    title: Endera
    measures: {share: {share: [some], of: [everyone]}, answer: {value: answer}}
    parameters: {minimum: 50}
    grade: {pass: {any: [{share: {at_least: minimum}}, {answer: {equals: yes}}]}}
    examples:
      - {facts: {some: 1, everyone: 2, answer: yes}, grade: pass}
      - {facts: {some: 0, everyone: 2, answer: no}, grade: fail}
"""
    books = library(tmp_path, rule)
    assert {"pass: any → all", "pass: answer equals yes left out"} <= set(survivors(books))
    (tmp_path / "more").mkdir()
    more = """      - {facts: {some: 1, everyone: 2, answer: no}, grade: pass}
      - {facts: {some: 0, everyone: 2, answer: yes}, grade: pass}
      - {facts: {some: 497, everyone: 1000, answer: no}, grade: fail}
"""
    assert survivors(library(tmp_path / "more", rule + more)) == []


def test_a_threshold_moves_by_the_step_in_which_it_is_written(tmp_path: Path) -> None:
    rule = """
  index:
    title: Index
    measure: {rate: [some], per: [everyone]}
    parameters: {minimum: 0.48}
    grade: {pass: {at_least: minimum}}
    examples:
      - {facts: {some: 48, everyone: 100}, grade: pass}
      - {facts: {some: 475, everyone: 1000}, grade: fail}
"""
    assert survivors(library(tmp_path, rule)) == []


# Follow-up rules ----------------------------------------------------------------------------------

FOLLOWUP = """
followup:
  several:
    when:
      all:
        - findings: {obligation: must, grade: [partial, fail], at_least: 2}
        - none: {fact: {name: answer, is: yes}}
    then: {conclude: several}
    examples:
      - {findings: [{grade: partial}, {grade: fail}], fires: yes}
      - {findings: [{grade: fail}], fires: no}
"""


def test_a_condition_of_a_follow_up_rule_that_nothing_tells_survives_when_it_is_left_out(
    tmp_path: Path,
) -> None:
    books = library(tmp_path, HOURS + FIVE_NINES + A_MINUTE_LESS, FOLLOWUP)
    assert survivors(books) == [
        "finding: obligation left out",
        "finding: grade left out",
        "none fact left out",
        "none fact: is left out",
    ]
    assert missed(books) == ["none fact doesn't hold"]


def test_a_survivor_is_accepted_with_a_reason_by_its_name_and_rule(tmp_path: Path) -> None:
    lint = """
lint:
  - {mutant: "finding: grade left out", followup: several, why: För att.}
  - {mutant: "finding: grade left out", rule: opening_hours, why: Ingen sådan.}
"""
    mutation = mutation_of(library(tmp_path, HOURS + FIVE_NINES + A_MINUTE_LESS, FOLLOWUP + lint))
    assert [survivor.mutant for survivor, _ in mutation.accepted] == ["finding: grade left out"]
    assert len(mutation.survivors) == 3
    assert [entry.about for entry in mutation.idle] == [(("rule", "opening_hours"),)]


# The shipped library ------------------------------------------------------------------------------


@cache
def shipped() -> tuple[tuple[Reach, ...], Mutation]:
    books = Library.of(None, None, Problems())
    return coverage_of(books), mutation_of(books)


def test_every_rung_criterion_and_conclusion_of_the_shipped_rules_is_reached_by_an_example() -> None:
    assert [f"{reach.place} {reach.rule}: {reach.what}" for reach in shipped()[0] if not reach.reached] == []
    assert len(shipped()[0]) >= 400


def test_no_mutant_of_the_shipped_rules_survives_without_a_reason() -> None:
    mutation = shipped()[1]
    assert [f"{one.place} {one.rule}: {one.mutant}" for one in mutation.survivors] == []
    assert mutation.idle == ()
    assert mutation.total >= 500


def test_ladders_grade_the_shipped_examples_as_the_engine_does() -> None:
    for one in graded_examples(Library.of(None, None, Problems())):
        values = [None if value is None else value * MILLION for value in one.values]
        assert one.grade == grade(ladder_of(one.clause), values, one.parameters, one.written), (
            one.example.place
        )


# The command --------------------------------------------------------------------------------------


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["rules", "test", "--lang", "en", *words])


def test_the_command_exits_with_1_where_something_survives_or_is_not_reached(tmp_path: Path) -> None:
    library(tmp_path, HOURS + FIVE_NINES)
    assert run("--library", str(tmp_path)).exit_code == 0
    told = run("--library", str(tmp_path), "--coverage")
    assert told.exit_code == 1
    assert "opening_hours: no example reaches: fail  rules/r.yaml:8:3" in told.stdout
    told = run("--library", str(tmp_path), "--mutate")
    assert told.exit_code == 1
    assert "survives: parameters: minimum − one step" in told.stdout


@pytest.mark.parametrize("names", [[], ["opening_hours", "warning"]])
def test_the_command_exits_with_0_for_the_shipped_library(names: list[str]) -> None:
    result = run("--coverage", "--mutate", "--format", "json", *names)
    data = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert data["coverage"]["missed"] == data["mutation"]["survivors"] == data["mutation"]["idle"] == []
    assert data["coverage"]["reached"] == data["coverage"]["all"]
    assert len(data["mutation"]["accepted"]) == 3
