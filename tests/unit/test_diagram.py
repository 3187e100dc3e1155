"""`trato diagram` and what it draws: the graph's own ways, in Spanish, as text that Mermaid and HTML cannot misread."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from app.cli.diagram import diagram as command
from app.errors import UsageError
from app.flows.diagram.content import END, START, WORDS, Diagram, DiagramEdge, DiagramNode, NodeKind, diagram
from app.flows.diagram.mermaid import MOST_EDGES, escaped, mermaid
from app.flows.diagram.page import page
from app.flows.diagram.wording import clean, short
from app.flows.diagram.words import FlowWords
from app.flows.engine.graph import graph
from app.flows.language.definition import Condition, Programme
from app.flows.loader import load
from tests.excerpts import whole
from tests.programmes import FIRST

SHIPPED = sorted((Path(__file__).parents[2] / "flows").glob("*.yaml"))

PROGRAMME = """
programme: dibujo
title: Programa de prueba
language: es-MX
timezone: America/Mexico_City
fields: [sector]
notices: {help: A., opted_out: B., opted_in: C., paused: "P {{ dias }}", nothing_open: N., unclear: U.}
principles:
  voz: {label: Dar voz}
flows:
  corto:
    title: "Un \\"reporte\\" corto"
    kind: report
    principle: voz
    reminder: {after: 24h, text: ¿Sigue?}
    steps:
      - ask: contacto
        text: "{{ nombre }}, ¿tuvo contacto?\\n1. Sí"
        answer: {yes_no: {}, missing: [d, r]}
        timeout: 2h
        go: {no: fin, missing: end, unclear: contacto}
      - branch: mira
        cases:
          - {when: {step: contacto, is: 1}, go: fin}
      - say: fin
        text: "Gracias #1 [end]."
        when: {step: contacto, answered: true}
        go: end
      - end: alto
  llama:
    title: Llama a otra
    kind: tip
    steps:
      - call: sub
        flow: llamada
        when: {field: sector, is: norte}
      - say: gracias
        text: Gracias.
  llamada:
    title: La llamada
    kind: reflection
    expires: 90m
    steps:
      - repeat: r
        text: "¿Qué tan {{ item | upper }} se siente, {{ nombre }}?"
        answer: {scale: {min: 1, max: 2, labels: {1: Nada, 2: Mucho}}}
        items: {uno: {text: alegre}, dos: {text: triste}}
      - ask: cuantos
        text: ¿Cuántos?
        answer: {number: {min: 0, max: 5}}
        timeout: 2h
        feedback: {else: Anotado.}
      - set: guarda
        values: {x: true, y: dos}
      - end: alto
        when: {step: cuantos, at_least: 1, at_most: 3}
"""

GOLDEN = """\
---
title: "Un \\"reporte\\" corto"
---
flowchart TD
    accTitle: Un #34;reporte#34; corto
    accDescr: Reporte · Dar voz. Si no contestan: se recuerda tras 24 horas y se termina tras 48 horas.
    n0(["Inicio"])
    n1["1 contacto<br/>{{ nombre }}, ¿tuvo contacto?<br/>#49;. Sí"]
    n2{"2 mira"}
    n3("3 fin<br/>Solo si contacto tiene respuesta<br/>Gracias #35;1 #91;end].")
    n4(["4 alto"])
    n5(["Fin"])
    n0 --> n1
    n1 -->|"Sí"| n2
    n1 -->|"No"| n3
    n1 -->|"no sé / prefiero no decir · sin respuesta en 2 horas"| n5
    n1 -->|"no se entendió"| n1
    n2 --> n3
    n3 --> n5
    n3 -->|"no se cumple la condición"| n4
    n4 --> n5
    classDef ask_step fill:#dce9f7,stroke:#566072,color:#1d2430
    class n1 ask_step
    classDef say_step fill:#e4f1e4,stroke:#566072,color:#1d2430
    class n3 say_step
    classDef branch_step fill:#fbeccb,stroke:#566072,color:#1d2430
    class n2 branch_step
    classDef stop_step fill:#f6e0de,stroke:#566072,color:#1d2430
    class n4 stop_step
