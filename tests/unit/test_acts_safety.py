"""Messages that speak of a crisis or a serious incident, and the police talk that does not."""

from datetime import UTC, datetime

import pytest
from ruamel.yaml import YAML

from app.flows.replies.acts import act_of
from app.flows.replies.forms import AnswerKind, Form, Option
from app.flows.replies.message import ActKind, Extra
from app.flows.replies.reader import reader
from tests.replies.corpus import SAFETY

PARTS = YAML(typ="safe", pure=True).load(SAFETY.read_text(encoding="utf-8"))
FEWEST = {"crisis": 0.95, "serious": 0.9}
MOST_FALSE = 0.02


def lines(part: str, kind: str) -> list[str]:
    return PARTS[part][kind].splitlines()


def share(part: str, kind: str, *found: ActKind) -> float:
    texts = lines(part, kind)
    return sum(act_of(text).kind in found for text in texts) / len(texts)


@pytest.mark.parametrize("part", PARTS)
def test_crises_and_serious_incidents_are_found(part: str) -> None:
    assert share(part, "crisis", ActKind.crisis) >= FEWEST["crisis"]
    assert share(part, "serious", ActKind.serious, ActKind.crisis) >= FEWEST["serious"]


@pytest.mark.parametrize("part", PARTS)
def test_police_talk_sets_nothing_off(part: str) -> None:
    assert share(part, "hard", ActKind.crisis, ActKind.serious) <= MOST_FALSE


def test_the_corpus_is_large_enough_and_its_parts_share_nothing() -> None:
    texts = [text for part in PARTS for kind in PARTS[part] for text in lines(part, kind)]
    assert len(texts) == len(set(texts))
    assert sum(len(lines(part, kind)) for part in PARTS for kind in FEWEST) >= 150
    assert sum(len(lines(part, "hard")) for part in PARTS) >= 300


@pytest.mark.parametrize(
    "text",
    [
        "no, ya no quiero vivir",
        "2 y ya no quiero vivir",
        "sí pero me quiero matar",
        "Buenas tardes. No. La verdad ya no quiero vivir",
        "YA NO QUIERO VIVIR!!!",
        "ya nooo quiero vivirrr",
        "ya no kiero bibir",
        "me kiero matar",
    ],
)
def test_a_crisis_beside_an_answer_or_badly_spelt(text: str) -> None:
    assert act_of(text).kind is ActKind.crisis


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no, mi jefe me acosa", ActKind.serious),
        ("mi jefe no me acosa", ActKind.other),
        ("mi jefe no me pega pero me acosa", ActKind.serious),
        ("mi hijo me pega jugando", ActKind.other),
        ("jamás torturamos a nadie", ActKind.other),
        ("el detenido dijo que torturamos a los detenidos", ActKind.other),
        ("la señora decía que me quiero morir", ActKind.other),
        ("mi esposo me dijo que me va a matar", ActKind.crisis),
        ("me muero de risa", ActKind.other),
        ("mi jefe me va a matar si no contesto", ActKind.other),
        ("me va a matar mi jefe, trae la pistola en la mano ahorita", ActKind.crisis),
    ],
)
def test_who_does_what_decides(text: str, kind: ActKind) -> None:
    assert act_of(text).kind is kind


WORK = (
    "El detenido me escupió y me amenazó de muerte, yo mantuve la calma",
    "Nos dispararon desde un carro, nos cubrimos y pedimos apoyo",
    "El jefe de la banda nos pidió cuota para dejarnos pasar y no cedimos",
)


@pytest.mark.parametrize(
    "text",
    [
        *WORK,
        "Un vecino me insultó, me empujó y me grabó, yo le expliqué",
        "Un tipo me tocó las nalgas en el metro y lo remití, explicándole el motivo",
    ],
)
def test_an_open_answer_that_tells_of_work_is_no_alarm(text: str) -> None:
    assert act_of(text, kind=AnswerKind.text).kind is ActKind.other


@pytest.mark.parametrize("text", WORK)
def test_where_a_yes_or_no_was_asked_a_person_looks(text: str) -> None:
    assert act_of(text).kind is not ActKind.other


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("atendí a una señora, pero mi mando me exige dinero cada semana", ActKind.serious),
        ("Hablé con la familia del detenido. Hoy ya no quiero vivir", ActKind.crisis),
        ("si atendi pero mi mando me exige que le entregue lo que le quite a la gente", ActKind.serious),
        ("un detenido se murió en los separos y quieren que digamos que ya venía así", ActKind.serious),
    ],
)
def test_work_told_hides_no_danger(text: str, kind: ActKind) -> None:
    assert act_of(text, kind=AnswerKind.text).kind is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Auxilio", ActKind.answer),
        ("¡auxilio!", ActKind.answer),
        ("auxilio o queja", ActKind.answer),
        ("Me quieren matar", ActKind.answer),
        ("auxilio por favor", ActKind.crisis),
        ("auxilio, me quieren matar", ActKind.crisis),
        ("socorro", ActKind.crisis),
    ],
)
def test_an_option_of_the_open_question_in_its_own_words_is_an_answer_first(text: str, kind: ActKind) -> None:
    options = (Option("auxilio", "Auxilio o queja", 1), Option("amenaza", "Me quieren matar", 2))
    outcome = reader(Form(AnswerKind.choice, options)).read(text, datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert act_of(text, outcome, kind=AnswerKind.choice).kind is kind


def test_an_option_goes_before_a_programmes_own_words_too() -> None:
    own = Extra(crisis=("auxilio",))
    outcome = reader(Form(AnswerKind.choice, (Option("auxilio", "Auxilio", 1), Option("queja", "Queja", 2)))).read(
        "auxilio", datetime(2026, 3, 2, 16, tzinfo=UTC)
    )
    assert act_of("auxilio", outcome, kind=AnswerKind.choice, extra=own).kind is ActKind.answer
    assert act_of("auxilio", extra=own).kind is ActKind.crisis


def test_a_programme_adds_its_own_words() -> None:
    extra = Extra(crisis=("clave 33",), serious=("clave 44",), leave=("^ me rajo $",))
    assert act_of("aquí clave 33", extra=extra).kind is ActKind.crisis
    assert act_of("hoy hubo clave 44", extra=extra).kind is ActKind.serious
    assert act_of("me rajo", extra=extra).kind is ActKind.leave
    assert {act_of(text).kind for text in ("aquí clave 33", "hoy hubo clave 44", "me rajo")} == {ActKind.other}


@pytest.mark.parametrize(
    "text",
    [
        "leí que en otro país un policía mató a un detenido",
        "en la novela el comandante viola a la muchacha",
        "en el taller nos pusieron un video de policías que golpean a un señor",
        "el mando que acosaba a las compañeras ya está en la cárcel",
        "se investigó al compañero que golpeó al detenido y ya lo sancionaron",
        "en 2015 intenté quitarme la vida, ya lo superé",
        "hace años mi ex me golpeaba, me divorcié y estoy tranquila",
    ],
)
def test_the_screen_a_lesson_and_what_is_over_set_nothing_off(text: str) -> None:
    assert act_of(text).kind not in (ActKind.crisis, ActKind.serious)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hace años que quiero quitarme la vida", ActKind.crisis),
        ("hace años intenté quitarme la vida y hoy otra vez me quiero matar", ActKind.crisis),
        ("mi jefe me acosa desde hace dos años", ActKind.serious),
        ("en la academia el instructor nos tocaba las nalgas", ActKind.serious),
    ],
)
def test_what_began_long_ago_is_not_over(text: str, kind: ActKind) -> None:
    assert act_of(text).kind is kind
