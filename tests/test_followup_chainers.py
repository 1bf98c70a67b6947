"""durable_rules and the plain chainer draw the same conclusions, whatever the rules and findings."""

from __future__ import annotations

import copy
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compliance.followup import chainer, durable
from compliance.followup.language import Names, check_names, read_followup
from compliance.followup.rules import ready_rules
from compliance.followup.strata import strata
from compliance.followup.symbols import Firing, RuleSet, Symbols
from compliance.language.facts import Fact
from compliance.language.reader import Document
from compliance.library import Library, shipped
from compliance.problems import Problems
from compliance.words import Text

needs_durable = pytest.mark.usefixtures("durable_rules")

GRADES = ("pass", "partial", "fail")
IDS = ("2.1", "2.2", "2.3")
CONCLUSIONS = ("c1", "c2", "c3", "c4")


def answer(name: str) -> Fact:
    return Fact(name, Text(name, name), "level", None, "year", False, None, None, None, ())


NAMES = Names({"r1": None, "r2": None}, {"f1": answer("f1"), "f2": answer("f2")}, lambda: {"k1": None})


def rule_set(followup: dict[str, Any]) -> RuleSet:
    """Rules from what a file would hold; fails where something is wrong with them."""
    problems = Problems()
    document = Document("followup.yaml", {"followup": followup})
    read = {
        name: read_followup(name, copy.deepcopy(data), document, ("followup", name), problems)
        for name, data in followup.items()
    }
    rules = check_names({n: rule for n, rule in read.items() if rule}, True, NAMES, problems)
    layers = strata(rules, problems)
    assert not problems.found, [str(problem) for problem in problems]
    return RuleSet(layers)


def finding(requirement: str, **more: Any) -> dict[str, Any]:
    return {"requirement": requirement, "obligation": "must", "grade": "fail", "rule": "r1", **more}


def one_or_more(*words: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(words) | st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


AT_LEAST = st.sampled_from(["1", "2"]).map(lambda number: {"at_least": number})
FINDING = some(
    obligation=one_or_more("must", "target"),
    grade=one_or_more(*GRADES),
    rule=one_or_more("r1", "r2"),
    requirement=one_or_more(*IDS),
    section=one_or_more("2", "2.1", "2.2"),
    uses=one_or_more("f1", "f2"),
    before=one_or_more(*GRADES),
    direction=one_or_more("better", "worse"),
    failing_periods=AT_LEAST,
)
SAME = st.just("requirement")
PATTERN = (
    FINDING.map(lambda f: {"finding": f})
    | st.tuples(FINDING, st.sampled_from("123")).map(lambda f: {"findings": {**f[0], "at_least": f[1]}})
    | some(same=SAME, grade=one_or_more(*GRADES)).map(lambda p: {"previous": p})
    | some(same=SAME, state=one_or_more("asked", "received", "overdue"), overdue_days=AT_LEAST).map(
        lambda p: {"plan": p}
    )
    | st.tuples(st.sampled_from(["f1", "f2"]), some(**{"is": one_or_more("helt", "delvis", "inte")})).map(
        lambda f: {"fact": {"name": f[0], **f[1]}}
    )
    | st.just({"check": "k1"})
    | st.tuples(st.sampled_from(CONCLUSIONS), some(same=SAME)).map(
        lambda c: {"conclusion": {"name": c[0], **c[1]}}
    )
)
CONDITION = PATTERN | PATTERN.map(lambda p: {"none": p})
WHEN = st.recursive(
    CONDITION,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map(lambda c: {"all": c})
        | st.lists(inner, min_size=1, max_size=3).map(lambda c: {"any": c})
    ),
    max_leaves=6,
)
RULES = st.lists(st.tuples(WHEN, st.sampled_from([*CONCLUSIONS, None])), min_size=1, max_size=8).map(
    lambda rules: {
        f"rule{number}": {
            "when": when,
            "then": {"conclude": name} if name else {"action": "act", "severity": "low", "text": "Text"},
        }
        for number, (when, name) in enumerate(rules)
    }
)