"""


def _programme(source: str | bytes) -> Programme:
    loaded = load(source, "dibujo.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    return loaded.programme


SMALL = _programme(PROGRAMME)
LARGE = _programme(FIRST.read_bytes())
EVERY = [
    (programme, code)
    for programme in (SMALL, LARGE, *(_programme(file.read_bytes()) for file in SHIPPED))
    for code in programme.flows
]


def _leads(drawn: Diagram) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(edge.source, edge.target, edge.labels) for edge in drawn.edges]


# -- what is said ---------------------------------------------------------------------------------------------------


def test_mermaid_of_a_small_flow() -> None:
    assert mermaid(diagram(SMALL, "corto")) == GOLDEN


@pytest.mark.parametrize(("programme", "code"), EVERY, ids=[code for _, code in EVERY])
def test_the_ways_are_those_of_the_graph(programme: Programme, code: str) -> None:
    found = graph(programme, code)
    drawn = diagram(programme, code)
    assert [node.name for node in drawn.nodes] == [START, *found.nodes, END]
    assert [(edge.source, edge.target) for edge in drawn.edges] == [
        (START, found.start),
        *((edge.source, END if edge.target == "end" else edge.target) for edge in found.edges),
    ]
    for edge in drawn.edges:
        alone = sum(other.source == edge.source for other in drawn.edges) == 1
        asked = next(node for node in drawn.nodes if node.name == edge.source).kind is NodeKind.ask
        assert edge.labels or alone or edge.source in {"fin", "alto"}
        assert not (asked and not edge.labels)


def test_a_flow_that_is_called_is_named() -> None:
    sub = diagram(SMALL, "llama").nodes[1]
    assert sub == DiagramNode("sub", NodeKind.call, "Pasa por «La llamada» (llamada) y regresa.", "sector es norte")


def test_a_flow_that_is_called_can_be_written_out() -> None:
    drawn = diagram(SMALL, "llama", expand=True)
    assert [(node.name, node.within) for node in drawn.nodes[2:6]] == [
        ("sub.r_uno", ("sub",)),
        ("sub.r_dos", ("sub",)),
        ("sub.cuantos", ("sub",)),
        ("sub.guarda", ("sub",)),
    ]
    assert _leads(drawn) == [
        (START, "sub", ()),
        ("sub", "sub.r_uno", ()),
        ("sub", "gracias", ("no se cumple la condición",)),
        ("sub.r_uno", "sub.r_dos", ("cualquier respuesta",)),
        ("sub.r_dos", "sub.cuantos", ("cualquier respuesta",)),
        ("sub.cuantos", "sub.guarda", ("cualquier respuesta", "no se entendió")),
        ("sub.cuantos", "gracias", ("sin respuesta en 2 horas",)),
        ("sub.guarda", "sub.alto", ()),
        # An `end` ends everything; the end of what was called does not.
        ("sub.alto", END, ()),
        ("sub.alto", "gracias", ("no se cumple la condición",)),
        ("gracias", END, ()),
    ]


def test_the_steps_in_words() -> None:
    nodes = {node.name: node for node in diagram(SMALL, "llamada").nodes}
    assert nodes["r_uno"].text == "¿Qué tan ALEGRE se siente, {{ nombre }}?"
    assert nodes["r_uno"].notes == ("Se contesta: del 1 al 2: 1 Nada · 2 Mucho",)
    assert nodes["cuantos"].notes == ("Se contesta: un número de 0 a 5", "A toda respuesta: Anotado.")
    assert nodes["guarda"].text == "x = sí\ny = dos"
    assert nodes["alto"].condition == "cuantos va de 1 a 3"


def test_variants_are_named() -> None:
    varied = _programme(
        PROGRAMME.replace("    kind: tip\n", "    kind: tip\n    variants: [directo, historia]\n").replace(
            "{field: sector, is: norte}", "{var: variant, is: directo}"
        )
    )
    assert "A cada oficial le toca al azar una versión: directo, historia." in diagram(varied, "llama").about


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"step": "contacto", "is": "si"}, "contacto es «Sí»"),
        ({"step": "contacto", "is": 0}, "contacto es «No»"),
        ({"step": "contacto", "in": ["si", "d"]}, "contacto es «Sí» o «no sé»"),
        ({"step": "contacto", "answered": False}, "contacto no tiene respuesta"),
        ({"var": "x", "at_least": 2}, "x es 2 o más"),
        ({"field": "grado", "at_most": 1.5}, "grado es 1.5 o menos"),
        ({"field": "activo", "is": True}, "activo es sí"),
        ({"var": "variant", "is": "historia"}, "la versión es historia"),
        ({"not": {"var": "x", "is": 1}}, "no se cumple que x es 1"),
        (
            {"all": [{"var": "x", "is": 1}, {"any": [{"var": "y", "is": 2}, {"var": "z", "is": 3}]}]},
            "x es 1 y (y es 2 o z es 3)",
        ),
    ],
)
def test_conditions_in_words(condition: dict[str, object], told: str) -> None:
    steps = {name: node.step for name, node in graph(SMALL, "corto").nodes.items()}
    assert FlowWords(SMALL, steps).condition(Condition.model_validate(condition)) == told


# -- the page -------------------------------------------------------------------------------------------------------


class Read(HTMLParser):
    """A page as a browser reads it: its elements, its words, the identifiers and the targets of its links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.written: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.written).split())


