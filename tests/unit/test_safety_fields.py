"""Help lines, contact, reading hours and own wordings of a programme: as texts use them, and what is refused."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.flows.engine.compiled import bind
from app.flows.language.problems import Problem
from app.flows.language.safety import is_placeholder
from app.flows.loader import launch, launch_blockers, lint, load
from app.flows.replies.acts import act_of
from app.flows.replies.message import ActKind
from tests.excerpts import whole

ROOT = Path(__file__).parent.parent.parent
HELP = """\
language: es-MX
languages: [en]
contact: {person: Alma Rivera, name: Oficina del taller, telephone: 55 0000 0000, email: taller@example.org}
reply_time: {es: dos días hábiles, en: two working days}
reading_hours: {es: "de lunes a viernes, de 9 a 18 horas", en: "Monday to Friday, 9 to 18"}
help_lines:
  - {name: Emergencias, telephone: 911, hours: {es: 24 horas, en: 24 hours}}
  - {name: Línea de la Vida, telephone: 800 911 2000, hours: {es: 24 horas, en: 24 hours}}
notices:
  help: "Responsable: {{ contacto }}."
  opted_out: Ya no le escribiremos.
  opted_in: Le escribiremos de nuevo.
  paused: "Hacemos una pausa de {{ dias }} días."
  nothing_open: "Gracias, {{ nombre }}."
  unclear: Responda con el número, por favor.
  support:
    es: "Llame: {{ lineas_ayuda }}. Se lee {{ horario_lectura }}."
    en: "{{ plazo }}. Call: {{ lineas_ayuda }}. Read {{ horario_lectura | upper }}."
