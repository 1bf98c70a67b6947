"""What findings lead to: the shipped ladder and themes on the samples, and the language's finer points."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import compliance
from compliance.followup import durable, language
from compliance.followup.records import Action, UnitFollowUp
from compliance.followup.rules import ready_rules
from compliance.followup.run import FollowUps, follow_up
from compliance.language.shape import Shape
from compliance.language.sources import folded
from compliance.library import Library, shipped
from compliance.problems import Problems
from tests.conftest import Done
from tests.small import every_month, small

Run = Callable[..., Done]
DOCUMENTS = os.environ.get("COMPLIANCE_DOCUMENTS")
SHAPES = [
    value
    for value in vars(language).values()
    if isinstance(value, type) and issubclass(value, Shape) and value is not Shape
]


def actions(told: UnitFollowUp) -> list[tuple[str, str]]:
    """Each action with the requirement that it is about, or that it begins with."""
    return [(action.action, action.requirements[0]) for action in told.actions]


def action(told: UnitFollowUp, name: str) -> Action:
    (found,) = [one for one in told.actions if one.action == name]
    return found


def below(output: str, heading: str) -> str:
    """What stands from a heading on, in one line of single spaces."""
    return " ".join(output[output.index(f"\n{heading}\n") :].split())


# The sample -----------------------------------------------------------------------------------


def test_the_unit_without_own_specialists_is_told_the_pattern_and_the_action(
    jamtland: compliance.Audit,
) -> None:
    told = jamtland.followup["U14"]
    theme = next(c for c in told.conclusions if c.name == "locum_dependence")
    assert theme.because == ("2.3.2", "2.3.6")
    assert theme.title.sv == "Beroende av hyrläkare"
    assert theme.text.en.endswith("it is run on locums.")
    follows = action(told, "in_depth_followup")
    assert follows.because[-1] == "locum_dependence"
    assert follows.severity == "high"
    assert set(theme.requirements) < set(follows.requirements)


def test_no_other_unit_depends_on_locums(jamtland: compliance.Audit) -> None:
    themes = {u.unit: [c.name for c in u.conclusions] for u in jamtland.followup.values()}
    assert [unit for unit, names in themes.items() if "locum_dependence" in names] == ["U14"]


def test_a_plan_that_is_in_is_not_asked_for_again(jamtland: compliance.Audit) -> None:
    told = actions(jamtland.followup["U18"])
    assert ("request_action_plan", "2.3.3") not in told
    assert ("request_action_plan", "2.4.11") in told
    assert ("follow_up_action_plan", "2.3.3") in told


def test_a_plan_that_was_asked_for_is_awaited(jamtland: compliance.Audit) -> None:
    told = actions(jamtland.followup["U14"])
    assert ("request_action_plan", "2.3.2") not in told
    assert ("await_action_plan", "2.3.2") in told


def test_a_plan_is_overdue_from_the_day_after_it_was_due() -> None:
    on_the_day = compliance.audit("jamtland-2024", as_of=date(2025, 4, 30)).followup["U14"]
    the_day_after = compliance.audit("jamtland-2024", as_of=date(2025, 5, 1)).followup["U14"]
    assert ("await_action_plan", "2.3.2") in actions(on_the_day)
    assert ("remind_of_action_plan", "2.3.2") in actions(the_day_after)
    assert action(the_day_after, "remind_of_action_plan").due == date(2025, 5, 15)
    assert "15 maj 2025" in action(the_day_after, "remind_of_action_plan").text.sv


def test_a_must_that_fails_again_leads_to_a_warning_to_consider(jamtland: compliance.Audit) -> None:
    warned = {u.unit: actions(u) for u in jamtland.followup.values()}
    assert ("consider_warning", "2.5.4") in warned["U26"]
    assert not [a for a, _ in warned["U23"] if a == "consider_warning"]  # 2.5.4 failed for the first time


def test_a_grave_defect_skips_the_action_plan(jamtland: compliance.Audit) -> None:
    told = actions(jamtland.followup["U15"])
    assert told[0] == ("demand_correction", "2.2.9")
    assert ("request_action_plan", "2.2.9") not in told
    assert ("request_action_plan", "2.2.6") in told


def test_the_most_severe_action_comes_first(jamtland: compliance.Audit) -> None:
    order = ["critical", "high", "medium", "low"]
    for unit in jamtland.followup.values():
        assert [a.severity for a in unit.actions] == sorted(
            (a.severity for a in unit.actions), key=order.index
        )


def test_what_cannot_be_told_is_asked_for(jamtland: compliance.Audit) -> None:
    asked = [r for a, r in actions(jamtland.followup["U28"]) if a == "request_figures"]
    assert asked == ["2.3.5", "2.3.6", "2.4.14", "2.4.15"]


def test_a_question_is_put_once(jamtland: compliance.Audit) -> None:
    for unit in jamtland.followup.values():
        texts = [question.text for question in unit.questions]
        assert len(texts) == len(set(texts))


def test_the_plain_chainer_stands_in_where_durable_rules_cannot_be_imported(
    jamtland: compliance.Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "available", lambda: False)
    assert follow_up(jamtland) == jamtland.followup


@pytest.mark.usefixtures("durable_rules")
def test_the_plain_chainer_stands_in_where_durable_rules_fails(
    jamtland: compliance.Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise durable.ChainError("no")

    monkeypatch.setattr(durable, "_tell", failing)
    assert follow_up(jamtland) == jamtland.followup


# The shipped rules ----------------------------------------------------------------------------


def test_every_shipped_rule_has_examples_in_which_it_fires_and_in_which_it_does_not() -> None:
    problems = Problems()
    rules = ready_rules(Library(((shipped(), ""),), problems), problems).rules
    assert not problems.found
    assert len(rules) >= 10
    for rule in rules.values():
        assert {example.fires for example in rule.examples} == {True, False}, rule.name


def test_every_number_of_the_shipped_rules_is_assumed_or_has_a_source() -> None:
    problems = Problems()
    for rule in ready_rules(Library(((shipped(), ""),), problems), problems).rules.values():
        assert set(rule.assumed) == set(rule.parameters), rule.name


def test_the_quotes_of_the_shipped_rules_stand_in_their_documents() -> None:
    if DOCUMENTS is None:
        pytest.skip("COMPLIANCE_DOCUMENTS names no folder with the documents")
    quotes = [
        quote for rule in Library(((shipped(), ""),)).followup.values() if rule for quote in rule.sources
    ]
    assert len(quotes) >= 3
    for quote in quotes:
        assert quote.file is not None
        assert folded(quote.quote) in folded((Path(DOCUMENTS) / quote.file).read_text("utf-8"))


def test_the_shipped_texts_are_there_in_both_languages() -> None:
    problems = Problems()
    for rule in ready_rules(Library(((shipped(), ""),), problems), problems).rules.values():
        texts = [rule.title, rule.text, rule.question]
        assert all(text.sv != text.en for text in texts if text), rule.name


# The commands ---------------------------------------------------------------------------------


def test_check_shows_what_follows_in_swedish(run: Run) -> None:
    done = run("check", "jamtland-2024", "U14", "--lang", "sv")
    told = below(done.out, "Uppföljning")
    assert "Fördjupad uppföljning hög" in told
    assert "2.5.4 Deltar i regionens utvecklingsarbete: uppfyller inte; ”Beroende av hyrläkare”" in told
    assert "handlingsplan för 2.3.2 begärd till 30 april 2025, inte inlämnad än" in told
    assert "Teman Beroende av hyrläkare hög Patienterna träffar sällan samma läkare" in told
    assert "Frågor till dialogen · Kommer handlingsplanen att vara klar i tid?" in told


def test_check_shows_what_follows_in_english(run: Run) -> None:
    told = below(run("check", "jamtland-2024", "U18", "--lang", "en").out, "Follow-up")
    assert "Ask for an action plan high by 30 January 2025" in told
    assert (
        "The action plan has come, and needn't be asked for again. Go through it in the follow-up dialogue. "
        "– 2.3.3 Share of district nurses: partial; action plan for 2.3.3 asked for, due 31 March 2025, "
        "handed in on 20 March 2025"
    ) in told


def test_a_unit_that_meets_everything_has_no_follow_up(run: Run) -> None:
    assert "Follow-up" not in run("check", "jamtland-2024", "U16", "--lang", "en").out


def test_audit_tells_how_many_units_get_which_action_and_those_to_begin_with(run: Run) -> None:
    lines = run("audit", "jamtland-2024", "--lang", "en").out.splitlines()
    rows = [" ".join(line.split()) for line in lines]
    assert "critical Consider a warning 2 U26, U15" in rows
    assert "high Ask for an action plan 12 U14, U26, U15, U23, U12 +7" in rows
    assert "theme Dependence on locums 1 U14" in rows


def test_explain_shows_the_chain_from_finding_to_conclusion_to_action(run: Run) -> None:
    told = below(run("explain", "jamtland-2024", "U14", "2.3.6", "--lang", "en").out, "Follow-up")
    assert (
        "– “Dependence on locums” ● Dependence on locums high – 2.3.6 Continuity of physicians: fail "
        "– 2.3.2 Share of GP specialists: partial"
    ) in told
    assert "rule: locum_dependence (rules/followup.yaml:" in told
    assert told.count("● Dependence on locums") == 1


def test_explain_shows_which_condition_failed_of_a_rule_that_did_not_fire(run: Run) -> None:
    told = below(run("explain", "jamtland-2024", "U18", "2.3.3", "--lang", "sv").out, "Uppföljning")
    assert (
        "○ Begär handlingsplan: hindras: handlingsplan för 2.3.3 begärd till 31 mars 2025, inlämnad 20 mars 2025."
    ) in told
    assert "○ Överväg varning: kräver bedömningen ”uppfyller inte” (är ”uppfyller delvis”)." in told
    assert (
        "○ Fördjupad uppföljning: kräver minst 2 ska-krav med bedömningen ”uppfyller inte” (inget)." in told
    )


def test_explain_shows_what_keeps_a_rule_back(run: Run) -> None:
    told = below(run("explain", "jamtland-2024", "U15", "2.2.9", "--lang", "en").out, "Follow-up")
    assert "○ Ask for an action plan: kept back: “Demand correction at once”." in told


def test_the_json_has_actions_and_conclusions(jamtland_json: Any) -> None:
    (asked,) = [a for a in jamtland_json["followup"] if a["unit"] == "U11" and a["severity"] == "high"]
    assert asked["action"] == "request_action_plan"
    assert asked["rule"] == "action_plan"
    assert asked["because"] == asked["requirements"] == ["2.2.7"]
    assert asked["due"] == "2025-01-30"
    (theme,) = [c for c in jamtland_json["conclusions"] if c["conclusion"] == "locum_dependence"]
    assert (theme["unit"], theme["because"]) == ("U14", ["2.3.2", "2.3.6"])


def test_rules_test_runs_the_examples_of_follow_up_rules(run: Run) -> None:
    done = run("rules", "test", "action_plan", "-f", "json")
    assert done.status == 0
    outcomes = {(o["example"], o["expected"], o["grade"]) for o in done.json["examples"]}
    assert (1, "yes", "yes") in outcomes
    assert (3, "no", "no") in outcomes


def test_an_example_that_does_not_hold_is_told(run: Run, tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        """
        one:
          when: {finding: {grade: fail}}
          then: {conclude: late}
          examples:
            - {findings: [{grade: pass}], fires: yes}
        """,
    )
    done = run("rules", "test", "one", "--library", str(folder))
    assert done.status == 1
    assert "rules/followup.yaml:6:9: expected yes, got no" in done.out


# The language ---------------------------------------------------------------------------------


def portfolio(folder: Path, followup: str, *, observations: str = "", more: str = "") -> Path:
    """A portfolio of one unit that answers no to R1 (must), with these follow-up rules."""
    small(
        folder,
        "takes: [answer]\nmeasure: {value: answer}\ngrade: {pass: {equals: yes}}",
        observations or "U1,coordinator,2024,nej,,,\n",
        requirement="with: {answer: coordinator}",
        portfolio=more,
    )
    text = "followup:\n" + "\n".join("  " + line for line in dedent(followup).strip().splitlines()) + "\n"
    (folder / "rules" / "followup.yaml").write_text(text, "utf-8")
    return folder


def fired(folder: Path, **options: Any) -> set[tuple[str, str | None]]:
    """The rules that fire for U1, each with the requirement that it does for."""
    audit = compliance.audit(folder, library=folder, **options)
    assert [str(error) for error in audit.errors] == []
    return {(f.rule, f.requirement) for f in FollowUps(audit).trace("U1").firings}


CONDITIONS = {
    "{finding: {grade: fail}}": True,
    "{finding: {grade: [partial, fail], obligation: must, rule: r, requirement: R1}}": True,
    "{finding: {obligation: target}}": False,
    "{finding: {section: '1'}}": True,
    "{finding: {section: '10'}}": False,
    "{finding: {uses: coordinator}}": True,
    "{finding: {uses: visits}}": False,
    "{finding: {before: fail}}": False,
    "{finding: {failing_periods: {at_least: 1}}}": True,
    "{finding: {failing_periods: {at_least: 2}}}": False,
    "{findings: {grade: fail, at_least: 1}}": True,
    "{findings: {grade: fail, at_least: 2}}": False,
    "{none: {findings: {grade: fail, at_least: 2}}}": True,
    "{fact: coordinator}": True,
    "{fact: {name: coordinator, is: nej}}": True,
    "{fact: {name: coordinator, is: yes}}": False,
    "{fact: answer}": False,
    "{none: {fact: answer}}": True,
    "{plan: {state: asked}}": False,
    "{none: {plan: {}}}": True,
    "{none: {previous: {}}}": True,
    "{none: {check: {}}}": True,
    "{any: [{finding: {grade: pass}}, {finding: {grade: fail}}]}": True,
    "{all: [{finding: {grade: pass}}, {finding: {grade: fail}}]}": False,
    "{all: [{any: [{fact: answer}, {fact: coordinator}]}, {none: {fact: answer}}]}": True,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_holds(condition: str, tmp_path: Path) -> None:
    folder = portfolio(tmp_path, f"one:\n  when: {condition}\n  then: {{conclude: it}}")
    assert bool(fired(folder)) is CONDITIONS[condition]


@pytest.mark.parametrize(
    ("plan", "state"),
    [
        ("due: 2024-12-31", "asked"),
        ("due: 2024-12-30", "overdue"),
        ("due: 2024-06-30, received: 2024-08-01", "received"),
        ("due: 2025-06-30, received: 2025-05-01", "received"),
        ("received: 2024-08-01", "received"),
    ],
)
def test_the_state_of_a_plan_is_that_of_the_day_of_the_audit(plan: str, state: str, tmp_path: Path) -> None:
    rules = "\n".join(
        f"{name}:\n"
        f"  when: {{all: [{{finding: {{grade: fail}}}}, {{plan: {{same: requirement, state: {name}}}}}]}}\n"
        f"  then: {{conclude: {name}}}"
        for name in ("asked", "received", "overdue")
    )
    folder = portfolio(tmp_path, rules, more=f'plans: [{{unit: U1, requirement: "R1", {plan}}}]')
    assert fired(folder) == {(state, "R1")}


def test_days_since_a_plan_came_are_counted_to_the_day_of_the_audit(tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        """
        cured:
          when: {plan: {received_days: {at_least: cure_days}}}
          then: {conclude: cured}
          parameters: {cure_days: 30}
        """,
        more='plans: [{unit: U1, requirement: "R1", received: 2024-11-30}]',
    )
    assert fired(folder, as_of=date(2024, 12, 29)) == set()
    assert fired(folder, as_of=date(2024, 12, 30)) == {("cured", None)}


def test_conclusions_lead_to_conclusions_whatever_the_order_of_the_rules(tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        """
        third: {when: {conclusion: b}, then: {conclude: c}}
        second: {when: {all: [{finding: {}}, {conclusion: {name: a, same: requirement}}]}, then: {conclude: b}}
        first: {when: {finding: {grade: fail}}, then: {conclude: a}}
        not_then: {when: {none: {conclusion: c}}, then: {conclude: d}}
        otherwise: {when: {none: {conclusion: d}}, then: {conclude: e}}
        """,
    )
    assert fired(folder) == {("first", "R1"), ("second", "R1"), ("third", None), ("otherwise", None)}


def test_conclusions_may_lead_to_each_other(tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        """
        a: {when: {any: [{conclusion: b}, {findings: {grade: fail, at_least: 1}}]}, then: {conclude: a}}
        b: {when: {conclusion: a}, then: {conclude: b, text: "Text"}}
        """,
    )
    audit = compliance.audit(folder, library=folder)
    assert {f.rule for f in FollowUps(audit).trace("U1").firings} == {"a", "b"}
    assert audit.followup["U1"].conclusions[0].requirements == ("R1",)


def test_relations_between_facts_that_do_not_hold_are_a_condition(tmp_path: Path) -> None:
    followup = "odd: {when: {check: a_within_b}, then: {conclude: odd, text: Odd.}}"
    observations = "U1,coordinator,2024,nej,,,\n" + every_month("U1", "a", "3") + every_month("U1", "b", "2")
    folder = portfolio(tmp_path, followup, observations=observations)
    (folder / "rules" / "checks.yaml").write_text(
        "checks:\n  a_within_b: {title: {sv: A är högst B, en: A is at most B}, sum: [a], at_most: [b]}\n",
        "utf-8",
    )
    assert fired(folder) == {("odd", None)}
    assert compliance.audit(folder, library=folder).followup["U1"].conclusions[0].because == ("a_within_b",)


def test_texts_are_filled_in_for_each_language(tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        """
        one:
          when: {findings: {grade: fail, at_least: n}}
          parameters: {n: 1}
          then:
            action: act
            severity: low
            due_days: 31
            text: {sv: "{requirements}, minst {n}, senast {due}", en: "{requirements}, at least {n}, by {due}"}
        """,
    )
    (told,) = compliance.audit(folder, library=folder).followup["U1"].actions
    assert told.text.sv == "R1 Regeln, minst 1, senast 31 januari 2025"
    assert told.text.en == "R1 The rule, at least 1, by 31 January 2025"


def test_a_due_date_beyond_the_calendar_is_its_last_day(tmp_path: Path) -> None:
    folder = portfolio(
        tmp_path,
        "one: {when: {finding: {}}, then: {action: act, severity: low, due_days: 1200, text: Act.}}",
    )
    audit = compliance.audit(folder, library=folder, as_of=date(9999, 1, 1))
    assert audit.followup["U1"].actions[0].due == date.max


def test_a_library_without_follow_up_rules_has_no_follow_up(tmp_path: Path) -> None:
    folder = portfolio(tmp_path, "one: {when: {finding: {}}, then: {conclude: it}}")
    (folder / "rules" / "followup.yaml").unlink()
    assert compliance.audit(folder, library=folder).followup["U1"] == UnitFollowUp("U1", (), (), ())


def test_a_portfolio_may_add_rules_to_the_librarys(tmp_path: Path) -> None:
    library = portfolio(tmp_path / "library", "one: {when: {finding: {}}, then: {conclude: it, text: It.}}")
    folder = portfolio(
        tmp_path / "ours", "two: {when: {conclusion: it}, then: {conclude: more, text: More.}}"
    )
    for file in ("rules/facts.yaml", "rules/r.yaml", "contracts/c.yaml"):
        (folder / file).unlink()
    audit = compliance.audit(folder, library=library)
    assert [str(error) for error in audit.errors] == []
    assert [c.name for c in audit.followup["U1"].conclusions] == ["it", "more"]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_key_of_follow_up_rules_is_documented(shape: type[Shape]) -> None:
    text = (Path(__file__).parent.parent / "docs" / "followup.md").read_text("utf-8")
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text))
    missing = [key for key in shape.known_keys() if not re.search(rf"(?<![\w-]){key}(?![\w-])", quoted)]
    assert missing == []


def test_the_json_of_an_audit_is_the_same_twice(run: Run) -> None:
    first = run("check", "jamtland-2024", "U15", "-f", "json").json
    assert json.dumps(first) == json.dumps(run("check", "jamtland-2024", "U15", "-f", "json").json)