@pytest.mark.parametrize(("programme", "code"), EVERY, ids=[code for _, code in EVERY])
@pytest.mark.parametrize("expand", [False, True])
def test_every_flow_has_its_page(programme: Programme, code: str, expand: bool) -> None:
    drawn = diagram(programme, code, expand=expand)
    read = Read(page(drawn))
    assert [name for name in read.ids if not name.endswith("-name")] == [node.name for node in drawn.nodes]
    for number, node in enumerate(drawn.nodes[1:-1], 1):
        assert " ".join(node.text.split()) in read.words
        assert f"{number} {node.name.rpartition('.')[2]} {WORDS[node.kind]}" in read.words
    for edge in drawn.edges:
        assert " ".join(" · ".join(edge.labels).split()) in read.words
    assert page(diagram(programme, code, expand=expand)) == page(drawn)


@pytest.mark.parametrize(("programme", "code"), EVERY, ids=[code for _, code in EVERY])
def test_every_way_is_a_link_or_an_arrow(programme: Programme, code: str) -> None:
    drawn = diagram(programme, code, expand=True)
    html = page(drawn)
    read = Read(html)
    following = dict(zip([node.name for node in drawn.nodes], [node.name for node in drawn.nodes[1:]], strict=False))
    linked = {edge.target for edge in drawn.edges if edge.labels or edge.target != following[edge.source]} - {START}
    assert {f"#{target}" for target in linked} <= set(read.links) <= {f"#{name}" for name in read.ids}
    assert len(read.ids) == len(set(read.ids))
    arrows = {edge.source for edge in drawn.edges if edge.target == following[edge.source]}
    assert html.count('<p class="arrow"') == len(arrows)


