"""The options of questions: told apart, never a keyword, none forgotten, short enough for a button or a list."""

from collections.abc import Iterator

from app.flows import definition as d
from app.flows.book import options_of
from app.flows.checks.base import Check, Context, Finding, check
from app.flows.checks.references import WAYS, answer_of_or_none
from app.flows.checks.walk import all_questions, answers, option_lists, steps
from app.flows.problems import Severity
from app.flows.replies.fold import phrase
from app.flows.replies.keywords import keyword
from app.flows.source import Path

BUTTONS, BUTTON = 3, 20
"""WhatsApp's quick replies: how many without an approved template, and how many characters each."""

ITEMS, ITEM = 10, 24
"""WhatsApp's list: how many items, and how many characters each."""


@check("option-without-branch", Severity.warning, fails="""\
answers:
  reaccion: {calma: Se calmó, igual: Igual, molesta: Se molestó}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
        level: behaviour
        template: aviso_reaccion
        go: {calma: bien, igual: end}
      - say: bien
        text: Bien hecho.
""", passes="""\
answers:
  reaccion: {calma: Se calmó, igual: Igual, molesta: Se molestó}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
        level: behaviour
        template: aviso_reaccion
        go: {calma: bien, igual: end, else: end}
      - say: bien
        text: Bien hecho.
""")
def option_without_branch(context: Context) -> Iterator[Finding]:
    """`go` or `feedback` names several options of a question and forgets others.

    An option that `go` does not name leads to the next step. Where only one option is named (`go: {no: despedida}`) that
    is plain; where several are, say where the others lead, or write `else`. In `feedback`, an option that is not named
    gets no answer at all.
    """
    for question in all_questions(context):
        answer = answer_of_or_none(context, question.ask)
        options = list(options_of(context.programme, answer)) if answer else []
        go = question.ask.go if isinstance(question.ask.go, dict) else {}
        if "else" not in go and len(go.keys() - WAYS) > 1:
            yield from _forgotten(go, options, (*question.path, "go"), "leads on to the next step")
        if "else" not in question.ask.feedback and len(question.ask.feedback) > 1:
            yield from _forgotten(question.ask.feedback, options, (*question.path, "feedback"), "gets no answer")


def _forgotten(named: "dict[str, str] | dict[str, d.Text]", options: list[str], path: Path, so: str) -> Iterator[Finding]:
    if missing := [option for option in options if option not in named]:
        text = f"the option {missing[0]} is not named and {so}"
        if len(missing) > 1:
            text = f"the options {', '.join(missing)} are not named; each {so}"
        yield Finding(path, text, "Name it, or write else", key=True)


@check("overlapping-aliases", Severity.error, fails="""\
answers:
  reaccion:
    calma: {label: Se calmó, also: [bien]}
    igual: {label: Igual, also: [Bien]}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
""", passes="""\
answers:
  reaccion:
    calma: {label: Se calmó, also: [bien]}
    igual: {label: Igual, also: [normal]}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
""")
def overlapping_aliases(context: Context) -> Iterator[Finding]:
    """Two options of a list can be written in the same way, so that a reply would mean both.

    Labels and `also` are compared as replies are: without accents, capitals and punctuation.
    """
    for path, options in option_lists(context):
        seen: dict[tuple[str, ...], str] = {}
        for place, key, wording in _wordings(context, path, options):
            if not (words := phrase(wording)):
                continue
            if seen.setdefault(words, key) != key:
                yield Finding(place, f'"{wording}" means {seen[words]} too', "Let each wording mean one option")


def _wordings(context: Context, path: Path, options: dict[str, d.Option]) -> Iterator[tuple[Path, str, str]]:
    """Every way to write each option, with its place."""
    yield from _labels(context, path, options)
    for key, option in options.items():
        yield from (((*path, key, "also", index), key, text) for index, text in enumerate(option.also))


