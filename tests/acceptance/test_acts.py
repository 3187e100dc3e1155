"""Messages that are no answer, in whole conversations with the shipped programme: signed webhooks in, rows out."""

import pytest

from app.store import alerts
from app.store.database import Database
from app.store.tables import Case, Consent, Contact, InboundMessage
from app.store.vault import Vault
from tests.acceptance.talking import Talk
from tests.conftest import StillClock


@pytest.fixture
def talk(database: Database, vault: Vault, clock: StillClock) -> Talk:
    return Talk(database, vault, clock)


def test_a_crisis_is_answered_at_once_and_is_no_data(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("ya no quiero vivir")
    assert talk.data() == []
    assert "911" in talk.said()[-1] or "ayuda" in talk.said()[-1]
    assert talk.rows(InboundMessage, "act", "needs_person") == [("crisis", True)]
    with talk.database.reading() as tx:
        assert "crisis" in [one.kind for one in alerts.open_alerts(tx)]


@pytest.mark.parametrize("flow", ["reporte_voz", ""])
@pytest.mark.parametrize("text", ["ya no quiero participar", "salir", "saquenme de aqui", "vaja"])
def test_a_clear_wish_to_leave_is_obeyed_whatever_is_open(talk: Talk, flow: str, text: str) -> None:
    if flow:
        talk.opens(flow)
    talk.hears(text)
    assert talk.data() == []
    assert talk.rows(Contact, "status") == [("opted_out",)]
    assert talk.rows(InboundMessage, "act", "outcome") == [("leave", "keyword")]


@pytest.mark.parametrize("flow", ["reporte_voz", ""])
def test_a_doubtful_wish_to_leave_is_asked_about_and_flagged(talk: Talk, flow: str) -> None:
    if flow:
        talk.opens(flow)
    talk.hears("¿cómo me salgo?")
    assert talk.data() == []
    assert talk.said()[-1] == "¿Quiere dejar de recibir mensajes? Responda BAJA."
    assert talk.rows(InboundMessage, "act", "needs_person") == [("leave_maybe", True)]
    assert talk.hears("baja").rows(Contact, "status") == [("opted_out",)]


@pytest.mark.parametrize(
    "text", ["ok, al rato le contesto", "no, estoy manejando", "un segundo", "5 min", "sí, mañana le contesto"]
)
@pytest.mark.parametrize(
    ("flow", "answers", "last"),
    [("reporte_voz", ["sí"], ("rep_voz_applied", "1", "ok")), ("ocasion_voz", [], ("rep_voz_last5", "1", "ok"))],
)
def test_who_answers_later_has_not_answered(
    talk: Talk, text: str, flow: str, answers: list[str], last: tuple[str, str, str]
) -> None:
    talk.opens(flow).hears(*answers, text, text)
    assert len(talk.data()) == len(answers)
    assert talk.rows(InboundMessage, "act", "outcome")[-1] == ("deferral", "set_aside")
    assert talk.said()[-1] == "Claro, conteste cuando pueda."
    assert talk.hears("1").data()[-1] == last


def test_greetings_questions_stickers_and_voice_use_no_try(talk: Talk) -> None:
    sticker = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/m", "MediaContentType0": "image/webp"}
    talk.opens("reporte_voz").hears("Hola", "buenas tardes", "¿quién es?", "🙏 gracias", sticker, sticker, "sí")
    assert talk.data() == [("rep_voz_contact", "1", "ok")]
    assert all(not needed for (needed,) in talk.rows(InboundMessage, "needs_person"))


class TestConsent:
    """An officer who has not been asked for consent."""

    @pytest.fixture
    def talk(self, database: Database, vault: Vault, clock: StillClock) -> Talk:
        return Talk(database, vault, clock, consented=False).opens("consentimiento")

    @pytest.mark.parametrize(
        "text",
        [
            "sí por obligación",
            "sí, porque me lo ordenaron",
            "me obligan",
            "si usted lo ordena",
            "sí, siempre y cuando sea anónimo",
        ],
    )
    def test_an_order_or_a_condition_goes_to_a_person(self, talk: Talk, text: str) -> None:
        talk.hears(text)
        assert talk.rows(Consent, "id") == talk.data() == []
        assert talk.rows(InboundMessage, "outcome", "needs_person") == [("set_aside", True)]
        talk.hears("acepto")
        assert talk.rows(Consent, "granted") == [(True,)]

    def test_questions_are_answered_and_the_question_stays_open(self, talk: Talk) -> None:
        talk.hears("Buenas tardes", "¿de parte de quién?", "Acepto participar")
        assert "Somos el equipo" in talk.said()[2]
        assert talk.rows(Consent, "granted", "version") == [(True, "aviso_2026_1")]

    def test_after_an_unclear_end_an_acceptance_counts(self, talk: Talk) -> None:
        talk.hears("tal vez", "depende", "Acepto")
        assert talk.rows(Consent, "granted", "version") == [(True, "aviso_2026_1")]
        assert "Gracias por participar" in talk.said()[-1]
        assert talk.rows(Case, "reason", "outcome") == [("consent", "answered")]

    def test_later_is_no_consent_and_costs_nothing(self, talk: Talk) -> None:
        talk.hears("luego", "mañana le digo", "sí, luego lo leo")
        assert talk.rows(Consent, "id") == []
        assert talk.hears("1").rows(Consent, "granted") == [(True,)]


def test_an_answer_after_an_unclear_end_goes_on_with_the_conversation(talk: Talk) -> None:
    talk.opens("reporte_voz").hears("xyzzy", "plugh")
    ended = talk.said()[-1]
    assert talk.rows(Case, "reason", "outcome") == [("unclear", None)]
    talk.hears("sí")
    assert talk.said()[-2] == "Anoté: Sí."
    assert "?" in talk.said()[-1] != ended
    assert talk.data()[-1] == ("rep_voz_contact", "1", "ok")
    assert talk.rows(Case, "reason", "outcome") == [("unclear", "answered")]
    assert talk.hears("sí").data()[-1][1:] == ("1", "ok")
