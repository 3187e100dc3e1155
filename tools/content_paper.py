"""docs/contenido.md: every text of the programmes that ship, for the lawyers and officers who read them before the first is sent. Made from
the flow files: purpose, source and what a lawyer must confirm are their `reviews`; lengths, SMS and reading ease are counted here.

* `python -m tools.content_paper` writes it
* with `--check`: exit code 1 if it is not what the flow files say
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.flows.burden import questions_by_flow
from app.flows.checks.base import Context
from app.flows.checks.messages import sent
from app.flows.engine.compiled import answer_of, expand, options_of
from app.flows.language.definition import Ask, FlowKind, Programme
from app.flows.language.reviews import Review
from app.flows.loader import load
from app.flows.reviews import review_of
from app.flows.segments import measure
from app.flows.texts import FlowText, entries
from tools.reading_ease import reading_ease

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "contenido.md"
FILES = (ROOT / "flows" / "principles.yaml", ROOT / "docs" / "mandos" / "mandos.yaml")

HEAD = """\
# Los textos, para quien los revisa

<!-- Lo escribe `python -m tools.content_paper` a partir de los archivos de flujos: no lo edite. -->

Aquí está cada texto que puede recibir un oficial, con su propósito, de dónde sale y lo que debe confirmar un abogado o una abogada. Nadie
los ha confirmado mientras su renglón diga «Confirmó: ______». Cuando alguien lo haga, quien coordina escribe en el archivo de flujos, bajo
`reviews`, `confirmed_by` con el nombre y `confirmed_on` con la fecha; nunca antes. `trato check --for-launch` dice qué falta, y `trato flows
export` da lo mismo en una hoja de cálculo.

Ningún texto se ha probado con oficiales y ningún número se ha marcado. Un lector con ojos frescos leyó como en voz alta los mensajes de los
cuatro principios, en el papel de tres oficiales: era un modelo de lenguaje, no un oficial. Por lo que señaló se cambió lo que acusaba, lo que
prometía de más, lo que no se dice así en la calle y lo que daba la respuesta; y el consentimiento avisa que hay preguntas sobre los mandos.
Antes de medir: ocho personas en voz alta y luego un piloto de cuarenta; después se quitan o cambian las preguntas que casi todos aciertan o
casi nadie.

- **Letras**: las del texto. **SMS**: cuántos cuesta, con sus opciones (con una sola á, í, ó o ú, un SMS lleva 70 letras en vez de 160).
- **Lectura**: qué tan fácil es de leer, según Fernández-Huerta: desde 90 muy fácil, 60 a 70 como la mayoría de los periódicos, menos de 50
  difícil. De un texto de menos de diez palabras no dice nada.
- Lo que va entre llaves dobles lo llena el servicio. Lo que va entre paréntesis lo cambia cada ciudad por el dato real.
"""
KINDS = {
    FlowKind.consent: "consentimiento",
    FlowKind.tip: "consejo",
    FlowKind.vignette: "caso con respuesta",
    FlowKind.plan: "plan",
    FlowKind.report: "reporte",
    FlowKind.reflection: "reflexión",
    FlowKind.story: "historia",
    FlowKind.quiz: "medición",
    FlowKind.survey: "medición",
}
SECTIONS = {
    "title": "Título",
    "help_lines": "Líneas de ayuda",
    "reading_hours": "Horario",
    "reply_time": "Plazo",
    "facts": "Datos de la ciudad",
    "notices": "Textos fijos",
    "principles": "Los principios",
    "misconceptions": "Ideas equivocadas",
    "openings": "Aperturas de los reportes",
    "answers": "Opciones compartidas",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One text with its figures; `segments` is None for what is never sent by itself."""

    place: str
    text: str
    segments: int | None

    def row(self, within: str) -> str:
        """A row of a table."""
        ease = reading_ease(self.text)
        cells = (
            f"`{self.place.removeprefix(f'{within}.')}`",
            self.text.strip().replace("|", "\\|").replace("\n", "<br>"),
            len(self.text),
            "" if self.segments is None else self.segments,
            "" if ease is None else round(ease),
        )
        return "| " + " | ".join(map(str, cells)) + " |"


def paper() -> str:
    """The whole paper."""
    parts = [HEAD]
    for file in FILES:
        loaded = load(file.read_bytes(), file.name)
        if loaded.context is None or loaded.programme is None:
            raise SystemExit(f"{file} has errors: trato check {file.parent}")
        parts.append("\n".join(_programme(loaded.context, loaded.programme, file)))
    return "\n".join(parts)


def _programme(context: Context, programme: Programme, file: Path) -> Iterator[str]:
    yield f"## {programme.title}\n"
    yield f"Archivo: `{file.relative_to(ROOT)}`.\n"
    yield from _lawyer(programme)
    yield from _burden(programme)
    yield from _items(programme)
    yield from _texts(context, programme)


