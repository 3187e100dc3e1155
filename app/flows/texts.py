"""Every text of a programme that people read, with its place and the context that a translator or reviewer needs
without seeing the file: the kind of text, and the texts around it. A step is identified by its name, an option by
its key, as in `diff.py`. Writes other wordings in their
places, byte for byte around them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.flows.checks.base import Context
from app.flows.checks.lookup import answer_of_or_none
from app.flows.checks.walk import LocatedQuestion, option_lists, steps
from app.flows.checks.walk import texts as translatable
from app.flows.engine.compiled import options_of, step_name
from app.flows.language import definition as d
from app.flows.language.notices import Notices
from app.flows.language.safety import HelpLine
from app.flows.language.vocabulary import Text
from app.flows.yaml.emit import Value
from app.flows.yaml.rewrite import rewrite
from app.flows.yaml.source import Path

_LONGEST = 160
"""Length limit of a text quoted as context, in characters."""


@dataclass(frozen=True, slots=True)
class FlowText:
    """One text. `path` is its place in the file and `place` that place in words; `texts` has it in each of its
    languages.

    `plain`: written as one string. `fixed`: cannot have translations. `bare`: an option written as `key: label`,
    whose label must become a key of its own before it can have translations.
    """

    path: Path
    place: str
    kind: str
    context: str
    texts: Mapping[str, str]
    plain: bool
    fixed: bool = False
    bare: bool = False


def entries(context: Context) -> tuple[FlowText, ...]:
    """The texts of a programme without errors, in the order of its file."""
    reader = _Reader(context)
    found = [*reader.wordings(), *reader.strings()]
    return tuple(sorted(found, key=lambda entry: context.source.place(entry.path)))


def languages(programme: d.Programme, listed: tuple[FlowText, ...]) -> tuple[str, ...]:
    """The programme's own language, its others, and any other language that a text has."""
    used = sorted({language for entry in listed for language in entry.texts})
    return tuple(dict.fromkeys((programme.language, *programme.languages, *used)))


def owner(entry: FlowText, own: str) -> str | None:
    """The language key of a text in the programme's own language: `es` serves `es-MX`."""
    return next((language for language in (own, own.partition("-")[0]) if language in entry.texts), None)


Wordings = Mapping[str, str]
"""New wordings of one text by language, "" for none."""


def write(text: str, edits: Iterable[tuple[FlowText, Wordings]]) -> str:
    """The text of a file with these wordings, each text once. The space around an old wording stays: it belongs to the file. Raises
    Unwritable for what cannot be replaced in place."""
    return rewrite(text, {entry.path: _value(entry, wordings) for entry, wordings in edits})


def _value(entry: FlowText, wordings: Wordings) -> Value:
    """The value to write: the whole text, in all its languages."""
    framed = {language: _framed(entry.texts.get(language, ""), new) for language, new in wordings.items()}
    texts = {language: text for language, text in {**entry.texts, **framed}.items() if text}
    if entry.plain and texts.keys() == entry.texts.keys():
        return next(iter(texts.values()))
    return {"label": texts} if entry.bare else texts


def _framed(before: str, after: str) -> str:
    if not after or not before.strip():
        return after
    start = len(before) - len(before.lstrip())
    return before[:start] + after + before[len(before.rstrip()) :]


