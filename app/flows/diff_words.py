"""Changes between two versions of a programme in words, for the coordinator who approves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from app.flows.diff import Change, ChangeKind
from app.flows.diff import Path as Place
from app.wording import Sentence, into, listed

_SECTIONS = {
    "flows": Sentence("conversation"),
    "campaigns": Sentence("campaign"),
    "answers": Sentence("shared answer"),
    "notices": Sentence("notice"),
    "principles": Sentence("principle"),
    "reports": Sentence("report"),
    "scores": Sentence("score"),
    "openings": Sentence("openings"),
    "misconceptions": Sentence("misconception"),
    "facts": Sentence("fact of the programme"),
}
_KEYS = {
    "programme": Sentence("code of the programme"),
    "title": Sentence("title"),
    "language": Sentence("language"),
    "languages": Sentence("languages"),
    "timezone": Sentence("time zone"),
    "authority": Sentence("authority"),
    "fields": Sentence("data of the officer"),
    "identity": Sentence("data that identify"),
    "sms": Sentence("wording of SMS"),
    "plain": Sentence("without accents"),
    "budget": Sentence("budget"),
    "segments": Sentence("segments"),
    "price": Sentence("money"),
    "currency": Sentence("currency"),
    "text": Sentence("text"),
    "template": Sentence("WhatsApp template"),
    "variables": Sentence("values of the template"),
    "media": Sentence("attached file"),
    "when": Sentence("condition"),
    "go": Sentence("next step"),
    "records": Sentence("variable that it records"),
    "level": Sentence("level of evaluation"),
    "principle": Sentence("principle"),
    "correct": Sentence("right option"),
    "reverse": Sentence("reversed scoring"),
    "misconception": Sentence("misconception"),
    "opening": Sentence("openings"),
    "variants": Sentence("variants"),
    "crossover": Sentence("crossover"),
    "reply_time": Sentence("reply time"),
    "contact": Sentence("contact"),
    "person": Sentence("person responsible"),
    "answer": Sentence("expected answer"),
    "choice": Sentence("option"),
    "multi": Sentence("option"),
    "label": Sentence("label"),
    "labels": Sentence("label of the point"),
    "value": Sentence("value in the data"),
    "also": Sentence("other ways to write it"),
    "missing": Sentence("what is taken instead of an answer"),
    "scale": Sentence("scale"),
    "number": Sentence("number"),
    "min": Sentence("least"),
    "max": Sentence("greatest"),
    "unclear": Sentence("clarification"),
    "tries": Sentence("tries"),
    "feedback": Sentence("feedback to the option"),
    "consent": Sentence("notice that is agreed to"),
    "timeout": Sentence("waiting time"),
    "expires": Sentence("expiry"),
    "announcements": Sentence("notices to many officers"),
    "retention": Sentence("retention"),
    "late_answers": Sentence("time for late answers"),
    "reminder": Sentence("reminder"),
    "after": Sentence("how long after"),
    "kind": Sentence("kind"),
    "cases": Sentence("case"),
    "else": Sentence("if none holds"),
    "values": Sentence("variable"),
    "flow": Sentence("flow that it calls"),
    "with": Sentence("value that it passes"),
    "items": Sentence("item"),
    "meaning": Sentence("meaning"),
    "takes": Sentence("values that it takes"),
    "options_in_text": Sentence("options in the text"),
    "slots": Sentence("slot"),
    "weeks": Sentence("weeks"),
    "per_week": Sentence("times a week"),
    "every": Sentence("how often"),
    "from": Sentence("from"),
    "to": Sentence("to"),
    "window": Sentence("window"),
    "cap": Sentence("cap"),
    "flows": Sentence("flows of it"),
    "per": Sentence("in how long"),
    "anchor": Sentence("date that it counts from"),
    "spread": Sentence("spread"),
    "gap": Sentence("least gap"),
    "waves": Sentence("measurement wave"),
    "suffix": Sentence("suffix"),
    "day": Sentence("day"),
    "closes": Sentence("closing"),
    "days": Sentence("days"),
    "on": Sentence("days of the calendar"),
    "month": Sentence("months"),
    "week": Sentence("weeks of the year"),
    "day_of_week": Sentence("days of the week"),
    "draw": Sentence("choice of the draw"),
    "outcome": Sentence("outcome of the draw"),
    "within": Sentence("time after the draw"),
    "p": Sentence("probability"),
    "only": Sentence("only if"),
    "pick": Sentence("which comes next"),
    "at": Sentence("hour by the shift"),
    "after_shift": Sentence("after the shift"),
    "before_shift": Sentence("before the shift"),
    "followups": Sentence("flow that follows"),
    "step": Sentence("question asked"),
    "is": Sentence("answered so"),
    "in": Sentence("answered one of"),
    "wrong": Sentence("answered wrongly"),
    "most": Sentence("greatest number"),
    "rest": Sentence("rest"),
    "between": Sentence("between"),
    "on_duty": Sentence("on duty"),
    "holidays": Sentence("public holidays"),
    "enrolled_late": Sentence("who is enrolled late"),
    "late": Sentence("lateness allowed"),
    "seed": Sentence("number of the draw"),
    "study": Sentence("study"),
    "arms": Sentence("arm"),
    "share": Sentence("shares"),
    "campaign": Sentence("campaign"),
    "strata": Sentence("strata"),
    "cluster": Sentence("cluster that is drawn whole"),
    "balance": Sentence("data of the balance table"),
    "columns": Sentence("data of the report"),
    "minimum": Sentence("part that must be answered"),
}


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change in words. `said` names it; `before` and `after` are the old and the new wording, if it has them."""

    said: str
    before: str = ""
    after: str = ""

    def into(self, language: str) -> "ChangeWords":
        """The same in a language."""
        return ChangeWords(into(self.said, language), into(self.before, language), into(self.after, language))