def _labels(context: Context, path: Path, options: dict[str, d.Option]) -> Iterator[tuple[Path, str, str]]:
    """The label of each option, in each language, with its place."""
    for key, option in options.items():
        place: Path = (*path, key)
        label: Path = place if isinstance(context.source.value(place), str) else (*place, "label")
        if isinstance(option.label, str):
            yield label, key, option.label
        else:
            yield from (((*label, language), key, text) for language, text in option.label.items())


@check("keyword-option", Severity.error, fails="""\
answers:
  nivel: {bajo: Bajo, alto: Alto}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: riesgo
        text: ¿Cómo fue el riesgo?
        answer: nivel
""", passes="""\
answers:
  nivel: {poco: Poco, mucho: Mucho}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: riesgo
        text: ¿Cómo fue el riesgo?
        answer: nivel
""")
def keyword_option(context: Context) -> Iterator[Finding]:
    """An option can be written with a keyword of the service, such as BAJA, ALTO, STOP, AYUDA or PAUSA.

    A keyword is obeyed at any step: an officer who answers "alto" would leave the programme. Choose other words.
    """
    for path, options in option_lists(context):
        for place, _, wording in _wordings(context, path, options):
            if keyword(wording):
                yield Finding(place, f'"{wording}" is a keyword and would not be taken as an answer', "Use other words")
    for path, answer in answers(context):
        for point, label in answer.scale.labels.items() if answer.scale else ():
            for wording in [label] if isinstance(label, str) else label.values():
                if keyword(wording):
                    place = (*path, "scale", "labels", point)
                    yield Finding(place, f'"{wording}" is a keyword and would not be taken as an answer', "Use other words")


@check("unused-answer", Severity.warning, fails="""\
answers:
  acuerdo: {nada: Nada, mucho: Mucho}
flows:
  aviso:
    title: Aviso
    kind: tip
    steps:
      - say: hola
        text: Buen día.
        template: aviso_hola
""", passes="""\
answers:
  acuerdo: {nada: Nada, mucho: Mucho}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: util
        text: ¿Le sirvió?
        answer: acuerdo
        level: internal
        template: aviso_util
""")
def unused_answer(context: Context) -> Iterator[Finding]:
    """A shared answer that no question uses: left over, or a question names another by mistake."""
    if not context.whole:
        return
    named = [step.answer for _, _, step in steps(context) if isinstance(step, d.Ask | d.Repeat)]
    inner = [name for _, answer in answers(context) for name in (answer.choice, answer.multi)]
    used = {name for name in [*named, *inner] if isinstance(name, str)}
    for name in context.programme.answers:
        if name not in used:
            yield Finding(("answers", name), f"no question uses {name}", "Remove it, or name it in a question", key=True)


@check("button-too-long", Severity.warning, fails="""\
answers:
  reaccion: {calma: Se calmó poco a poco al final, igual: Igual}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
        level: behaviour
        template: aviso_reaccion
""", passes="""\
answers:
  reaccion: {calma: Se calmó, igual: Igual}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: reaccion
        text: ¿Cómo reaccionó la persona?
        answer: reaccion
        level: behaviour
        template: aviso_reaccion
""")
def button_too_long(context: Context) -> Iterator[Finding]:
    """A question with up to 3 options is sent to WhatsApp with buttons, and a button holds 20 characters.

    With a longer label the question goes out as numbered text instead. It does not count where `options_in_text` is set.
    """
    yield from _too_long(context, range(1, BUTTONS + 1), BUTTON, "a button")


