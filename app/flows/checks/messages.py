"""Outgoing messages: the number of SMS, the languages, the hours."""

import re
from collections.abc import Iterator, Mapping
from datetime import time

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import VARIABLE, LocatedWording, all_questions, texts, wordings
from app.flows.engine.compiled import constants, options_of
from app.flows.engine.reminding import with_question
from app.flows.engine.render import numbered
from app.flows.language import definition as d
from app.flows.language.campaign import Window
from app.flows.language.problems import Severity
from app.flows.language.vocabulary import Text
from app.flows.segments import Segments, measure, plain
from app.flows.yaml.source import Path
from app.wording import Sentence

SEGMENTS = 4
"""The most SMS that one message should cost: 268 characters with accents, 612 without."""

QUIET_FROM, QUIET_TO = time(21), time(9)
"""Mexico's guideline for messages to phones."""

_ITEM = re.compile(r"\{\{\s*item\s*\}\}")

TYPICAL = "Guadalupe"
"""Stands in for whatever a variable will be."""


@check("too-many-segments", Severity.warning)
def too_many_segments(context: Context) -> Iterator[Finding]:
    """A message costs more than 4 SMS. The support text may: it goes to few, and its help lines come before its price."""
    for wording, text in sent(context):
        if wording.path[:2] == ("notices", "support"):
            continue
        found = measure(plain(text) if context.programme.sms.plain else text)
        if found.segments > SEGMENTS:
            word = found.forced_by if found.forced_by and found.forced_by in wording.text else ""
            yield Finding(wording.path, *_cost(wording.text, text, found), word=word)


def sms_of(context: Context) -> tuple[int, int]:
    """How many SMS all messages of a programme are together, as they are written and with `sms: {plain: true}`."""
    texts = [text for _, text in sent(context)]
    return sum(measure(text).segments for text in texts), sum(measure(plain(text)).segments for text in texts)


def sent(context: Context) -> Iterator[tuple[LocatedWording, str]]:
    """Every wording of a message, and the message as it would go out by SMS."""
    options = _options(context)
    for wording in wordings(context):
        if not _is_sent(context, wording):
            continue
        labels = options.get(wording.path[:4], ()) if _is_question(wording) else ()
        lines = list(enumerate((_said(label, wording.language) for label in labels), 1))
        fixed = constants(context.programme, wording.language or context.programme.language)
        begins = _openings(context, wording) if _is_question(wording) and wording.path[4:5] != ("unclear",) else [""]
        messages = [
            numbered(_filled(f"{opening}{text.strip()}", fixed), lines)
            for text in _with_items(context, wording)
            for opening in begins
        ]
        if wording.path[2:4] == ("reminder", "text"):
            messages += [numbered(_filled(text, fixed), lines) for text, lines in _reminders(context, wording)]
        yield wording, max(messages, key=lambda text: (measure(text).segments, text))


def frames(context: Context) -> dict[Path, tuple[str, str]]:
    """The text before and after each wording in the longest message that has it: an opening, the options. A variable counts as
    `TYPICAL` in it, where the programme has no value for it."""
    found: dict[Path, tuple[str, str]] = {}
    for wording, message in sent(context):
        own = _filled(
            wording.text.strip(), constants(context.programme, wording.language or context.programme.language)
        )
        before, text, after = message.partition(own)
        found[wording.path] = (before, after) if text else ("", "")
    return found


def _filled(text: str, fixed: Mapping[str, str]) -> str:
    """A text with the programme's constants, and with a typical value for all other variables."""
    return VARIABLE.sub(lambda mark: fixed.get(mark[0].strip("{} "), TYPICAL), text)


def _is_sent(context: Context, wording: LocatedWording) -> bool:
    """Whether a text goes out by itself: not the values of templates and variables, nor an item within another text."""
    path = wording.path
    item = path[4:5] == ("items",) and context.source.value((*path[:4], "text")) is not None
    return not (item or "variables" in path or path[-2] in ("values", "with") or path[0] == "openings")


def _openings(context: Context, wording: LocatedWording) -> list[str]:
    """The texts that may stand in front of a question, each with its line break; nothing if the question has no openings."""
    step = context.programme.flows[str(wording.flow)].steps[int(str(wording.path[3]))] if wording.flow else None
    name = step.opening if isinstance(step, d.Ask) else None
    found = context.programme.openings.get(name or "", ())
    return [f"{_said(one.text, wording.language).strip()}\n" for one in found] or [""]


def _is_question(wording: LocatedWording) -> bool:
    """Whether the options are added to this text. A `repeat` without a text of its own asks by the text of each item."""
    inner = wording.path[4:-1] if wording.language else wording.path[4:]
    return inner in (("text",), ("unclear",)) or inner[:1] == ("items",)