def _lawyer(programme: Programme) -> Iterator[str]:
    """What a lawyer must confirm, place by place."""
    asked = [(place, review) for place, review in programme.reviews.items() if review.lawyer]
    if asked:
        yield "### Qué debe confirmar un abogado o una abogada\n"
        yield "| lugar | qué | confirmó, fecha |\n|---|---|---|"
        yield from (
            f"| `{place}` | {review.lawyer} | {_confirmed(review_of(programme, place))} |" for place, review in asked
        )
        yield ""


def _confirmed(review: Review) -> str:
    return f"{review.confirmed_by}, {review.confirmed_on}" if review.confirmed_by else "______"


def _burden(programme: Programme) -> Iterator[str]:
    """How many questions an officer gets at most."""
    most = questions_by_flow(programme)
    yield "### Cuánto se pregunta\n"
    yield "| conversación | para qué | preguntas, a lo más |\n|---|---|---|"
    for code, flow in programme.flows.items():
        yield f"| {flow.title} | {KINDS[flow.kind]} | {most[code]} |"
    yield ""
    for campaign in programme.campaigns.values():
        for name, wave in campaign.waves.items():
            each = [most[code] for code in wave.flows]
            yield f"- Medición «{name}»: {sum(each)} preguntas en {len(each)} {'conversación' if len(each) == 1 else 'conversaciones'}."
    yield ""


def _items(programme: Programme) -> Iterator[str]:
    """The measured items with a right answer: lengths and positions."""
    asked = [
        step
        for flow in programme.flows.values()
        if flow.kind is FlowKind.quiz
        for step in expand(flow)
        if isinstance(step, Ask) and step.correct is not None
    ]
    if not asked:
        return
    yield "### Las preguntas de conocimiento\n"
    yield "La clave no debe ser casi siempre la más larga ni la más corta, ni caer en un mismo lugar. Con empate no es ni una ni otra.\n"
    yield "| pregunta | principio | letras de las opciones | clave | es la | letras | SMS | lectura |\n|---|---|---|---|---|---|---|---|"
    for step in asked:
        answer = answer_of(programme, step.answer)
        options = options_of(programme, answer)
        lengths = [len(str(option.label)) for option in options.values()]
        place = list(options).index(str(step.correct))
        text, alone = str(step.text), lengths.count(lengths[place]) == 1
        extreme = (
            "más larga" if lengths[place] == max(lengths) else "más corta" if lengths[place] == min(lengths) else ""
        )
        cells = (
            step.ask.upper(),
            step.principle,
            ", ".join(map(str, lengths)),
            place + 1,
            extreme if alone else "",
            len(text),
            measure(text).segments,
            round(reading_ease(text) or 0),
        )
        yield "| " + " | ".join(map(str, cells)) + " |"
    yield ""


def _texts(context: Context, programme: Programme) -> Iterator[str]:
    """Every text, under its flow or section."""
    segments = {wording.path: measure(text).segments for wording, text in sent(context)}
    groups: dict[str, list[Line]] = {}
    for entry in entries(context):
        if not entry.place.endswith(".title") and ".variables." not in entry.place:
            text = entry.texts[programme.language]
            groups.setdefault(_group(entry), []).append(Line(entry.place, text, segments.get(entry.path)))
    yield "### Los textos\n"
    for group, lines in groups.items():
        flow = programme.flows.get(group.removeprefix("flows."))
        yield f"#### {SECTIONS.get(group, group) if flow is None else flow.title}\n"
        yield from _about(programme, group)
        yield "| lugar | texto | letras | SMS | lectura |\n|---|---|---|---|---|"
        yield from (line.row(group) for line in lines)
        yield ""


def _group(entry: FlowText) -> str:
    """The flow of a text, or its section of the file."""
    return ".".join(map(str, entry.path[:2])) if entry.path[0] == "flows" else str(entry.path[0])


def _about(programme: Programme, group: str) -> Iterator[str]:
    """What the reviews say of a group, and of places in it."""
    places = [place for place in programme.reviews if place == group or place.startswith(f"{group}.")]
    for place in places:
        review = programme.reviews[place]
        about = (("", review.purpose), ("De dónde sale: ", review.evidence), ("Un abogado confirma: ", review.lawyer))
        name = "" if place == group else f"`{place.removeprefix(f'{group}.')}`: "
        yield f"- {name}{' '.join(f'{word}{text}' for word, text in about if text)} Confirmó: {_confirmed(review_of(programme, place))}"
    if places:
        yield ""


def main(arguments: list[str]) -> int:
    """Write or compare."""
    made = paper()
    if arguments == ["--check"]:
        if TARGET.read_text(encoding="utf-8") != made:
            print("docs/contenido.md is not what the flow files say: python -m tools.content_paper", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