def test_a_jump_is_a_link_there_and_back() -> None:
    html = page(diagram(LARGE, "reporte_voz"))
    barrier = html[html.index('id="barrera"') : html.index("</article>", html.index('id="barrera"'))]
    assert '<a href="#barrera">→ 4 barrera</a>' in html
    assert '<p class="jumps">Se llega desde <a href="#aplico">2 aplico</a></p>' in barrier


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    html = page(diagram(SMALL, "corto"))
    style = html[html.index("<style>") + len("<style>") : html.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in html
    assert not re.search(r"url\(|@import|https?:|style=|\bon\w+=", html)


# -- any text at all ------------------------------------------------------------------------------------------------

ANYTHING = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    [
        "",
        "end",
        "1. Uno",
        "- dos",
        '"]--> n9',
        "%%{init: 1}%%",
        "]]>",
        "&amp;",
        "<b>",
        "#35;",
        "\x00\x1b[2J",
        "😀‍👮",
        "a" * 900,
        "$$x$$",
        "C:\\nuevo",
    ]
)
LABEL = re.compile(r'n\d+(?:\(\["|\("|\["|\{"|\[/"|\[\[")([^"\n]*)"\S+')
EDGE = re.compile(r'n\d+ -->(?:\|"([^"\n]+)"\|)? n\d+')


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    kinds = draw(
        st.lists(
            st.sampled_from([kind for kind in NodeKind if kind not in {NodeKind.start, NodeKind.end}]),
            min_size=1,
            max_size=6,
        )
    )
    steps = [
        DiagramNode(f"s{place}", kind, draw(ANYTHING), draw(ANYTHING), tuple(draw(st.lists(ANYTHING, max_size=2))))
        for place, kind in enumerate(kinds)
    ]
    names = [step.name for step in steps]
    edges = [
        DiagramEdge(source, target, tuple(draw(st.lists(ANYTHING, max_size=2))))
        for source in names
        for target in draw(st.lists(st.sampled_from([*names, END]), min_size=1, max_size=4, unique=True))
    ]
    nodes = (DiagramNode(START, NodeKind.start), *steps, DiagramNode(END, NodeKind.end))
    return Diagram("p", "f", draw(ANYTHING), (draw(ANYTHING),), nodes, (DiagramEdge(START, names[0]), *edges))


ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "p", "ol", "ul", "li", "article", "span", "a",
}  # fmt: skip


@settings(deadline=None)
@given(diagrams())
def test_the_page_has_only_its_own_elements_whatever_is_written(drawn: Diagram) -> None:
    read = Read(page(drawn))
    assert set(read.elements) <= ELEMENTS
    own = {"lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "aria-hidden", "aria-labelledby"}
    assert read.attributes <= own
    written = "".join(read.words.split())
    for text in (
        drawn.title,
        *drawn.about,
        *(node.text for node in drawn.nodes),
        *(note for node in drawn.nodes for note in node.notes),
    ):
        assert "".join(clean(text).split()) in written


@settings(deadline=None)
@given(diagrams())
def test_mermaid_has_only_its_own_syntax_whatever_is_written(drawn: Diagram) -> None:
    text = mermaid(drawn)
    _, title, _, *lines = text.split("\n")
    assert json.loads(title.removeprefix("title: ")) == clean(drawn.title)
    lines = [line.strip() for line in lines[3:-1]]
    styles = [line for line in lines if re.fullmatch(r"classDef \w+_step \S+|class [n\d,]+ \w+_step", line)]
    nodes = [line for line in lines if LABEL.fullmatch(line)]
    edges = [line for line in lines if EDGE.fullmatch(line)]
    assert (len(nodes), len(edges)) == (len(drawn.nodes), len(drawn.edges))
    assert len(nodes) + len(edges) + len(styles) == len(lines)


@given(ANYTHING)
def test_an_escaped_label_says_the_same(text: str) -> None:
    label = escaped(clean(text))
    assert not re.search(r'["&\[\\`%$\n]|#(?!\d+;)|<(?!br/>)', label)
    read = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label.replace("<br/>", "\n"))
    assert re.sub(r"(?<=[$\\])\u200b", "", read) == clean(text)


@pytest.mark.parametrize(
    ("text", "coded"),
    [
        ("12 de 3.5 - uno", "12 de 3.5 - uno"), ("3. tres", "#51;. tres"), ("sin_contacto: {{ nombre }}", "sin_contacto: {{ nombre }}"),
        ("__fuerte__", "#95;#95;fuerte#95;#95;"), ("fa:fa-car", "fa#58;fa-car"), ("www.x.mx", "www#46;x.mx"), ("a\n- b", "a<br/>#45; b"),
    ],
)  # fmt: skip
def test_what_mermaid_would_misread_is_coded_and_nothing_else(text: str, coded: str) -> None:
    assert escaped(text) == coded


@given(ANYTHING, st.integers(5, 60))
def test_a_short_text_is_short(text: str, longest: int) -> None:
    cut = short(text, longest)
    assert len(cut) <= longest
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


# -- the command ----------------------------------------------------------------------------------------------------

app = typer.Typer()
app.command()(command)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    (tmp_path / "dibujo.yaml").write_text(PROGRAMME, encoding="utf-8")
    return tmp_path


