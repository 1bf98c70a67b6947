"""What differs between two contracts: in the terminal and as JSON."""

from __future__ import annotations

import json
from typing import Any

from rich.text import Text as Styled

from compliance.amendments import KINDS, Amendment, Difference, Renewal, counts
from compliance.comparison import in_words
from compliance.language.program import Clause
from compliance.report.labels import OBLIGATIONS
from compliance.report.terminal import Screen, clean, heading
from compliance.words import Text, capital

__all__ = ["amendments_json", "show_amendments", "show_difference"]

GROUPS = {
    ("added",): Text("Nya krav", "Added"),
    ("dropped",): Text("Borttagna krav", "Dropped"),
    ("tightened",): Text("Skärpta", "Tightened"),
    ("eased",): Text("Lättade", "Eased"),
    ("tightened", "eased"): Text("Både skärpta och lättade", "Both tightened and eased"),
    ("changed",): Text("Ändrade på annat sätt", "Changed in another way"),
    ("reworded", "moved", "renumbered"): Text(
        "Bara omformulerade, flyttade eller omnumrerade", "Only reworded, moved or renumbered"
    ),
}
KIND_WORDS = {
    "tightened": Text("skärpt", "tightened"),
    "eased": Text("lättat", "eased"),
    "changed": Text("ändrat", "changed"),
    "reworded": Text("omformulerat", "reworded"),
    "moved": Text("flyttat", "moved"),
    "renumbered": Text("omnumrerat", "renumbered"),
}
COUNTED = {
    "added": Text("nya {n}", "added {n}"),
    "dropped": Text("borttagna {n}", "dropped {n}"),
    "tightened": Text("skärpta {n}", "tightened {n}"),
    "eased": Text("lättade {n}", "eased {n}"),
    "changed": Text("ändrade på annat sätt {n}", "changed in another way {n}"),
    "reworded": Text("omformulerade {n}", "reworded {n}"),
    "moved": Text("flyttade {n}", "moved {n}"),
    "renumbered": Text("omnumrerade {n}", "renumbered {n}"),
}
ASPECTS = {
    "pass": Text("uppfyller", "pass"),
    "partial": Text("uppfyller delvis", "partial"),
    "applies": Text("gäller när", "applies when"),
    "months": Text("i varje månad", "in each month"),
    "obligation": Text("slag", "kind"),
    "scope": Text("gäller", "concerns"),
    "agreements": Text("genom annan utförare", "through another provider"),
    "coverage": Text("underlag", "figures needed"),
    "window": Text("mäts över", "measured over"),
    "period": Text("månader", "months"),
    "measure": Text("mått", "measure"),
    "rule": Text("regel", "rule"),
    "points": Text("poäng", "points"),
    "bands": Text("fördelning", "bands"),
    "references": Text("jämförelsevärden", "references"),
    "assumed": Text("antagna gränser", "assumed thresholds"),
    "title": Text("titel", "title"),
    "question": Text("fråga", "question"),
    "quote": Text("citat", "quote"),
    "section": Text("avsnitt", "section"),
    "id": Text("nummer", "number"),
}
QUOTED = ("title", "question", "quote")
WORDS = {
    "against": Text("{new} jämfört med {old}", "{new} compared with {old}"),
    "sum": Text("Krav: {new} (tidigare {old}). {kinds}.", "Requirements: {new} (earlier {old}). {kinds}."),
    "same": Text("oförändrade {n}", "unchanged {n}"),
    "none": Text("Kraven är desamma.", "The requirements are the same."),
    "no_level": Text("Ingen nivå: värdet redovisas.", "No level: the value is reported."),
    "was": Text("{new} (förut {old})", "{new} (before: {old})"),
}


