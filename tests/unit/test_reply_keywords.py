"""Keywords are whole messages only, and the answers «no» and «sí» are never among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.replies.keywords import KEYWORDS, Keyword, Name, keyword
from tests.shares import asserted, mostly


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BAJA", Name.BAJA), ("baja.", Name.BAJA), ("¡Alto!", Name.BAJA), ("STOP", Name.BAJA), ("cancelar", Name.BAJA),
        ("Unsubscribe", Name.BAJA), ("end", Name.BAJA), ("QUIT", Name.BAJA), ("stopall", Name.BAJA), ("Revoke", Name.BAJA),
        ("OptOut", Name.BAJA), ("CANCEL", Name.BAJA), ("Quiero darme de baja", Name.BAJA), (" alta ", Name.ALTA),
        ("START", Name.ALTA), ("unstop", Name.ALTA), ("Ayuda", Name.AYUDA), ("help", Name.AYUDA), ("INFO", Name.AYUDA),
        ("pausa", Name.PAUSA), ("ATRÁS", Name.ATRAS), ("atra\u0301s", Name.ATRAS), ("Corregir", Name.ATRAS),
        ("turno", Name.TURNO), ("idioma", Name.IDIOMA), ("BAJA por favor", Name.BAJA), ("por favor BAJA", Name.BAJA),
        ("Baja 🙏🏽", Name.BAJA), ("baja 👍", Name.BAJA), ("ALTO!!! 😡", Name.BAJA), ("«BAJA»", Name.BAJA), ("*stop*", Name.BAJA),
        ("baja, gracias", Name.BAJA), ("bajaaa", Name.BAJA), ("STOP STOP", Name.BAJA), ("dame de baja porfa", Name.BAJA),
        ("ＢＡＪＡ", Name.BAJA), ("\u200ebaja\u200b", Name.BAJA), ("Alta porfa 🙂", Name.ALTA), ("ayuda, por favor", Name.AYUDA),
        ("pausa xfa", Name.PAUSA), ("Atrás...", Name.ATRAS), ("TURNO por favor", Name.TURNO),
    ],
)  # fmt: skip
def test_bare_keywords(text: str, name: Name) -> None:
    assert keyword(text) == Keyword(name)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("PAUSA 3", 3),
        ("pausa 3 días", 3),
        ("Pausa una semana", 7),
        ("pausa por dos semanas.", 14),
        ("pausa un mes", 30),
        ("pausa 1 semana por favor", 7),
        ("pausa 2 años", 730),
        ("pausa 9999", 9999),
    ],
)
def test_pauses_have_a_length(text: str, days: int) -> None:
    assert keyword(text) == Keyword(Name.PAUSA, days)


def test_arguments() -> None:
    assert keyword("Turno 24x48 desde hoy 7am") == Keyword(Name.TURNO, argument="24x48 desde hoy 7am")
    assert keyword("TURNO: 12 x 24") == Keyword(Name.TURNO, argument="12 x 24")
    assert keyword("turno 24 por 48 entro el lunes 7am") == Keyword(Name.TURNO, argument="24 por 48 entro el lunes 7am")
    assert keyword("Turno de 8 horas mañana 6am.") == Keyword(Name.TURNO, argument="de 8 horas mañana 6am")
    assert keyword("IDIOMA en") == Keyword(Name.IDIOMA, argument="en")
    assert keyword("idioma inglés") == Keyword(Name.IDIOMA, argument="en")
    assert keyword("idioma es-MX") == Keyword(Name.IDIOMA, argument="es-mx")


@pytest.mark.parametrize(
    "text",
    [
        "", "no", "NO", "Sí", "si", "YES", "yes", "no quiero baja", "me dieron de baja a un compañero", "alto ahí le dije",
        "le pedí que hiciera alto", "pausa para comer", "pausa 0", "pausa 99999", "turno de noche", "Turno 3", "¿ayuda?",
        "idioma extranjero que no entendí", "baja " * 400, "necesito ayuda con una detención", "cancelaron el servicio",
        "gracias", "por favor", "👍", "👍" * 1600, "baja alta", "pausa cero días", "turno 24", "turno de 12 horas", "mi baja",
    ],
)  # fmt: skip
def test_answers_are_not_keywords(text: str) -> None:
    assert keyword(text) is None


WRITTEN = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "¡"]),
    st.sampled_from(
        ["baja", "ALTA", "ayuda", "pausa", "pausa 3 días", "pausa 3", "atrás", "turno 24x48 hoy 7", "idioma español"]
    ),
    st.sampled_from(["", "", ".", "!", " 3", " hoy"]),
)


@mostly(0.2)
@given(st.one_of(WRITTEN, st.text(max_size=80)))
def test_no_text_raises(text: str) -> None:
    found = keyword(text)
    if found is not None:
        asserted()
        assert found.name in Name


def test_every_listed_word_is_a_keyword() -> None:
    found = [keyword(word) for word in KEYWORDS]
    assert None not in found
    assert {word.name for word in found if word} == set(Name)
    assert not KEYWORDS & {"no", "si", "yes"}