@dataclass(frozen=True, slots=True)
class _Reader:
    context: Context

    @property
    def programme(self) -> d.Programme:
        return self.context.programme

    def wordings(self) -> Iterator[FlowText]:
        """Texts that may be translated."""
        options = {(*path, key) for path, listed in option_lists(self.context) for key in listed}
        for path, text in translatable(self.context):
            kind, context = self.about(path)
            bare = path in options
            place = self.named((*path, "label") if bare else path)
            yield FlowText(path, place, kind, context, self.by_language(text), isinstance(text, str), bare=bare)

    def strings(self) -> Iterator[FlowText]:
        """Texts that have no translations."""
        programme = self.programme
        yield self.fixed(("title",), "título", "Nombre del programa, para el equipo", programme.title)
        yield from self.responsible()
        for code, campaign in programme.campaigns.items():
            yield self.fixed(
                ("campaigns", code, "title"), "título", "Nombre de la campaña, para el equipo", campaign.title
            )
        yield from self.evaluation()
        yield from self.code_book()
        for code, openings in programme.openings.items():
            for place, one in enumerate(openings):
                yield from self.values(("openings", code, place), f"Apertura {place + 1} de «{code}»", one)
        for code, flow in programme.flows.items():
            yield self.fixed(
                ("flows", code, "title"), "título", "Nombre de la conversación, para el equipo", flow.title
            )
            yield from self.variables(("flows", code, "reminder"), flow.reminder)
        for _, path, step in steps(self.context):
            yield from self.variables(path, step)

    def evaluation(self) -> Iterator[FlowText]:
        """Texts of the study and of what is made of answers."""
        programme, study = self.programme, self.programme.study
        if study is not None:
            yield self.fixed(("study", "title"), "título", "Nombre del estudio, para el equipo", study.title)
            for code, arm in study.arms.items():
                if arm.label is not None:
                    place = ("study", "arms", code, "label")
                    yield self.fixed(place, "título", f"Nombre del grupo «{code}», para el equipo", arm.label)
        for part, kind, measures in (
            ("reports", "del reporte", programme.reports),
            ("scores", "del puntaje", programme.scores),
        ):
            for code, measure in measures.items():
                yield self.fixed((part, code, "title"), "título", f"Nombre {kind}, para el equipo", measure.title)
        for code, meaning in programme.misconceptions.items():
            yield self.fixed(("misconceptions", code), "título", "Idea equivocada, para el equipo", meaning)

    def responsible(self) -> Iterator[FlowText]:
        """The responsible authority, and the contact with their telephone."""
        programme = self.programme
        if programme.authority is not None:
            yield self.fixed(("authority",), "responsable", "Responsable de los datos personales", programme.authority)
        if programme.contact is not None:
            about = d.Programme.model_fields["contact"].description or ""
            yield self.fixed(("contact", "name"), "contacto", about, programme.contact.name)
            if programme.contact.person is not None:
                yield self.fixed(("contact", "person"), "contacto", about, programme.contact.person)

    def code_book(self) -> Iterator[FlowText]:
        """Texts of the code book."""
        for name, coding in self.programme.codes.items():
            yield self.fixed(
                ("codes", name, "title"),
                "título",
                f"De qué trata la variable «{name}», para quien codifica",
                coding.title,
            )
            for code, meaning in coding.codes.items():
                yield self.fixed(
                    ("codes", name, "codes", code),
                    "código",
                    f"Cuándo se usa «{code}» de «{name}», para quien codifica",
                    meaning,
                )

    def variables(self, path: Path, holder: object) -> Iterator[FlowText]:
        """Values of the variables of a flow's WhatsApp templates."""
        yield from self.values(path, self.programme.flows[str(path[1])].title, holder)

    def values(self, path: Path, title: str, holder: object) -> Iterator[FlowText]:
        """Values of the variables of one WhatsApp template."""
        for place, value in enumerate(getattr(holder, "variables", ())):
            about = (
                f"{title}. Valor {place + 1} de la plantilla de WhatsApp «{getattr(holder, 'template', None) or ''}»"
            )
            yield self.fixed((*path, "variables", place), "valor de plantilla", about, value)

    def fixed(self, path: Path, kind: str, context: str, text: str) -> FlowText:
        return FlowText(path, self.named(path), kind, context, {self.programme.language: text}, plain=True, fixed=True)

    def by_language(self, text: Text) -> Mapping[str, str]:
        return {self.programme.language: text} if isinstance(text, str) else text

    def own(self, text: Text | None) -> str:
        """A text in the programme's language, short, for context."""
        if text is None:
            return ""
        given = self.by_language(text)
        said = " ".join((given.get(self.programme.language) or next(iter(given.values()))).split())
        return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"

    def named(self, path: Path) -> str:
        """A path in words: `flows.reporte_voz.steps.contacto.text`; parts without a name are counted from 1."""
        parts = list(map(str, path))
        if path[0] == "openings":
            parts[2] = str(int(parts[2]) + 1)
        if path[0] == "help_lines":
            parts[1] = str(int(parts[1]) + 1)
        if path[0] == "flows" and path[2:3] == ("steps",):
            parts[3] = step_name(self.step(path))
        if path[-2:-1] == ("variables",):
            parts[-1] = str(int(parts[-1]) + 1)
        return ".".join(parts)

    def step(self, path: Path) -> d.Step:
        return self.programme.flows[str(path[1])].steps[int(str(path[3]))]

    # -- kind and context --

    def about(self, path: Path) -> tuple[str, str]:
        """The kind of a text, and the texts around it."""
        match path:
            case ("notices", str(name)):
                return "texto fijo", Notices.model_fields[name].description or ""
            case ("help_lines", _, str(key)):
                return "línea de ayuda", HelpLine.model_fields[key].description or ""
            case ("reading_hours" | "reply_time" as name,):
                return "horario", d.Programme.model_fields[name].description or ""
            case ("facts", _):
                return "dato", d.Programme.model_fields["facts"].description or ""
            case ("openings", str(name), int(place), "text"):
                own = self.programme.openings[name][place]
                return "apertura", f"Apertura {place + 1} de «{name}»: después va la pregunta{_template(own)}"
            case ("principles", code, "label"):
                return "principio", f"Nombre del principio «{code}»"
            case ("principles", code, _):
                return "significado", f"Qué quiere decir el principio «{code}»"
            case ("answers", str(name), *rest):
                return ("punto de escala" if "labels" in rest else "opción"), self.users(name)
            case ("flows", str(code), "reminder", *_):
                flow = self.programme.flows[code]
                return "recordatorio", f"{flow.title}. A quien no ha contestado{_template(flow.reminder)}"
            case _:
                return self.in_step(self.step(path), path)

    def users(self, name: str) -> str:
        """The questions that use a shared answer."""
        asked = [
            self.own(step.text or next(iter(step.items.values())).text if isinstance(step, d.Repeat) else step.text)
            for flow in self.programme.flows.values()
            for step in flow.steps
            if isinstance(step, d.Ask | d.Repeat) and _uses(step.answer, name)
        ]
        first = f": «{asked[0]}»" if asked else ""
        more = f" y {len(asked) - 1} más" if len(asked) > 1 else ""
        return f"Respuesta compartida «{name}»{first}{more}"

    def in_step(self, step: d.Step, path: Path) -> tuple[str, str]:
        title = self.programme.flows[str(path[1])].title
        asked = self.own(getattr(step, "text", None))
        question = f"{title}. Pregunta: «{asked}»" if asked else title
        match path[4:], step:
            case ("text",), _:
                kinds = {d.Say: "mensaje", d.End: "mensaje final"}
                return kinds.get(type(step), "pregunta"), f"{title}{self.before(path)}{_template(step)}"
            case ("unclear",), _:
                return "aclaración", f"{question}. Si no se entendió la respuesta"
            case ("feedback", key), d.Ask():
                return "retroalimentación", f"{question}. {self.given(path, step, str(key))}"
            case ("items", _, "text"), _:
                return "reactivo", question
            case (*_, "labels", _), _:
                return "punto de escala", question
            case _:
                return "opción", question

    def before(self, path: Path) -> str:
        """The text of the step before, if any."""
        place = int(str(path[3]))
        said = self.own(getattr(self.step((*path[:3], place - 1)), "text", None)) if place else ""
        return f". Antes: «{said}»" if said else ""

    def given(self, path: Path, step: d.Ask, key: str) -> str:
        """The answer that a feedback belongs to."""
        answer = answer_of_or_none(self.context, LocatedQuestion(str(path[1]), path[:4], step, (*path[:4], "answer")))
        option = options_of(self.programme, answer).get(key) if answer else None
        return f"A quien contesta «{self.own(option.label)}»" if option else "A quien contesta otra cosa"


def _template(holder: object) -> str:
    name = getattr(holder, "template", None)
    return f". Es la plantilla de WhatsApp «{name}»: si cambia, debe aprobarse de nuevo" if name else ""


def _uses(answer: object, name: str) -> bool:
    return answer == name or (isinstance(answer, d.Answer) and name in (answer.choice, answer.multi))