def symbol(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(keys)


ONE_FINDING = symbol(
    obligation=st.sampled_from(["must", "target", "monitor"]),
    grade=st.sampled_from(GRADES),
    rule=st.sampled_from(["r1", "r2"]),
    section=st.lists(st.sampled_from(["2", "2.1", "2.10", "2.2.1"]), max_size=2).map(tuple),
    uses=st.lists(st.sampled_from(["f1", "f2"]), max_size=2).map(tuple),
    before=st.sampled_from([*GRADES, None]),
    direction=st.sampled_from(["better", "worse", "unchanged", None]),
    failing_periods=st.integers(0, 3),
)


def about(symbols: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """At most one for each requirement."""
    return st.dictionaries(st.sampled_from(IDS), symbols).map(
        lambda found: [{"requirement": id_, **content} for id_, content in found.items()]
    )


UNIT = st.fixed_dictionaries(
    {
        "finding": about(ONE_FINDING),
        "previous": about(symbol(grade=st.sampled_from(GRADES), obligation=st.just("must"))),
        "plan": about(
            symbol(state=st.sampled_from(["asked", "received", "overdue"]), overdue_days=st.integers(0, 2))
        ),
        "fact": st.dictionaries(st.sampled_from(["f1", "f2"]), st.sampled_from("012")).map(
            lambda answers: [{"name": name, "is": value} for name, value in answers.items()]
        ),
        "check": st.sampled_from([[], [{"name": "k1"}]]),
    }
).map(Symbols)


def readable(rules: dict[str, Any]) -> RuleSet:
    """The rules, unless they name each other in a circle, or conclusions that none of them draws."""
    try:
        return rule_set(rules)
    except AssertionError:
        assume(False)
        raise


@needs_durable
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules=RULES.map(readable), units=st.lists(UNIT, min_size=1, max_size=4))
def test_both_chainers_fire_the_same(rules: RuleSet, units: list[Symbols]) -> None:
    engine = durable.Chainer(rules)
    for unit in units:
        assert engine.chain(unit) == chainer.chain(rules, unit)


OF_THE_SAME = st.sampled_from(["c1", "c2", "c3"]).map(
    lambda name: {"conclusion": {"name": name, "same": "requirement"}}
)
ABOUT_ONE = st.lists(
    st.tuples(
        one_or_more(*GRADES),
        st.lists(OF_THE_SAME | OF_THE_SAME.map(lambda p: {"none": p}), max_size=2),
        st.sampled_from(["c1", "c2", "c3"]),
    ),
    min_size=2,
    max_size=5,
).map(
    lambda rules: {
        f"rule{number}": {
            "when": {"all": [{"finding": {"grade": grades}}, *others]},
            "then": {"conclude": conclusion},
        }
        for number, (grades, others, conclusion) in enumerate(rules)
    }
)
GRADED = st.tuples(*(st.sampled_from(GRADES) for _ in IDS)).map(
    lambda grades: Symbols(
        {"finding": [finding(id_, grade=grade) for id_, grade in zip(IDS, grades, strict=True)]}
    )
)


@needs_durable
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules=ABOUT_ONE.map(readable), units=st.lists(GRADED, min_size=1, max_size=4))
def test_both_chainers_keep_requirements_apart(rules: RuleSet, units: list[Symbols]) -> None:
    engine = durable.Chainer(rules)
    for unit in units:
        assert engine.chain(unit) == chainer.chain(rules, unit)


def chained(followup: dict[str, Any], unit: Symbols) -> frozenset[Firing]:
    """What fires, by whichever chainers there are."""
    rules = rule_set(followup)
    plain = chainer.chain(rules, unit)
    if durable.available():
        assert durable.Chainer(rules).chain(unit) == plain
    return plain


def test_a_pattern_and_the_same_one_with_none_never_hold_together() -> None:
    when = {"all": [{"findings": {"at_least": "1"}}, {"none": {"finding": {}}}]}
    rules = {"one": {"when": when, "then": {"conclude": "c1"}}}
    assert chained(rules, Symbols({"finding": [finding("2.1")]})) == frozenset()


def test_a_conclusion_about_one_requirement_is_not_about_another() -> None:
    rules = {
        "first": {"when": {"finding": {"grade": "fail"}}, "then": {"conclude": "c1"}},
        "second": {
            "when": {
                "all": [
                    {"finding": {"grade": ["pass", "partial", "fail"]}},
                    {"none": {"conclusion": {"name": "c1", "same": "requirement"}}},
                ]
            },
            "then": {"conclude": "c2"},
        },
    }
    unit = Symbols({"finding": [finding("2.1"), finding("2.2", grade="partial")]})
    assert chained(rules, unit) == {Firing("first", 0, "2.1"), Firing("second", 0, "2.2")}


