"""What a region's office writes to its board about all units together, from an audit's findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from compliance.findings import phrases
from compliance.findings.history import sense
from compliance.findings.records import Finding, Grade
from compliance.findings.totals import Statistics, adds_up, compares, statistics
from compliance.findings.voice import VOICES, Apart, Figure, Moved, Tally, Voice
from compliance.language.periods import Period
from compliance.language.program import BRACES, MILLION, Clause, Ready
from compliance.words import Text, capital, day, listed, number, small

if TYPE_CHECKING:
    from compliance.assessment import Audit

__all__ = ["Part", "Sentence", "summarise"]

FEW_UNITS = 3
"""Up to so many units the requirements are counted, and above it the units."""
MOST_FACTS = 3
GROUPS = {
    "region": (Text("regiondriven", "region-run"), Text("regiondrivna", "region-run")),
    "private": (Text("privat", "private"), Text("privata", "private")),
}
LEVELS = (Text("nej", "no"), Text("delvis", "in part"), Text("ja", "yes"))
"""What a single unit's own account comes to."""
LEADS = {"min": "lowest", "max": "highest"}


class Sentence(NamedTuple):
    """One or more sentences on a requirement, or on the audit as a whole (`requirement` is None)."""

    requirement: str | None
    text: Text


class Part(NamedTuple):
    """What belongs to one part of the contract's document; `title` is None for what concerns it all."""

    title: Text | None
    sentences: tuple[Sentence, ...]


def summarise(audit: Audit) -> tuple[Part, ...]:
    """The summary for the board: first the whole, then each requirement in the contract's order.

    Requirements are grouped by the parts of the document that their first source stands in.
    """
    in_words = {lang: _Summary(audit, voice) for lang, voice in VOICES.items()}
    parts: list[Part] = [Part(None, (Sentence(None, _both(in_words, None)),))]
    documents = audit.portfolio.contract.documents
    for clause in audit.portfolio.program.clauses:
        text = _both(in_words, clause)
        if not text.sv:
            continue
        source = clause.requirement.sources[0] if clause.requirement.sources else None
        section = documents[source.document].part_of(source.section) if source else None
        title = section.label if section else None
        if len(parts) == 1 or parts[-1].title != title:
            parts.append(Part(title, ()))
        parts[-1] = Part(title, (*parts[-1].sentences, Sentence(clause.id, text)))
    return tuple(parts)


def _both(in_words: dict[str, _Summary], clause: Clause | None) -> Text:
    said = {
        lang: one.whole() if clause is None else one.requirement(clause) for lang, one in in_words.items()
    }
    return Text(_prose(said["sv"]), _prose(said["en"]))


def _prose(sentences: Iterable[str]) -> str:
    return " ".join(f"{capital(sentence)}." for sentence in sentences if sentence)


class _Figures(NamedTuple):
    """A measure's values over the units that a requirement concerns, now and in the previous period."""

    ready: Ready
    now: Statistics
    before: Statistics | None
    values: tuple[tuple[Finding, Fraction], ...]