def _reminders(context: Context, reminder: LocatedWording) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """A reminder with each question of its flow, and that question's options."""
    options = _options(context)
    for wording in wordings(context):
        if wording.flow != reminder.flow or wording.path[4:5] != ("text",) or not _is_sent(context, wording):
            continue
        if wording.path[:4] not in options or context.source.value((*wording.path[:4], "consent")) is not None:
            continue
        if reminder.language in (None, wording.language) or wording.language is None:
            lines = list(enumerate((_said(label, wording.language) for label in options[wording.path[:4]]), 1))
            yield from ((with_question(reminder.text, text), lines) for text in _with_items(context, wording))


def _with_items(context: Context, wording: LocatedWording) -> list[str]:
    """The text; of a `repeat`, once for each of its items."""
    if "item" not in wording.extra:
        return [wording.text]
    step = context.programme.flows[str(wording.flow)].steps[int(str(wording.path[3]))]
    items = [_said(item.text, wording.language) for item in step.items.values()] if isinstance(step, d.Repeat) else []
    return [_ITEM.sub(item.replace("\\", r"\\"), wording.text) for item in items] or [wording.text]


def _said(text: Text, language: str | None) -> str:
    return text if isinstance(text, str) else text.get(language or "") or next(iter(text.values()))


def _options(context: Context) -> dict[Path, list[Text]]:
    """The options as they are added to the text of each question, by the place of its step."""
    found: dict[Path, list[Text]] = {}
    for question in all_questions(context):
        answer = answer_of_or_none(context, question)
        if answer is not None and not question.ask.options_in_text:
            found[question.path[:4]] = [option.label for option in options_of(context.programme, answer).values()]
    return found


def _cost(written: str, sent: str, found: Segments) -> tuple[str, str]:
    """The remark on a message, and the wording that would cost less."""
    if found.forced_by is None:
        return Sentence(
            "costs {segments} SMS ({count} characters)", segments=found.segments, count=len(sent)
        ), Sentence("Shorten it")
    cheaper = measure(found.plain).segments
    said = Sentence(
        'costs {segments} SMS because of "{forced_by}"; {cheaper} without accents and signs',
        segments=found.segments,
        forced_by=found.forced_by,
        cheaper=cheaper,
    )
    if found.forced_by not in written:
        return said, Sentence("Shorten it, or change the options")
    simpler = " ".join(plain(written).split())
    return said, Sentence("Write: {simpler}", simpler=simpler) if cheaper <= SEGMENTS else Sentence(
        "Shorten it, and write it so: {simpler}", simpler=simpler
    )


@check("missing-translation", Severity.warning)
def missing_translation(context: Context) -> Iterator[Finding]:
    """A text lacks one of the `languages` of the programme, or has one that the programme does not list."""
    own, others = context.programme.language, context.programme.languages
    for path, text in texts(context):
        given = [own] if isinstance(text, str) else list(text)
        families = {language.partition("-")[0] for language in given if "-" not in language}
        wanted = [own, *others] if isinstance(text, dict) else others
        if missing := [one for one in wanted if one not in given and one.partition("-")[0] not in families]:
            yield Finding(
                path,
                Sentence("there is no {names} text", names=", ".join(missing)),
                Sentence("Write it as {{{own}: …, {missing}: …}}", own=own, missing=missing[0]),
            )
        known = {own, *others} | {one.partition("-")[0] for one in (own, *others)}
        for language in given if isinstance(text, dict) else ():
            if language not in known:
                hint = Sentence("Add it to languages, or remove it")
                yield Finding(
                    (*path, language),
                    Sentence("{language} is not a language of the programme", language=language),
                    hint,
                    key=True,
                )


@check("quiet-hours", Severity.warning)
def quiet_hours(context: Context) -> Iterator[Finding]:
    """A `window` of a campaign, a slot or a wave reaches into the quiet hours, 21:00 to 09:00, in which nothing should be sent."""
    for path, window in _windows(context):
        for name, hour in (("from", window.start), ("to", window.end)):
            if hour < QUIET_TO or hour > QUIET_FROM:
                text = Sentence(
                    "{hour:%H:%M} is within the quiet hours, {quiet_from:%H:%M} to {quiet_to:%H:%M}",
                    hour=hour,
                    quiet_from=QUIET_FROM,
                    quiet_to=QUIET_TO,
                )
                yield Finding((*path, name), text, Sentence("Send between 09:00 and 21:00"))


def _windows(context: Context) -> Iterator[tuple[Path, Window]]:
    for code, campaign in context.programme.campaigns.items():
        path: Path = ("campaigns", code)
        yield (*path, "window"), campaign.window
        parts: list[tuple[Path, Window | None]] = [
            (("slots", index), slot.window) for index, slot in enumerate(campaign.slots)
        ]
        parts += [(("waves", name), wave.window) for name, wave in campaign.waves.items()]
        yield from (((*path, *place, "window"), window) for place, window in parts if window is not None)


MESSAGES: tuple[Check, ...] = (too_many_segments, missing_translation, quiet_hours)