def show_amendments(screen: Screen, renewal: Renewal) -> None:
    """What is new, gone, stricter, easier and otherwise changed, each requirement once."""
    lang = screen.lang
    old, new = renewal.old.contract, renewal.new.contract
    same = old.id == new.id  # then only the files tell them apart
    named = {"old": old.name if same else old.id, "new": new.name if same else new.id}
    titles = {"old": old.title[lang], "new": new.title[lang]}
    names = {which: f"{title} ({named[which]})" for which, title in titles.items()}
    screen.line(Styled(clean(WORDS["against"][lang].format(**names)), "bold"))
    number = counts(renewal.amendments)
    kinds = [COUNTED[kind][lang].format(n=number[kind]) for kind in KINDS if number[kind]]
    kinds.append(WORDS["same"][lang].format(n=len(renewal.unchanged)))
    screen.line(
        WORDS["sum"][lang].format(
            new=len(renewal.new.clauses), old=len(renewal.old.clauses), kinds=capital(", ".join(kinds))
        )
    )
    for group, words in GROUPS.items():
        some = [one for one in renewal.amendments if _group(one) == group]
        if some:
            heading(screen, f"{words[lang]} ({len(some)})")
            for one in some:
                _amendment(screen, one)
    if not any(one.kinds for one in renewal.amendments):
        screen.line()
        screen.line(WORDS["none"][lang])


def _group(one: Amendment) -> tuple[str, ...]:
    """Under which heading it stands: what weighs most."""
    for group in (("added",), ("dropped",), ("tightened", "eased"), ("tightened",), ("eased",), ("changed",)):
        if set(group) <= set(one.kinds):
            return group
    return ("reworded", "moved", "renumbered") if one.kinds else ()


def _amendment(screen: Screen, one: Amendment) -> None:
    lang, clause = screen.lang, one.clause
    kind = OBLIGATIONS[clause.requirement.obligation][lang]
    name = clean(f"{clause.id}  {clause.title[lang]}")
    screen.line(Styled.assemble((name, "bold"), (f"  {kind}", "dim")), indent=2)
    for difference in one.differences:
        show_difference(screen, difference)
    if one.before is None or one.after is None:
        _whole(screen, clause)


def show_difference(screen: Screen, one: Difference) -> None:
    """`Skärpt, uppfyller: minst 50 timmar i veckan (förut minst 45 timmar i veckan)`"""
    lang = screen.lang
    old, new = (
        _quoted(text[lang], lang) if one.aspect in QUOTED else text[lang] for text in (one.before, one.after)
    )
    about = f" ({one.about[lang]})" if one.about else ""
    told = WORDS["was"][lang].format(new=new, old=old)
    kind = capital(KIND_WORDS[one.kind][lang])
    style = {"tightened": "red", "eased": "green"}.get(one.kind, "")
    screen.line(
        Styled.assemble((kind, style), clean(f", {ASPECTS[one.aspect][lang]}{about}: {told}")), indent=4
    )


def _quoted(text: str, lang: str) -> str:
    return f"”{text}”" if lang == "sv" else f"“{text}”"


def _whole(screen: Screen, clause: Clause) -> None:
    lang = screen.lang
    level = in_words(clause)[lang]
    screen.line(clean(f"{capital(level)}." if level else WORDS["no_level"][lang]), indent=4)
    for source in clause.requirement.sources:
        screen.line(Styled(clean(f"{source.section}: {_quoted(source.quote, lang)}"), "dim italic"), indent=4)


def amendments_json(renewal: Renewal) -> str:
    """The difference as one JSON object, with a line feed at the end."""
    data: dict[str, Any] = {
        "old": _contract(renewal, "old"),
        "new": _contract(renewal, "new"),
        "counts": {**counts(renewal.amendments), "unchanged": len(renewal.unchanged)},
        "requirements": [
            {
                "requirement": one.after.id if one.after else None,
                "earlier": one.before.id if one.before else None,
                "title": one.clause.title.as_dict,
                "obligation": one.clause.requirement.obligation,
                "kinds": list(one.kinds),
                "levels": in_words(one.clause).as_dict,
                "differences": [
                    {
                        "kind": difference.kind,
                        "aspect": difference.aspect,
                        "about": difference.about.as_dict if difference.about else None,
                        "before": difference.before.as_dict,
                        "after": difference.after.as_dict,
                    }
                    for difference in one.differences
                ],
            }
            for one in renewal.amendments
        ],
        "errors": [{"where": str(p.place), "message": p.message} for p in renewal.errors],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _contract(renewal: Renewal, which: str) -> dict[str, Any]:
    contract = (renewal.old if which == "old" else renewal.new).contract
    return {"contract": contract.id, "title": contract.title.as_dict, "period": contract.period.label}