def test_more_rules_than_durable_rules_holds_side_by_side() -> None:
    rules = {
        f"rule{number}": {
            "when": {"finding": {"requirement": f"2.{number}", "grade": ["fail", "partial"]}},
            "then": {"conclude": "c1"},
        }
        for number in range(700)
    }
    fired = chained(rules, Symbols({"finding": [finding("2.699"), finding("2.3")]}))
    assert fired == {Firing("rule699", 0, "2.699"), Firing("rule3", 0, "2.3")}


@needs_durable
def test_there_is_one_host_and_no_thread_of_its_own() -> None:
    before = threading.active_count()
    for name in ("c1", "c2"):
        durable.Chainer(rule_set({"one": {"when": {"finding": {}}, "then": {"conclude": name}}}))
    assert len(durable._hosts) == 1
    assert threading.active_count() == before


@needs_durable
def test_what_one_unit_left_behind_is_gone_even_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from durable_rules_engine import error

    engine = durable.Chainer(rule_set({"one": {"when": {"finding": {}}, "then": {"conclude": "c1"}}}))
    host = durable._host()
    told: list[dict[str, str]] = []
    kept: list[str] = []
    tell, forget = host.assert_fact, host.delete_state

    def failing(name: str, fact: dict[str, str]) -> Any:
        told.append(fact)
        kept.append(fact["sid"])
        if len(told) == 2:
            raise error("no")
        return tell(name, fact)

    def forgetting(name: str, sid: str) -> None:
        forget(name, sid)
        kept[:] = [one for one in kept if one != sid]

    monkeypatch.setattr(host, "assert_fact", failing)
    monkeypatch.setattr(host, "delete_state", forgetting)
    with pytest.raises(durable.ChainError):
        engine.chain(Symbols({"finding": [finding("2.1"), finding("2.2")]}))
    assert len(told) == 2
    assert kept == []


@needs_durable
def test_an_exception_of_the_library_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = durable.Chainer(rule_set({"one": {"when": {"finding": {}}, "then": {"conclude": "c1"}}}))

    class Broken(list[Firing]):
        def append(self, _: Firing) -> None:
            raise RuntimeError("broken")

    engine._fired = Broken()
    with pytest.raises(durable.ChainError, match="broken"):
        engine.chain(Symbols({"finding": [finding("2.1")]}))


def resident() -> int:
    """The process's memory in KiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def memory_of_many_units() -> list[int]:
    """KiB after every hundred of 1,200 units with 60 findings each."""
    problems = Problems()
    rules = ready_rules(Library(((shipped(), ""),), problems), problems)
    engine = durable.Chainer(rules)
    grades = ("pass", "partial", "fail", "unknown", "info", "pass")
    used: list[int] = []
    for number in range(1200):
        findings = [
            finding(
                f"{number % 7}.{i}",
                grade=grades[(number + i) % 6],
                rule=("continuity_physician", "gp_specialist_share", "opening_hours")[i % 3],
                failing_periods=i % 3,
            )
            for i in range(60)
        ]
        plans = [{"requirement": f"{number % 7}.{i}", "state": "asked"} for i in range(0, 60, 5)]
        assert engine.chain(Symbols({"finding": findings, "plan": plans}))
        if number % 100 == 99:
            used.append(resident())
    return used


@needs_durable
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells the memory so")
def test_memory_does_not_grow_from_unit_to_unit() -> None:
    """In a process of its own, which other tests' rule sets haven't filled."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        used = process.submit(memory_of_many_units).result()
    assert used[-1] - used[1] < 1024


def test_strata_come_in_order() -> None:
    rules = rule_set(
        {
            "last": {"when": {"none": {"conclusion": "c2"}}, "then": {"conclude": "c3"}},
            "middle": {"when": {"none": {"conclusion": "c1"}}, "then": {"conclude": "c2"}},
            "beside": {"when": {"conclusion": "c2"}, "then": {"conclude": "c4"}},
            "first": {"when": {"finding": {}}, "then": {"conclude": "c1"}},
        }
    )
    assert [[rule.name for rule in layer] for layer in rules.strata] == [
        ["first"],
        ["middle", "beside"],
        ["last"],
    ]
