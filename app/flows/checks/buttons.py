"""Limits of WhatsApp's buttons and lists for the options of a question."""

from collections.abc import Iterator

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import Options, all_questions, option_labels
from app.flows.engine.buttons import BUTTON, BUTTONS, ITEM, ITEMS, length, title
from app.flows.engine.compiled import one_is_chosen, options_of
from app.flows.language import definition as d
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path
from app.wording import Sentence


@check("button-too-long", Severity.warning)
def button_too_long(context: Context) -> Iterator[Finding]:
    """A question with up to 3 options is sent to WhatsApp with buttons, and a button holds 20 characters."""
    yield from _too_long(context, range(1, BUTTONS + 1), BUTTON, Sentence("a button"))


@check("list-item-too-long", Severity.warning)
def list_item_too_long(context: Context) -> Iterator[Finding]:
    """A question with 4 to 10 options is sent to WhatsApp with a list, and an item holds 24 characters."""
    yield from _too_long(context, range(BUTTONS + 1, ITEMS + 1), ITEM, Sentence("an item of a list"))


def limits(context: Context) -> dict[Path, int]:
    """The most characters that WhatsApp shows of each option that is sent as a button or in a list, by the place of its label."""
    found: dict[Path, int] = {}
    for path, options in _shown(context):
        most = BUTTON if len(options) <= BUTTONS else ITEM
        places = option_labels(context, path, options) if len(options) <= ITEMS else ()
        found |= {place: most for place, _, _ in places}
    return found


def _too_long(context: Context, counts: range, limit: int, what: str) -> Iterator[Finding]:
    for path, options in _shown(context):
        if len(options) in counts:
            for place, _, label in option_labels(context, path, options):
                if (size := length(title(label))) > limit:
                    yield Finding(
                        place,
                        Sentence(
                            '"{label}" has {size} characters; {what} holds {limit}',
                            label=label,
                            size=size,
                            what=what,
                            limit=limit,
                        ),
                        Sentence("Shorten it"),
                    )


def _shown(context: Context) -> Iterator[tuple[Path, Options]]:
    """The options that are sent with a question and of which one is chosen, where they are written; each list once."""
    done: set[Path] = set()
    for question in all_questions(context):
        answer = answer_of_or_none(context, question)
        if answer is None or question.ask.options_in_text or answer.yes_no is not None or not one_is_chosen(answer):
            continue
        path = options_path(context, question.ask, question.answer)
        if path not in done:
            done.add(path)
            options = options_of(context.programme, answer)
            yield path, {int(point): label for point, label in options.items()} if answer.scale else options


def options_path(context: Context, ask: d.Ask, answer: Path) -> Path:
    """Where the options of a question, or the labels of its scale, are written: under `answers`, or in the question."""
    if isinstance(ask.answer, str):
        shared = context.programme.answers[ask.answer]
        if not isinstance(shared, d.Answer):
            return ("answers", ask.answer)
        answer, inner = ("answers", ask.answer), shared
    else:
        inner = ask.answer
    if inner.scale is not None:
        return (*answer, "scale", "labels")
    kind = "choice" if inner.choice is not None else "multi"
    listed = getattr(inner, kind)
    return ("answers", listed) if isinstance(listed, str) else (*answer, kind)


@check("too-many-buttons", Severity.warning)
def too_many_buttons(context: Context) -> Iterator[Finding]:
    """A question has more options than WhatsApp can show."""
    for question in all_questions(context):
        answer = answer_of_or_none(context, question)
        if answer is None or question.ask.options_in_text or not one_is_chosen(answer):
            continue
        count = len(options_of(context.programme, answer))
        if count > ITEMS:
            text = Sentence(
                "{count} options are too many for a list of WhatsApp, which holds {most}", count=count, most=ITEMS
            )
            yield Finding(question.answer, text, Sentence("Divide the question"))
        elif count > BUTTONS and question.ask.template is not None:
            text = Sentence(
                "{count} options in a template, which carries {most} buttons and no list",
                count=count,
                most=BUTTONS,
            )
            yield Finding(
                question.answer, text, Sentence("Open with a shorter question, or write the options in the text")
            )


BUTTON_CHECKS: tuple[Check, ...] = (button_too_long, list_item_too_long, too_many_buttons)
