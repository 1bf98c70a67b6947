"""The words of the terminal's tables and headings."""

from __future__ import annotations

from compliance.words import Text

__all__ = ["LABELS", "OBLIGATIONS"]

OBLIGATIONS = {
    "must": Text("ska-krav", "must"),
    "target": Text("mål", "target"),
    "monitor": Text("redovisas", "monitor"),
}

LABELS = {
    "as_of": Text("per den", "as of"),
    "period": Text("period", "period"),
    "first": Text("Att tala med först", "Units to talk with first"),
    "first_none": Text(
        "Ingen enhet har krav eller mål som inte uppfylls.",
        "No unit has a requirement or target that isn't met.",
    ),
    "nothing_graded": Text("Inget krav kunde bedömas.", "No requirement could be graded."),
    "no_finding": Text(
        "Inget krav i kontraktet gäller enheten.",
        "No requirement of the contract concerns the unit.",
    ),
    "more_units": Text("och {n} enheter till", "and {n} more units"),
    "matrix": Text("Enheter och krav", "Units and requirements"),
    "matrix_left_out": Text(
        "{n} krav utan nivå står bara i tabellen över värden.",
        "{n} requirements without a level stand only in the table of figures.",
    ),
    "graded": Text("Krav och mål", "Requirements and targets"),
    "figures": Text("Värden", "Figures"),
    "requirement": Text("krav", "requirement"),
    "obligation": Text("slag", "kind"),
    "unit": Text("enhet", "unit"),
    "units": Text("enh.", "units"),
    "mean": Text("medel", "mean"),
    "median": Text("median", "median"),
    "min": Text("lägst", "min"),
    "max": Text("högst", "max"),
    "pooled": Text("samlat", "pooled"),
    "total": Text("summa", "total"),
    "previous": Text("förra", "previous"),
    "bands": Text("fördelning", "spread"),
    "waived": Text("Med dispens bedömda: utan dispenser {text}.", "With waivers; without them {text}."),
    "notes": Text("Antaget", "Assumed"),
    "source": Text("källa", "source"),
    "operator": Text("driftsform", "operator"),
    "municipality": Text("kommun", "municipality"),
    "region": Text("regiondriven", "region-run"),
    "private": Text("privat", "private"),
    "no_group": Text("ej angivet", "not stated"),
    "observations": Text("Uppgifter", "Observations"),
    "measure": Text("Mått", "Measure"),
    "numerator": Text("täljare", "numerator"),
    "denominator": Text("nämnare", "denominator"),
    "criteria": Text("Villkor", "Criteria"),
    "grade": Text("Bedömning", "Grade"),
    "waivers": Text("Dispenser", "Waivers"),
    "quote": Text("Källa", "Source"),
    "fact": Text("uppgift", "fact"),
    "value": Text("värde", "value"),
    "where": Text("fil", "file"),
    "comment": Text("kommentar", "comment"),
    "true": Text("ja", "true"),
    "false": Text("nej", "false"),
    "unknown": Text("okänt", "unknown"),
    "question": Text("Fråga", "Question"),
    "parameters": Text("parametrar", "parameters"),
    "assumed": Text("antagen", "assumed"),
    "by_waiver": Text("genom dispens", "by waiver"),
    "points": Text("poäng", "points"),
    "facts_used": Text("uppgifter", "facts"),
    "rule": Text("regel", "rule"),
    "examples": Text("exempel", "examples"),
    "used_by": Text("används av", "used by"),
    "contract": Text("kontrakt", "contract"),
    "title": Text("titel", "title"),
    "requirements": Text("krav", "requirements"),
    "extends": Text("bygger på", "extends"),
    "pass": Text("Uppfyller", "Pass"),
    "partial": Text("Uppfyller delvis", "Partial"),
    "no_level": Text("Ingen nivå: värdet redovisas.", "No level: the value is reported."),
    "sources_found": Text(
        "{found} citat finns i dokumenten, {lost} finns inte, {unchecked} är inte kontrollerade.",
        "{found} quotes stand in the documents, {lost} don't, {unchecked} weren't checked.",
    ),
    "example_failed": Text(
        "{place}: väntade {expected}, fick {grade}", "{place}: expected {expected}, got {grade}"
    ),
    "no_examples": Text("har inga exempel", "has no examples"),
    "examples_done": Text(
        "{passed} exempel stämmer, {failed} stämmer inte, i {rules} regler.",
        "{passed} examples hold, {failed} don't, in {rules} rules.",
    ),
    "coverage_done": Text(
        "{sections} avsnitt: {covered} täcks av krav, {outside} ligger utanför, {missing} saknas.",
        "{sections} sections: {covered} covered by requirements, {outside} out of scope, {missing} missing.",
    ),
    "coverage_unchecked": Text(
        "Något dokument finns inte till hands: dess avsnitt är inte jämförda med det.",
        "Some document isn't at hand: its sections aren't compared with it.",
    ),
    "section_lost": Text("finns inte i dokumentet", "not in the document"),
    "outside": Text("utanför", "out of scope"),
    "uncovered": Text("täcks inte av något krav", "covered by no requirement"),
    "stated": Text("Angivna siffror", "Stated figures"),
    "stated_value": Text("angivet", "stated"),
    "recomputed": Text("omräknat", "recomputed"),
    "agrees": Text("stämmer", "agrees"),
    "explained": Text("stämmer inte; förklarad", "doesn't agree; explained"),
    "disagrees": Text("stämmer inte", "doesn't agree"),
    "no_recomputed": Text("kan inte räknas om", "can't be recomputed"),
    "checks": Text("Samband mellan uppgifter", "Relations between facts"),
    "check_held": Text("gäller i {n} av {all}", "holds in {n} of {all}"),
    "units_missing": Text("enheter utan känt värde: {n}", "units without a known value: {n}"),
    "quotes_unchecked": Text(
        "Citat som inte är kontrollerade, för dokumentet finns inte till hands: {n}.",
        "Quotes that weren't checked, for the document isn't at hand: {n}.",
    ),
    "check_broken": Text(
        "{unit}, {period}: {left} är inte {relation} {right}",
        "{unit}, {period}: {left} isn't {relation} {right}",
    ),
    "is": Text("lika med", "equal to"),
    "at_most": Text("högst", "at most"),
    "validated": Text(
        "Angivna siffror: {n}. Stämmer: {agree}. Stämmer inte, förklarade: {explained}. Stämmer inte: "
        "{wrong}. Kan inte räknas om: {unknown}.",
        "Stated figures: {n}. Agree: {agree}. Don't agree, explained: {explained}. Don't agree: {wrong}. "
        "Can't be recomputed: {unknown}.",
    ),
    "relied": Text(
        "{n} uppgifter är inlästa; {shaky} av dem är undanhållna eller osäkra.",
        "{n} observations are read; {shaky} of them are withheld or doubtful.",
    ),
    "out_of_scope": Text("Utanför granskningen", "Out of scope"),
}