def run(flows: Path, *arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in (*arguments, "--flows", flows)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_mermaid_goes_to_standard_output(flows: Path) -> None:
    assert run(flows, "corto").stdout == GOLDEN


def test_html_by_the_format_and_by_the_name_of_the_file(flows: Path) -> None:
    file = flows / "nueva" / "corto.HTML"
    result = run(flows, "corto", "--output", file)
    assert result.stdout == ""
    assert (
        file.read_text(encoding="utf-8")
        == run(flows, "corto", "--format", "html").stdout
        == page(diagram(SMALL, "corto"))
    )


def test_json_gives_nodes_and_edges(flows: Path) -> None:
    found = json.loads(run(flows, "corto", "--json").stdout)
    assert [node["name"] for node in found["nodes"]] == ["START", "contacto", "mira", "fin", "alto", "END"]
    assert {"source": "contacto", "target": "mira", "labels": ["Sí"]} in found["edges"]


@pytest.mark.parametrize(
    ("arguments", "suffix"), [((), "html"), (("--format", "mermaid"), "mmd"), (("--json",), "json")]
)
def test_every_flow_into_a_folder(flows: Path, arguments: tuple[str, ...], suffix: str) -> None:
    folder = flows / "dibujos"
    run(flows, "--all", "--output", folder, *arguments)
    assert {file.name for file in folder.iterdir()} == {f"{code}.{suffix}" for code in SMALL.flows}


def test_what_mermaid_would_refuse_is_said(flows: Path) -> None:
    steps = "".join(
        f"      - {{ask: p{place}, text: ¿Y?, answer: yes_no, go: {{no: end}}}}\n"
        for place in range(MOST_EDGES // 2 + 1)
    )
    (flows / "dibujo.yaml").write_text(
        f"{PROGRAMME}  largo:\n    title: L\n    kind: tip\n    steps:\n{steps}", encoding="utf-8"
    )
    assert "--format html has no limit" in run(flows, "largo").stderr
    assert run(flows, "largo", "--format", "html").stderr == run(flows, "corto").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cotro",), "Did you mean corto"),
        (("corto", "--programme", "dibujar"), "Did you mean dibujo"),
        ((), "name one flow, or every one with --all"),
        (("corto", "--all"), "name one flow, or every one with --all"),
        (("--all",), "name a folder with --output"),
        (("corto", "--json", "--format", "html"), "leave --format out"),
        (("corto", "--output", "corto.png"), "call it .html or .mmd"),
        (("corto", "--output", "/dev/null/corto.html"), "cannot be written"),
    ],
)
def test_a_wrong_argument_is_a_usage_error(flows: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        run(flows, *arguments)


def test_every_flow_of_several_programmes_needs_the_programme(flows: Path) -> None:
    (flows / "otra.yaml").write_text(PROGRAMME.replace("programme: dibujo", "programme: otra"), encoding="utf-8")
    with pytest.raises(UsageError, match="dibujo, otra: choose"):
        run(flows, "--all", "--output", flows / "d")
    run(flows, "--all", "--output", flows / "d", "--programme", "otra")
    assert len(list((flows / "d").iterdir())) == len(SMALL.flows)


def test_openings_and_crossed_forms_are_named() -> None:
    source = """\
openings: {calle: [{text: Una., template: una}, {text: Dos., template: dos}]}
flows:
  saber:
    title: Saber
    kind: quiz
    variants: [a, b]
    crossover: forma
    steps:
      - {ask: uno, opening: calle, when: {var: variant, is: a}, text: '¿Uno?', answer: yes_no}
      - {ask: dos, when: {var: variant, is: b}, text: '¿Dos?', answer: yes_no}
campaigns:
  c: {title: C, anchor: workshop_date, window: {from: "10:00", to: "19:00"}, waves: {w: {suffix: bl, day: 1, flows: [saber]}}}
"""
    about = diagram(_programme(whole(source)), "saber").about
    assert "A cada oficial le toca al azar una versión, y en la ola siguiente otra: a, b." in about
    assert "Empieza con una de 2 aperturas que se turnan: «calle»." in about
