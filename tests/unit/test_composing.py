"""How a message is worded for each channel: buttons, lists and numbered lines at their limits, templates, SMS without
accents."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.base import Outgoing
from app.channels.interactive import CONTENTS, LONGEST_ID
from app.flows.engine.buttons import BODY
from app.flows.segments import measure
from app.sending.composing import compose
from app.store.outbox import Claimed
from tests.shares import asserted, mostly

TO = "+525555550101"
ASK = Claimed(
    id=1,
    uid="u" * 32,
    contact_id=7,
    reply_to_id=None,
    session_id=3,
    step="explico",
    kind="ask",
    channel="whatsapp",
    body="{{nombre}}, ¿explicó el motivo?",
    options="[]",
    plain=None,
    template=None,
    variables="[]",
    media=None,
    priority=0,
    attempts=1,
    created_at=datetime(2026, 3, 2, 18, 0, tzinfo=UTC),
    expires_at=None,
    lease_until=None,
)
ALL = {name: f"HX-{name}" for name in CONTENTS}


def options(*labels: str, pressable: bool = True) -> str:
    return json.dumps(
        [
            {"number": number, "label": label, **({"key": f"k{number}"} if pressable else {})}
            for number, label in enumerate(labels, 1)
        ]
    )


def asked(*labels: str, pressable: bool = True, **changes: object) -> Claimed:
    return replace(ASK, options=options(*labels, pressable=pressable), **changes)  # type: ignore[arg-type]


def composed(
    message: Claimed, template: str | None = None, name: str = "Alma", contents: dict[str, str] | None = None
) -> Outgoing:
    return compose(message, TO, {"nombre": name}, template, ALL if contents is None else contents)


def shown(message: Outgoing) -> str:
    return (message.content_sid or "text").removeprefix("HX-trato_")


def test_up_to_three_options_are_buttons_and_the_text_does_not_repeat_them() -> None:
    message = composed(asked("Sí", "No"))
    assert message.content_sid == "HX-trato_botones_2"
    assert message.body == "Alma, ¿explicó el motivo?"
    assert message.variables == ("Alma, ¿explicó el motivo?", "Sí", "t1:3:explico:k1", "No", "t1:3:explico:k2")
    assert message.buttons == (("t1:3:explico:k1", "Sí"), ("t1:3:explico:k2", "No"))


def test_up_to_ten_options_are_a_list_with_the_numbers_that_may_be_typed() -> None:
    message = composed(asked("Tiempo", "Riesgo", "Órdenes", "Nada"))
    assert message.content_sid == "HX-trato_lista_4"
    assert message.variables[:4] == ("Alma, ¿explicó el motivo?", "Tiempo", "t1:3:explico:k1", "1")
    assert len(message.variables) == 1 + 3 * 4


def lines(message: Outgoing) -> list[str]:
    return message.body.split("\n")


LONG = "Actitud de la persona que detuvo"
CASES: list[tuple[str, tuple[str, ...], str]] = [
    ("one option", ("Entendido",), "botones_1"),
    ("a title of exactly 20", ("x" * 20, "No"), "botones_2"),
    ("a title of 21", ("x" * 21, "No"), "text"),
    ("an item of exactly 24", ("x" * 24, "a", "b", "c"), "lista_4"),
    ("an item of 25", ("x" * 25, "a", "b", "c"), "text"),
    ("a button of 24 is no list item", ("x" * 24, "No"), "text"),
    ("an emoji counts as two: 20", ("👍" * 10, "No"), "botones_2"),
    ("an emoji counts as two: 21", ("👍" * 10 + "x", "No"), "text"),
    ("a composed emoji counts all its parts", ("👮🏽‍♀️👮🏽‍♀️👮🏽‍♀️", "No"), "text"),
    ("the same title twice", ("Sí", "Sí"), "text"),
    ("the same title but for spaces", ("Sí", " Sí "), "text"),
    ("the same title but for its case", ("Otro", "otro", "a", "b"), "text"),
    ("different only after 20", (LONG + " A", LONG + " B"), "text"),
    ("ten options", tuple("abcdefghij"), "lista_10"),
    ("eleven options", tuple("abcdefghijk"), "text"),
    ("a title that is blank", (" ", "No"), "text"),
]


@pytest.mark.parametrize(("labels", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_does_not_fit_is_written_out_whole(labels: tuple[str, ...], expected: str) -> None:
    message = composed(asked(*labels))
    assert shown(message) == expected
    if expected == "text":
        assert message.buttons == ()
        assert lines(message)[1:] == [f"{number} {label}" for number, label in enumerate(labels, 1)]
    else:
        assert lines(message) == ["Alma, ¿explicó el motivo?"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x" * BODY, "botones_2"),
        ("x" * (BODY + 1), "text"),
        ("", "text"),
        ("  ", "text"),
        ("¿Sí?\n¿No?", "text"),
        ("¿Sí?\u2028¿No?", "text"),
        ("👍" * 512, "botones_2"),
        ("👍" * 513, "text"),
        ("{{nombre}}" + "x" * 1020, "botones_2"),
        ("{{nombre}}" + "x" * 1021, "text"),
    ],
)
def test_the_text_above_buttons_has_its_limits(body: str, expected: str) -> None:
    assert shown(composed(asked("Sí", "No", body=body))) == expected


def test_where_the_environment_lacks_the_content_options_are_written_out() -> None:
    message = composed(asked("Sí", "No"), contents={"trato_botones_3": "HX1"})
    assert (message.content_sid, message.variables, message.buttons) == (None, (), ())
    assert message.body == "Alma, ¿explicó el motivo?\n1 Sí\n2 No"


def test_options_of_which_several_may_be_chosen_are_never_buttons() -> None:
    message = composed(asked("Tiempo", "Riesgo", pressable=False))
    assert (message.content_sid, message.buttons) == (None, ())
    assert message.body == "Alma, ¿explicó el motivo?\n1 Tiempo\n2 Riesgo"


@pytest.mark.parametrize("changes", [{"channel": "sms"}, {"media": "https://a.example/1.jpg"}, {"session_id": None}])
def test_buttons_are_for_questions_by_whatsapp_alone(changes: dict[str, object]) -> None:
    message = composed(replace(asked("Sí", "No"), **changes))  # type: ignore[arg-type]
    assert (message.content_sid, message.buttons) == (None, ())
    assert message.body.endswith("\n1 Sí\n2 No")


def test_a_message_that_is_sent_by_sms_in_the_end_has_its_options_in_the_text() -> None:
    by_whatsapp = asked("Sí", "No")
    assert composed(by_whatsapp).content_sid is not None
    assert composed(replace(by_whatsapp, channel="sms")).body == "Alma, ¿explicó el motivo?\n1 Sí\n2 No"


def test_an_offer_names_its_option_in_the_text_and_has_one_button() -> None:
    offer = asked("Comercio", kind="offer", body="¿Quiso decir 4, Comercio?")
    assert composed(offer, contents=ALL).buttons == (("t1:3:explico:k1", "Comercio"),)
    assert composed(offer, contents={}).body == "¿Quiso decir 4, Comercio?"
    assert composed(replace(offer, channel="sms")).body == "¿Quiso decir 4, Comercio?"


def test_a_payload_that_would_not_come_back_whole_is_not_sent() -> None:
    short = replace(ASK, options=json.dumps([{"number": 1, "label": "Sí", "key": "k"}]))
    longest = LONGEST_ID - len("t1:3::k")
    assert shown(composed(replace(short, step="s" * longest))) == "botones_1"
    assert shown(composed(replace(short, step="s" * (longest + 1)))) == "text"


def test_names_and_values_are_on_one_line() -> None:
    nudge = asked("Sí", "No", template="apertura", variables='["{{nombre}}", "uno\\n\\tdos     tres"]')
    assert composed(nudge, "HX1", "Ana\n\tMaría    Luz").variables == ("Ana María Luz", "uno dos tres")
    assert composed(asked("Sí", "No\n\n ahora"), name="Ana\nMaría").variables == (
        "Ana María, ¿explicó el motivo?",
        "Sí",
        "t1:3:explico:k1",
        "No ahora",
        "t1:3:explico:k2",
    )


def test_a_template_gets_its_own_variables_and_none_is_empty() -> None:
    nudge = replace(ASK, template="apertura", variables='["{{nombre}}", "hoy", "", "  "]')
    assert composed(nudge, "HX1").variables == ("Alma", "hoy", "-", "-")
    assert composed(nudge, "HX1", name=" ").variables == ("oficial", "hoy", "-", "-")
    assert compose(nudge, TO, {}, "HX1", ALL).variables == ("oficial", "hoy", "-", "-")
    assert "nombre" not in compose(nudge, TO, {}, "HX1", ALL).body
    assert composed(nudge).variables == ()


def test_a_template_wins_over_buttons_and_has_no_list() -> None:
    two, four = composed(asked("Sí", "No"), "HX1"), composed(asked("a", "b", "c", "d"), "HX1")
    assert (two.content_sid, two.body, len(two.buttons)) == ("HX1", "Alma, ¿explicó el motivo?", 2)
    assert (four.content_sid, lines(four)[1:], four.buttons) == ("HX1", ["1 a", "2 b", "3 c", "4 d"], ())


# -- SMS without accents ----------------------------------------------------------------------------------------------


def test_by_sms_accents_go_where_the_programme_says_so_names_and_options_too() -> None:
    message = asked("Sí", "Ningún día", body="{{nombre}}, ¿qué pasó? “Bien” – 👍", channel="sms", plain=True)
    assert composed(message, name="Íñigo Núñez").body == 'Iñigo Nuñez, ¿qué paso? "Bien" -\n1 Si\n2 Ningun dia'
    assert composed(replace(message, plain=None)).body == "Alma, ¿qué pasó? “Bien” – 👍\n1 Sí\n2 Ningún día"
    assert composed(replace(message, channel="whatsapp", options="[]")).body == "Alma, ¿qué pasó? “Bien” – 👍"


def test_a_text_of_which_nothing_would_be_left_stays_as_it_is() -> None:
    assert composed(replace(ASK, body="👍", channel="sms", plain=True)).body == "👍"


@mostly(0.2)
@given(
    st.text(min_size=1, max_size=300),
    st.lists(st.text(min_size=1, max_size=30), max_size=12),
    st.booleans(),
    st.booleans(),
)
def test_the_same_row_is_always_worded_the_same_and_within_the_limits(
    body: str, labels: list[str], plain: bool, sms: bool
) -> None:
    row = asked(*labels, body=body, plain=plain or None, channel="sms" if sms else "whatsapp")
    message = composed(row)
    assert message == composed(row)
    if sms:
        assert message.content_sid is None
        assert not plain or measure(message.body).encoding == "GSM-7" or message.body.startswith(body)
    if sms or message.variables:
        asserted()
    for value in message.variables:
        assert value
        assert value == " ".join(value.split())