def by_place(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """The changes by the conversation, or other part of the programme, that each belongs to, which is named in words."""
    return [(place, list(group)) for place, group in groupby(changes, key=lambda change: _heading(change.path))]


def change_lines(changes: Sequence[Change], language: str) -> list[str]:
    """The changes line by line, grouped by place, in a language."""
    if not changes:
        return [into(Sentence("No changes."), language)]
    lines: list[str] = []
    for place, group in by_place(changes):
        lines += [into(place, language), *(f"  {line}" for change in group for line in _lines(change, language)), ""]
    return [*lines, into(_counts(changes), language)]


def _counts(changes: Sequence[Change]) -> str:
    count = len(changes)
    parts = [Sentence("1 change") if count == 1 else Sentence("{number} changes", number=count)]
    if marked := sum(change.data for change in changes):
        parts.append(
            Sentence("1 may change the data")
            if marked == 1
            else Sentence("{number} may change the data", number=marked)
        )
    if read := sum(change.reading for change in changes):
        parts.append(
            Sentence("1 changes how answers are read")
            if read == 1
            else Sentence("{number} change how answers are read", number=read)
        )
    return Sentence(
        "{counts}.", counts=reduce(lambda one, other: Sentence("{one}; {other}", one=one, other=other), parts)
    )


def _heading(path: Place) -> str:
    word = _SECTIONS.get(path[0])
    return Sentence("{part} {name}", part=word, name=path[1]) if word and len(path) > 1 else Sentence("programme")


def _lines(change: Change, language: str) -> Iterator[str]:
    words = in_words(change).into(language)
    mark = ""
    if change.data:
        mark = Sentence("  << changes the data")
    elif change.reading:
        mark = Sentence("  << changes how answers are read")
    yield f"{words.said}{into(mark, language)}"
    yield from _quoted("-", words.before)
    yield from _quoted("+", words.after)


def in_words(change: Change) -> ChangeWords:
    """A change in words."""
    step, part = _subject(change.path)
    before, after = change.before or "", change.after or ""
    match change.kind:
        case ChangeKind.moved:
            text = Sentence(
                "{step}: now {after} (before: {before})",
                step=step,
                after=_after(change.after),
                before=_after(change.before),
            )
            return ChangeWords(text)
        case ChangeKind.renamed:
            return ChangeWords(Sentence("{step}: was called {before}", step=step, before=change.before))
        case ChangeKind.reordered:
            return ChangeWords(_of(step, Sentence("the options are in another order")), before, after)
        case ChangeKind.added | ChangeKind.removed:
            verb = Sentence("added") if change.kind is ChangeKind.added else Sentence("removed")
            return ChangeWords(_of(step, _what(verb, part)) if part else _what(verb, step), before, after)
        case ChangeKind.changed:
            return ChangeWords(_of(step, _what(Sentence("changed"), part or Sentence("text"))), before, after)


def _of(step: str, text: str) -> str:
    return Sentence("{step}, {change}", step=step, change=text) if step else text


def _what(verb: str, part: str) -> str:
    return Sentence("{verb}: {part}", verb=verb, part=part) if part else verb


def _after(step: str | None) -> str:
    return Sentence("at the beginning") if step is None else Sentence("behind {step}", step=step)


def _quoted(sign: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {sign} {text}"


def _subject(path: Place) -> tuple[str, str]:
    """The step of a change, if any, and the part of it (or of its section) that changed."""
    if path[0] not in _SECTIONS:
        return "", _words(path)
    if path[0] == "flows" and path[2:3] == ("steps",):
        return Sentence("step {name}", name=path[3]), _words(path[4:])
    return "", _words(path[2:])


def _words(path: Place) -> str:
    """A path in words: `respuesta esperada, opción si, texto`."""
    parts: list[str] = []
    for key in path:
        if key in _KEYS and not (parts and parts[-1] in _NAMING):
            parts.append(_KEYS[key])
        elif parts and parts[-1] in _NAMING:
            parts[-1] = Sentence("{part} «{name}»", part=parts[-1], name=key)
        else:
            parts.append(key)
    return listed(parts) if parts else ""


_NAMING = frozenset(
    {
        _KEYS[key]
        for key in (
            "choice",
            "multi",
            "labels",
            "feedback",
            "cases",
            "values",
            "with",
            "items",
            "slots",
            "waves",
            "go",
            "missing",
            "draw",
            "followups",
            "arms",
        )
    }
)
"""Words that the name of one thing follows."""