class _Summary:
    """The summary's sentences in one language."""

    def __init__(self, audit: Audit, voice: Voice) -> None:
        self.audit, self.voice, self.lang = audit, voice, voice.lang
        self.findings = _by_requirement(audit)
        self.earlier = _by_requirement(audit.before) if audit.before else {}
        self.since = audit.before.period if audit.before else ""
        self.names = {unit.id: unit.name or unit.id for unit in audit.portfolio.units}
        self.counted = [
            unit
            for unit in audit.units
            if unit.kind != "branch" and any(f.grade is not Grade.NOT_APPLICABLE for f in unit.findings)
        ]

    # The whole

    def whole(self) -> list[str]:
        voice, audit = self.voice, self.audit
        one, many = self._words(())
        said = [voice.scope(len(self.counted), one, many, self._groups())]
        period = audit.portfolio.period
        ids = {unit.unit for unit in self.counted}
        for closed in (False, True):
            moved = [
                f"{unit.name or unit.id} ({day(when, self.lang)})"
                for unit in audit.portfolio.units
                if unit.id in ids
                and (when := unit.closed if closed else unit.opened)
                and period.first_day <= when <= period.last_day
            ]
            if moved:
                said.append(voice.opened(moved, closed, one, many))
        return said + self._outcome(one, many) + self._trend()

    def _groups(self) -> list[tuple[int, str]]:
        groups: list[tuple[int, str]] = []
        for operator, (one, many) in GROUPS.items():
            count = sum(unit.operator == operator for unit in self.counted)
            if count and count < len(self.counted):
                groups.append((count, (one if count == 1 else many)[self.lang]))
        return groups

    def _outcome(self, one: str, many: str) -> list[str]:
        """How many meet every must requirement; of few units, how many requirements are met."""
        if len(self.counted) <= FEW_UNITS:
            tallies = [
                (kind, self._tally([f for u in self.counted for f in u.findings if f.obligation == kind]))
                for kind in ("must", "target")
            ]
            return [self.voice.counted(kind, tally) for kind, tally in tallies if tally.units]
        musts = [
            [f.grade for f in unit.findings if f.obligation == "must" and f.grade is not Grade.NOT_APPLICABLE]
            for unit in self.counted
        ]
        bound = [grades for grades in musts if grades]
        if not bound:
            return []
        whole = sum(all(grade is Grade.PASS for grade in grades) for grades in bound)
        failing = sum(Grade.FAIL in grades for grades in bound)
        return [self.voice.overall(len(bound), whole, failing, one, many), self._hardest()]

    def _hardest(self) -> str:
        ranked: list[tuple[Fraction, int, Tally]] = []
        clauses = self.audit.portfolio.program.clauses
        for index, clause in enumerate(clauses):
            tally = self._tally(self.findings[clause.id])
            if clause.requirement.obligation == "must" and tally.units > FEW_UNITS:
                ranked.append((Fraction(tally.passed, tally.units), index, tally))
        if not ranked or min(ranked)[0] == 1:
            return ""
        _, index, tally = min(ranked, key=lambda one: one[:2])
        many = self._words(self.findings[clauses[index].id])[1]
        return self.voice.hardest(self._asks(clauses[index]), tally.passed, tally.units, many)

    def _trend(self) -> list[str]:
        """Of the results with a known direction, how many are better than in the previous period."""
        counts = {1: 0, -1: 0, 0: 0}
        for clause in self.audit.portfolio.program.clauses:
            way = None if clause.measures[0].type in phrases.WORDED else sense(clause)
            figures = self._figures(clause, clause.measures[0], 0)
            if way is None or figures.before is None:
                continue
            name = self._statistic(clause, figures.ready)
            now, before = getattr(figures.now, name), getattr(figures.before, name)
            if now is not None and before is not None:
                counts[way * ((now > before) - (now < before))] += 1
        if not any(counts.values()):
            return []
        return [self.voice.trend(self.since, counts[1], counts[-1], counts[0])]

    # One requirement

    def requirement(self, clause: Clause) -> list[str]:
        findings = self.findings[clause.id]
        concerned = [f for f in findings if f.grade is not Grade.NOT_APPLICABLE]
        if not findings:
            return []
        one, many = self._words(findings)
        if not concerned:
            return [self.voice.nobody(self._asks(clause), many)]
        graded = any(f.grade in (Grade.PASS, Grade.PARTIAL, Grade.FAIL) for f in concerned)
        if not graded and self._has_level(clause, concerned):
            graded = True  # all are unknown
        said: list[str] = []
        first = self._figures(clause, clause.measures[0], 0)
        if first.ready.type in phrases.WORDED and (not graded or clause.requirement.obligation == "monitor"):
            said += self._answers(clause, first, concerned, one, many)
            graded = True  # and that tells whose answers are missing, too
        elif graded:
            tally = self._tally(findings, self._asks(clause), one, many, clause.requirement.obligation)
            said += self.voice.fulfilment(tally)
            if tally.name is not None:
                return [self._with_outcome(said[0], clause), *said[1:]]
        for position, ready in enumerate(clause.own_measures()):
            figures = self._figures(clause, ready, position)
            # What a change comes to is told with the figure that has changed.
            told = clause.wording.measures is None or ready.name in clause.wording.measures
            if told and ready.type not in phrases.WORDED and ready.measure.kind != "change":
                said += self._measured(clause, figures, position, one, many)
            if position == 0 and clause.wording.split:
                said += self._split(clause, first, clause.wording.split)
        if not graded:
            said += self._beside(clause, first, one, many)
            unknown = sum(f.grade is Grade.UNKNOWN for f in concerned)
            if unknown:
                said.append(self.voice.missing(unknown, one, many, len(concerned)))
        else:
            said += self._references(clause, first.ready)
        return said

    def _has_level(self, clause: Clause, findings: Sequence[Finding]) -> bool:
        return any(test.rung == "pass" for test in clause.tests) and any(
            f.evidence.lead() is not None for f in findings
        )

    def _tally(
        self,
        findings: Sequence[Finding],
        asks: str = "",
        one: str = "",
        many: str = "",
        obligation: str = "must",
    ) -> Tally:
        concerned = [f for f in findings if f.grade is not Grade.NOT_APPLICABLE]
        count = {grade: sum(f.grade is grade for f in concerned) for grade in Grade}
        met = [f for f in concerned if f.grade is Grade.PASS]
        alone = concerned[0] if len(concerned) == 1 and len(findings) == 1 else None
        return Tally(
            obligation=obligation,
            asks=asks,
            one=one,
            many=many,
            passed=count[Grade.PASS],
            partial=count[Grade.PARTIAL],
            failed=count[Grade.FAIL],
            unknown=count[Grade.UNKNOWN],
            name=self.names[alone.unit] if alone else None,
            why_unknown=self._why_unknown(alone) if alone else None,
            waived=sum(f.unwaived_grade is not Grade.PASS for f in met),
            exempt=sum(bool(f.waiver and f.waiver.exempt) for f in findings if f not in concerned),
            through=sum(bool(f.via) for f in met),
            names=tuple(
                tuple(self.names[f.unit] for f in concerned if f.grade is grade)
                for grade in (Grade.PASS, Grade.PARTIAL, Grade.FAIL, Grade.UNKNOWN)
            )
            if len(self.counted) <= FEW_UNITS
            else (),
        )

    def _why_unknown(self, finding: Finding) -> str | None:
        """The comment on a figure that isn't relied on, or which facts are missing."""
        comment = next((d.comment for d in finding.doubtful if d.comment), None)
        if comment:
            return small(comment.strip().rstrip("."))
        titles = {fact.name: fact.title for ready in finding.evidence.clause.measures for fact in ready.facts}
        facts = [small(titles[name][self.lang]) for name in dict.fromkeys(m.fact for m in finding.missing)]
        return self.voice.lacking(facts) if 0 < len(facts) <= MOST_FACTS else None

    def _with_outcome(self, verdict: str, clause: Clause) -> str:
        """A single unit's verdict, with what it rests on."""
        (finding,) = self.findings[clause.id]
        figures = self._figures(clause, clause.measures[0], 0)
        value = finding.measures[0].exact
        if figures.ready.type in phrases.WORDED or value is None:
            return verdict
        lead = finding.evidence.lead()
        target = phrases.own_target(finding.evidence, lead) if lead else None
        outcome = self.voice.outcome(
            phrases.quantity(figures.ready, value, self.lang),
            None if target is None else number(target, self.lang, 6),
            None if figures.ready.type == "date" else self._moved(figures, "mean"),
        )
        return f"{verdict}; {outcome}"

    # Figures

    def _figures(self, clause: Clause, ready: Ready, position: int) -> _Figures:
        def values(findings: Sequence[Finding]) -> list[tuple[Finding, Fraction]]:
            return [
                (f, exact)
                for f in findings
                if f.grade is not Grade.NOT_APPLICABLE and (exact := f.measures[position].exact) is not None
            ]

        known = values(self.findings[clause.id])
        now = statistics(ready, [f.measures[position] for f, _ in known])
        before: Statistics | None = None
        then = self.earlier.get(clause.id, [])
        if then and position < len(then[0].measures) and then[0].measures[position].measure == ready.name:
            earlier = statistics(ready, [f.measures[position] for f, _ in values(then)])
            before = earlier if earlier.units else None
        return _Figures(ready, now, before, tuple(known))

    def _statistic(self, clause: Clause, ready: Ready) -> str:
        if ready is clause.measures[0] and clause.wording.statistic:
            return clause.wording.statistic
        if adds_up(ready) and ready.measure.kind != "count":
            return "total"
        return "pooled" if ready.measure.kind in ("share", "rate") else "mean"

    def _measured(self, clause: Clause, figures: _Figures, position: int, one: str, many: str) -> list[str]:
        ready, now = figures.ready, figures.now
        if not now.units:
            return []
        subject, named = self._subject(clause, ready, position)
        if ready.type == "date":
            low, high = (phrases.quantity(ready, v, self.lang) for v in (now.min, now.max) if v is not None)
            return [f"{capital(subject)}: {low}" + ("" if low == high else f" – {high}")]
        name = self._statistic(clause, ready)
        of_month = position > 0 and ready.measure.kind == "value" and ready.facts == clause.measures[0].facts
        lead = LEADS.get(ready.measure.over, name) if of_month else name
        if lead in ("lowest", "highest"):
            name = "min" if lead == "lowest" else "max"
        value: Fraction | None = getattr(now, name)
        if value is None:
            name, lead, value = "mean", "mean", now.mean
        assert value is not None
        alone = len(figures.values) == 1
        figure = Figure(
            statistic="alone" if alone else lead,
            subject=subject,
            named=named,
            value=self._amount(ready, value, lead),
            one=one,
            many=many,
            moved=self._moved(figures, name),
            unit=self.names[figures.values[0][0].unit] if alone and len(self.counted) > 1 else None,
        )
        if len(self.counted) <= FEW_UNITS and not alone:
            each = tuple(
                (self.names[finding.unit], self._amount(ready, exact, lead))
                for finding, exact in figures.values
            )
            return [self.voice.figure(figure._replace(each=each))]
        if not alone and lead not in ("lowest", "highest"):
            figure = self._ranged(figure, figures, lead)
        return [self.voice.figure(figure)]

    def _subject(self, clause: Clause, ready: Ready, position: int) -> tuple[str, bool]:
        """What a measure is called within a sentence, and whether the contract words it so."""
        figure = ready.measure.figure or (clause.wording.figure if position == 0 else None)
        if figure is not None:
            return figure[self.lang], True
        return small(phrases.label(clause, ready, self.lang)), False

    def _amount(self, ready: Ready, value: Fraction, lead: str) -> str:
        if lead == "total":
            return number(value, self.lang, 0 if ready.type == "count" else 1)
        if ready.measure.kind == "rate":  # what it is per stands in its name
            return number(value, self.lang, self._places(ready, value))
        return phrases.quantity(ready, value, self.lang, self._places(ready, value))

    def _places(self, ready: Ready, value: Fraction) -> int:
        """One decimal is enough, but for small numbers."""
        return min(phrases.DIGITS.get(ready.type, 2), 1 if abs(value) >= 10 else 2)

    def _bare(self, ready: Ready, value: Fraction, lead: str) -> str:
        """A value whose unit was named just before; a percentage keeps its sign."""
        if ready.type == "percent" or ready.type in phrases.WORDED or lead == "total":
            return self._amount(ready, value, lead)
        return number(value, self.lang, self._places(ready, value))

    def _ranged(self, figure: Figure, figures: _Figures, lead: str) -> Figure:
        """The range; a unit that wasn't open all the time, and alone sets an end of it, stands apart."""
        ready = figures.ready
        period = self.audit.portfolio.period

        def brief(finding: Finding) -> bool:
            closed = finding.evidence.unit.closed
            return _opened_late(finding, period) or (closed is not None and closed < period.last_day)

        values = [value for _, value in figures.values]
        whole = [value for finding, value in figures.values if not brief(finding)]
        apart = None
        if whole and (min(whole), max(whole)) != (min(values), max(values)):
            short = [value for finding, value in figures.values if brief(finding)]
            ways = {_opened_late(f, period) for f, _ in figures.values if brief(f)}
            apart = Apart(
                len(short),
                self._bare(ready, short[0], lead) if len(short) == 1 else None,
                ways.pop() if len(ways) == 1 else None,
            )
            values = whole
        return figure._replace(
            low=self._bare(ready, min(values), lead),
            high=self._bare(ready, max(values), lead),
            apart=apart,
        )

    def _moved(self, figures: _Figures, name: str) -> Moved | None:
        now: Fraction | None = getattr(figures.now, name)
        before: Fraction | None = getattr(figures.before, name) if figures.before else None
        if now is None or before is None:
            return None
        ready = figures.ready
        points = ready.type == "percent"
        counted = adds_up(ready) or ready.type == "count"
        places = 0 if name == "total" else self._places(ready, now)
        percent = 100 * (now - before) / abs(before) if before and counted else None
        return Moved(self.since, now - before, percent, places, points)

    # Beside the figures

    def _answers(
        self, clause: Clause, figures: _Figures, findings: Sequence[Finding], one: str, many: str
    ) -> list[str]:
        """How many gave each answer, of a measure in words without levels."""
        counts: dict[Fraction, int] = {}
        for _, value in figures.values:
            counts[value] = counts.get(value, 0) + 1
        asks = self._asks(clause)
        if len(findings) == 1:
            name = self.names[findings[0].unit]
            begin = f"{name}, {asks}" if len(self.counted) > 1 else capital(asks)
            if not counts:
                why = self._why_unknown(findings[0]) or small(self.voice.missing(1, one, many, 1))
                return [f"{begin}: {why}"]
            (value,) = counts
            if figures.ready.type == "level" and value.denominator == 1:
                return [f"{begin}: {LEVELS[int(value)][self.lang]}"]
            return [f"{begin}: {phrases.quantity(figures.ready, value, self.lang)}"]
        if not counts:
            return [f"{capital(asks)}: {small(self.voice.missing(len(findings), one, many, len(findings)))}"]
        spread = [
            (count, phrases.quantity(figures.ready, value, self.lang))
            for value, count in sorted(counts.items(), reverse=True)
        ]
        unknown = len(findings) - len(figures.values)
        return [self.voice.answers(asks, spread, unknown, one, many)]

    def _references(self, clause: Clause, ready: Ready) -> list[str]:
        return [
            self.voice.reference(name, phrases.quantity(ready, Fraction(value), self.lang))
            for name, value in clause.requirement.references.items()
        ]

    def _beside(self, clause: Clause, figures: _Figures, one: str, many: str) -> list[str]:
        said = self._references(clause, figures.ready) if figures.now.units else []
        if clause.bands and figures.now.units > 1:
            counts: list[tuple[int, str]] = []
            for band in clause.bands:
                limits = [(word, Fraction(limit, MILLION)) for word, limit in band.comparisons]
                inside = sum(
                    all(compares(value, word, limit) for word, limit in limits) for _, value in figures.values
                )
                text = [phrases.comparison(figures.ready, word, limit, self.lang) for word, limit in limits]
                counts.append((inside, listed(text, self.lang)))
            said.append(self.voice.bands(counts, one, many))
        return said

    def _split(self, clause: Clause, figures: _Figures, by: str) -> list[str]:
        """How a figure is spread over operators or municipalities."""
        groups: dict[str, list[Finding]] = {}
        for finding, _ in figures.values:
            unit = finding.evidence.unit
            group = unit.operator if by == "operator" else unit.municipality
            if group:
                groups.setdefault(group, []).append(finding)
        name = self._statistic(clause, figures.ready)
        if len(groups) < 2 or getattr(figures.now, name) is None:
            return []
        _, many = self._words(self.findings[clause.id])
        parts: list[tuple[str, str]] = []
        order = [g for g in GROUPS if g in groups] if by == "operator" else sorted(groups)
        for group in order:
            value = getattr(statistics(figures.ready, [f.measures[0] for f in groups[group]]), name)
            if value is None:
                return []
            words = GROUPS[group][1][self.lang] if by == "operator" else group
            if name == "total":
                if not figures.now.total:
                    return []
                share = 100 * value / figures.now.total
                parts.append((words, f"{number(share, self.lang, 1)}\N{NO-BREAK SPACE}%"))
            else:
                parts.append((words, phrases.quantity(figures.ready, value, self.lang)))
        said = self.voice.split(parts, many, name == "total")
        return [said + self._share_moved(clause, figures, groups, order) if name == "total" else said]

    def _share_moved(
        self, clause: Clause, figures: _Figures, groups: dict[str, list[Finding]], order: list[str]
    ) -> str:
        """How the last group's share has changed since the previous period."""
        if figures.before is None or not figures.before.total or not figures.now.total or len(order) != 2:
            return ""
        last = order[-1]
        now = statistics(figures.ready, [f.measures[0] for f in groups[last]]).total
        then = statistics(
            figures.ready,
            [f.measures[0] for f in self.earlier[clause.id] if f.evidence.unit.operator == last],
        ).total
        if now is None or then is None:
            return ""
        by = 100 * (now / figures.now.total - then / figures.before.total)
        moved = Moved(self.since, by, None, 1, points=True)
        return f"; {self.voice.share_of(GROUPS[last][1][self.lang])} {self.voice.moved(moved)}"

    # Words

    def _words(self, findings: Sequence[Finding]) -> tuple[str, str]:
        """What the units are called; branches have a word of their own."""
        kinds = {finding.evidence.unit.kind for finding in findings}
        if len(kinds) == 1 and (only := kinds.pop()) in phrases.KIND_WORDS:
            one, many = phrases.KIND_WORDS[only]
        else:
            one, many = self.audit.portfolio.contract.unit_word
        return one[self.lang], many[self.lang]

    def _asks(self, clause: Clause) -> str:
        """What is asked for, as it follows "kravet på"; an assumed threshold is marked."""
        settings = [f.evidence.unwaived_settings for f in self.findings[clause.id]] or [clause.parameters]
        wording = clause.wording.asks
        if wording is not None:
            used = BRACES.findall(wording[self.lang])
            if all(one.get(name) is not None for name in used for one in settings):
                text = BRACES.sub(lambda found: self._setting(found.group(1), settings), wording[self.lang])
                return text + self._assumed(clause, used)
        title = small(clause.title[self.lang])
        test = next((test for test in clause.tests if test.rung == "pass"), None)
        ready = clause.measures[test.measure] if test else None
        if test is None or ready is None or ready.type in phrases.WORDED or test.comparison == "known":
            return title
        name = test.threshold.parameter
        limit = settings[0].get(name) if name else test.threshold.value
        if limit is None:
            return title
        level = phrases.comparison(ready, test.comparison, Fraction(limit, MILLION), self.lang)
        return f"{title} ({level})" + self._assumed(clause, [name] if name else [])

    def _setting(self, name: str, settings: Sequence[dict[str, int | None]]) -> str:
        values = sorted({value for one in settings if (value := one[name]) is not None})
        either = " eller " if self.lang == "sv" else " or "
        return either.join(number(Fraction(value, MILLION), self.lang, 6) for value in values)

    def _assumed(self, clause: Clause, names: Sequence[str]) -> str:
        deciding = {t.threshold.parameter for t in clause.tests if t.rung == "pass"}
        return phrases.ASSUMED[self.lang] if deciding & set(clause.requirement.assumed) else ""


def _opened_late(finding: Finding, period: Period) -> bool:
    opened = finding.evidence.unit.opened
    return opened is not None and opened > period.first_day


def _by_requirement(audit: Audit) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {clause.id: [] for clause in audit.portfolio.program.clauses}
    for finding in audit.findings:
        grouped[finding.requirement].append(finding)
    return grouped