"""


def _problems(excerpt: str) -> list[Problem]:
    loaded = load(whole(excerpt), "f.yaml")
    return [*loaded.problems, *lint(loaded)]


def _errors(excerpt: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.text) for problem in load(whole(excerpt), "f.yaml").problems]


def test_texts_name_the_contact_the_lines_and_the_hours_in_each_language() -> None:
    loaded = load(whole(HELP), "f.yaml")
    assert loaded.programme is not None, loaded.problems
    notices = bind(loaded.programme, "v").notices
    assert (
        notices["help"].of("es").render({})
        == "Responsable: Alma Rivera, Oficina del taller, 55 0000 0000, taller@example.org."
    )
    assert notices["support"].of("es-MX").render({}) == (
        "Llame: Emergencias: 911 (24 horas); Línea de la Vida: 800 911 2000 (24 horas). "
        "Se lee de lunes a viernes, de 9 a 18 horas."
    )
    assert notices["support"].of("en").render({}).startswith("two working days. Call: ")
    assert notices["support"].of("en").render({}).endswith("(24 hours). Read MONDAY TO FRIDAY, 9 TO 18.")
    assert launch_blockers(loaded) == ()


def test_a_crisis_is_answered_even_where_the_author_wrote_nothing() -> None:
    loaded = load(whole(""), "f.yaml")
    assert loaded.programme is not None
    assert "911" in bind(loaded.programme, "v").notices["support"].of("es").render({})


@pytest.mark.parametrize(
    ("excerpt", "code", "text"),
    [
        (HELP.replace("contact: {", "#"), "undefined-variable", "no variable is called contacto"),
        (HELP + "fields: [contacto]\n", "reserved-name", "contacto is a variable of the whole programme already"),
        ("contact: {name: A, telephone: pendiente}\n", "telephone", "must be a telephone number"),
        ("contact: {name: A, telephone: 5}\n", "telephone", "must be a telephone number"),
        ("alerts: {email: [guardia]}\n", "wrong-name", "must be an e-mail address"),
        ("alerts: {email: ['a@b.mx, c@d.mx']}\n", "wrong-name", "must be an e-mail address"),
        ("alerts: {webhook: 'http://example.org/x'}\n", "wrong-name", "must be an address that begins with https://"),
        ("safety: {crisis: ['me (siento mal']}\n", "own-pattern", "me (siento mal: its parentheses do not match"),
        ("safety: {crisis: ['me siento|muy mal']}\n", "own-pattern", "| stands between parentheses only"),
        ("safety: {serious: ['no + quiero']}\n", "own-pattern", "no + quiero: + has no meaning here"),
        ("safety: {serious: ['(mal)?']}\n", "own-pattern", "needs a word of three letters or more"),
        ("leave: ['quiero ^ salir']\n", "own-pattern", "^ stands at the beginning only"),
        ("leave: [sí]\n", "own-pattern", "sí: is too broad: it would find «sí»"),
        ("leave: ['no ~ tiempo']\n", "own-pattern", "is too broad: it would find «no me dio tiempo»"),
        (
            "safety: {crisis: ['(ya|muy) triste']}\nanswers: {a: {x: Muy triste, y: Bien}}\n",
            "own-pattern",
            "«Muy triste»",
        ),
        (
            "safety: {crisis: ['ando caido']}\nanswers: {a: {x: {label: Mal, also: [ando caído]}}}\n",
            "own-pattern",
            "caído",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(excerpt: str, code: str, text: str) -> None:
    found = [(problem_code, said) for problem_code, said in _errors(excerpt) if problem_code == code]
    assert len(found) == 1, _errors(excerpt)
    assert text in found[0][1]


def test_a_bad_pattern_is_shown_where_it_stands() -> None:
    (problem,) = load(whole("safety:\n  crisis:\n    - ya no le veo sentido\n    - si\n"), "f.yaml").problems
    assert (problem.line, problem.column) == (4, 7)


def test_own_wordings_are_found_besides_the_default_ones() -> None:
    excerpt = "safety: {crisis: ['Ya me (cansé|harté) de TODO'], serious: ['me cobran la renta']}\nleave: ['cierro la libreta']\n"
    assert _problems(excerpt) == []
    loaded = load(whole(excerpt), "f.yaml")
    assert loaded.programme is not None
    extra = bind(loaded.programme, "v").extra
    for text, kind in (
        ("la verdad ya me canse de todo", ActKind.crisis),
        ("aqui me cobran la renta", ActKind.serious),
        ("cierro la libreta", ActKind.leave),
        ("ya no quiero vivir", ActKind.crisis),
    ):
        assert act_of(text, extra=extra).kind is kind
    assert act_of("la verdad ya me canse de todo").kind is not ActKind.crisis


@pytest.mark.parametrize(
    ("text", "still"),
    [
        ("(las que indique la coordinación de su ciudad)", True),
        ("Líneas de ayuda: (las que indique la coordinación).", True),
        ("[teléfono]", True),
        ("(10 dígitos)", True),
        ("800 XXX XXXX", True),
        ("(55) 1234 5678", False),
        ("Llame al 911 (24 horas)", False),
        ("Línea de la Vida", False),
    ],
)
def test_a_placeholder_stands_in_parentheses(text: str, still: bool) -> None:
    assert is_placeholder(text) is still


def test_the_programme_that_ships_is_not_ready_for_a_launch_and_says_what_it_lacks() -> None:
    flows = str(ROOT / "flows")
    assert CliRunner().invoke(app, ["check", "--strict", flows]).exit_code == 0
    result = CliRunner().invoke(app, ["check", "--for-launch", flows])
    assert result.exit_code == 1
    source = (ROOT / "flows" / "principles.yaml").read_text(encoding="utf-8")
    assert {problem.code for problem in launch(load(source, "f"))} == {
        "launch-contact",
        "launch-reading-hours",
        "launch-reply-time",
        "launch-notices",
        "launch-alerts",
        "launch-unconfirmed",
    }
    filled = source
    for placeholder, real in {
        "(nombre y apellido de quien responde)": "Alma Rivera",
        "(oficina que coordina)": "Oficina del taller",
        "(diez cifras)": "55 0000 0000",
        "(los días y las horas en que una persona los lee de verdad)": "de 9 a 18 horas",
        "(en cuánto tiempo contesta de verdad)": "dos días hábiles",
        "(su institución)": "Instituto del taller",
        "(la lista de inscritos)": "la lista de inscritos",
        "(su fecha)": "2 de marzo",
        "(derechos humanos de su estado y su teléfono)": "derechos humanos, 55 0000 0000",
    }.items():
        assert placeholder in filled
        filled = filled.replace(placeholder, real)
    assert launch_blockers(load(filled, "f")) == ()


def test_trato_reply_looks_for_the_words_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(whole("leave: ['cierro la libreta']\n"), encoding="utf-8")
    run = CliRunner().invoke(app, ["reply", "cierro la libreta", "--json", "--words", str(file)])
    assert '"act": "leave"' in run.output
    assert '"act": "leave"' not in CliRunner().invoke(app, ["reply", "cierro la libreta", "--json"]).output
    file.write_text(whole("leave: [no]\n"), encoding="utf-8")
    refused = CliRunner().invoke(app, ["reply", "hola", "--words", str(file)])
    assert (refused.exit_code, "own-pattern" in str(refused.exception)) == (1, True)