@check("list-item-too-long", Severity.warning, fails="""\
answers:
  barrera: {tiempo: Falta de tiempo en el servicio, riesgo: Riesgo, ordenes: Órdenes, nada: Nada}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: listo
        text: ¿Tiene un minuto?
        answer: yes_no
        level: behaviour
        template: aviso_listo
      - ask: barrera
        text: ¿Qué lo dificultó?
        answer: barrera
        level: behaviour
""", passes="""\
answers:
  barrera: {tiempo: Falta de tiempo, riesgo: Riesgo, ordenes: Órdenes, nada: Nada}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: listo
        text: ¿Tiene un minuto?
        answer: yes_no
        level: behaviour
        template: aviso_listo
      - ask: barrera
        text: ¿Qué lo dificultó?
        answer: barrera
        level: behaviour
""")
def list_item_too_long(context: Context) -> Iterator[Finding]:
    """A question with 4 to 10 options is sent to WhatsApp with a list, and an item holds 24 characters.

    With a longer label the question goes out as numbered text instead. It does not count where `options_in_text` is set.
    """
    yield from _too_long(context, range(BUTTONS + 1, ITEMS + 1), ITEM, "an item of a list")


def _too_long(context: Context, counts: range, limit: int, what: str) -> Iterator[Finding]:
    for path, options in _shown(context):
        if len(options) in counts:
            for place, _, label in _labels(context, path, options):
                if len(label) > limit:
                    yield Finding(place, f'"{label}" has {len(label)} characters; {what} holds {limit}', "Shorten it")


def _shown(context: Context) -> Iterator[tuple[Path, dict[str, d.Option]]]:
    """The options that are sent with a question, where they are written; each list once."""
    done: set[Path] = set()
    for question in all_questions(context):
        answer = answer_of_or_none(context, question.ask)
        if answer is None or question.ask.options_in_text or not answer.choice:
            continue
        path = options_path(context, question.ask, question.answer)
        if path not in done:
            done.add(path)
            yield path, options_of(context.programme, answer)


def options_path(context: Context, ask: d.Ask, answer: Path) -> Path:
    """Where the options of a question are written: under `answers`, or in the question."""
    if isinstance(ask.answer, str):
        shared = context.programme.answers[ask.answer]
        if not isinstance(shared, d.Answer):
            return ("answers", ask.answer)
        answer, inner = ("answers", ask.answer), shared
    else:
        inner = ask.answer
    kind = "choice" if inner.choice is not None else "multi"
    listed = getattr(inner, kind)
    return ("answers", listed) if isinstance(listed, str) else (*answer, kind)


@check("too-many-buttons", Severity.warning, fails="""\
answers:
  barrera: {tiempo: Tiempo, riesgo: Riesgo, ordenes: Órdenes, nada: Nada}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: barrera
        text: ¿Qué lo dificultó?
        answer: barrera
        level: behaviour
        template: aviso_barrera
""", passes="""\
answers:
  barrera: {tiempo: Tiempo, riesgo: Riesgo, ordenes: Órdenes, nada: Nada}
flows:
  aviso:
    title: Aviso
    kind: reflection
    steps:
      - ask: listo
        text: ¿Tiene un minuto?
        answer: yes_no
        level: behaviour
        template: aviso_listo
      - ask: barrera
        text: ¿Qué lo dificultó?
        answer: barrera
        level: behaviour
""")
def too_many_buttons(context: Context) -> Iterator[Finding]:
    """A question has more options than WhatsApp can show.

    In a conversation up to 3 options are buttons and up to 10 a list. A template, which opens a conversation, cannot carry
    a list: more than 3 options there need a template approved with that many buttons, and more than 10 fit nowhere.
    """
    for question in all_questions(context):
        answer = answer_of_or_none(context, question.ask)
        if answer is None or question.ask.options_in_text or answer.multi:
            continue
        count = len(options_of(context.programme, answer))
        if count > ITEMS:
            text = f"{count} options are too many for a list of WhatsApp, which holds {ITEMS}"
            yield Finding(question.answer, text, "Divide the question")
        elif count > BUTTONS and question.ask.template is not None:
            text = f"{count} options in a template, which carries {BUTTONS} buttons and no list"
            yield Finding(question.answer, text, "Open with a shorter question, or write the options in the text")


OPTIONS: tuple[Check, ...] = (
    option_without_branch, overlapping_aliases, keyword_option, unused_answer, button_too_long, list_item_too_long,
    too_many_buttons,
)
