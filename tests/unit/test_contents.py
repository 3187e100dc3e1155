"""Twilio's Content API against the fake carrier: what is read, what is made, and what is said of the environment's map."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.channels.interactive import CONTENTS
from app.channels.templates import Approval, Finding
from app.channels.twilio import hosts
from app.channels.twilio.contents import Content, TwilioContents
from app.channels.twilio.generic_contents import resource
from app.channels.twilio.template_findings import AtTwilio, lacking, of_generic, of_template
from app.errors import ExternalError
from app.flows.loader import load
from app.flows.whatsapp_templates import Use, presented, uses
from tests.carrier import Account, Carrier
from tests.carrier.contents import LIST, QUICK, TEXT
from tests.world import PROGRAMME

ACCOUNT = Account()
HX = "HX" + "1" * 32
QUESTION = {
    QUICK: {"body": "Hola, {{1}}. ¿Acepta?", "actions": [{"title": "Sí", "id": "si"}, {"title": "No", "id": "no"}]}
}


def asking(work: Callable[[TwilioContents, Carrier], Awaitable[None]]) -> None:
    async def run() -> None:
        carrier = Carrier(ACCOUNT)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(carrier))
        api = TwilioContents((ACCOUNT.api_key, ACCOUNT.api_secret), api_url="https://api.example", client=client)
        await work(api, carrier)
        assert carrier.book.refused == []

    asyncio.run(run())


def test_the_generic_contents_are_taken_and_come_back_as_they_were_made() -> None:
    async def work(api: TwilioContents, carrier: Carrier) -> None:
        for name, generic in CONTENTS.items():
            sid = await api.create(resource(generic))
            found = await api.find(sid)
            assert found is not None
            assert (found.sid, found.name) == (sid, name)
            assert found.is_like(Content.of(resource(generic)))
            assert await api.approval(sid) == Approval("unsubmitted")
            assert of_generic(name, found) == []
        assert {content.name for content in await api.all()} == CONTENTS.keys()

    asking(work)


def test_contents_are_read_from_all_pages_and_unknown_ones_are_none() -> None:
    async def work(api: TwilioContents, carrier: Carrier) -> None:
        for number in range(250):
            carrier.book.shelf.put(f"HX{number:032x}", f"texto {number}")
        assert [content.body for content in await api.all()] == [f"texto {number}" for number in range(250)]
        assert await api.find("HX" + "f" * 32) is None
        assert await api.find("../../Accounts") is None

    asking(work)


def test_what_whatsapp_says_of_a_template() -> None:
    async def work(api: TwilioContents, carrier: Carrier) -> None:
        carrier.book.shelf.put(HX, QUESTION, status="rejected", reason="INVALID_FORMAT", category="MARKETING")
        assert await api.approval(HX) == Approval("rejected", "MARKETING", "INVALID_FORMAT")
        assert await api.find(HX) == Content(
            HX, HX, "es_MX", "Hola, {{1}}. ¿Acepta?", (("Sí", "si"), ("No", "no")), (QUICK,), frozenset("1")
        )

    asking(work)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"code": 20003, "message": "secret"}), "HTTP 401, code 20003"),
        (httpx.Response(500, json={}), "HTTP 500"),
        (httpx.Response(200, text="no"), "unreadable"),
        (httpx.Response(200, json=[]), "refuses"),
        (httpx.Response(302, json={}), "HTTP 302"),
        (httpx.Response(200, json={"contents": "no"}), "cannot be read"),
        (httpx.ReadTimeout("https://secret"), "ReadTimeout"),
    ],
)
def test_an_api_that_does_not_answer_is_one_clear_line_without_secrets(
    answer: httpx.Response | Exception, said: str
) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    api = TwilioContents(("AC1", "secret"), client=httpx.AsyncClient(transport=httpx.MockTransport(handle)))
    with pytest.raises(ExternalError, match=said) as caught:
        asyncio.run(api.all())
    assert "secret" not in str(caught.value)
    if not isinstance(answer, Exception):
        with pytest.raises(ExternalError):
            asyncio.run(api.create({}))


def test_the_next_page_is_asked_for_at_twilio_only() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={"contents": [], "meta": {"next_page_url": "https://evil.example/v1/Content"}})

    api = TwilioContents(("AC1", "secret"), client=httpx.AsyncClient(transport=httpx.MockTransport(handle)))
    assert asyncio.run(api.all()) == []
    assert asked == ["content.twilio.com"]


@pytest.mark.parametrize(
    ("api", "contents"),
    [
        ("https://api.twilio.com", "https://content.twilio.com"),
        ("https://api.twilio.com/", "https://content.twilio.com"),
        ("https://api.dublin.ie1.twilio.com", "https://content.dublin.ie1.twilio.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("https://api.example.org/twilio", "https://api.example.org/twilio"),
        ("https://api.twilio.com.example.org", "https://api.twilio.com.example.org"),
    ],
)
def test_where_the_content_api_is(api: str, contents: str) -> None:
    assert hosts.of("content", api) == contents


# -- what is said of a map ------------------------------------------------------------------------------------------------

FLOW = """
  aviso:
    title: Aviso
    kind: report
    principle: voz
    reminder: {{after: 24h, text: "{{{{nombre}}}}, ¿nos contesta?", template: recuerdo, variables: ["{{{{ nombre }}}}"]}}
    steps:
      - ask: acepta
        text: "{text}"
        template: pregunta
        variables: [{variables}]
        answer: {answer}
        level: behaviour
"""
YES_NO = "{choice: {si: Sí, no: 'No'}}"


def used(text: str = "Hola, {{nombre}}. ¿Acepta?", variables: str = '"{{ nombre }}"', answer: str = YES_NO) -> Use:
    source = PROGRAMME.replace(
        "campaigns:", FLOW.format(text=text, variables=variables, answer=answer)[1:] + "campaigns:"
    )
    loaded = load(source, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    (found,) = [use for use in uses(loaded.programme) if use.template == "pregunta"]
    return found


def content(types: dict[str, Any] | str = QUESTION, **more: Any) -> Content:
    written = {TEXT: {"body": types}} if isinstance(types, str) else types
    return Content.of({"sid": HX, "friendly_name": "x", "language": "es_MX", "types": written, **more})


APPROVED = Approval("approved", "UTILITY")


def test_a_use_is_shown_as_it_is_to_be_submitted() -> None:
    use = used()
    assert (use.flow, use.step, use.text, use.variables) == (
        "aviso",
        "acepta",
        "Hola, {{1}}. ¿Acepta?",
        ("{{ nombre }}",),
    )
    assert (use.options, use.buttons, use.comparable) == ((("si", "Sí"), ("no", "No")), True, True)
    assert use.bodies == ("Hola, {{1}}. ¿Acepta?", "Hola, {{1}}. ¿Acepta?\n1 Sí\n2 No")
    assert not used(variables='"Of. {{ nombre }}"').comparable
    assert not used(variables='"fijo"', text="Hola, fijo. ¿Acepta?").comparable
    assert not used(answer="{multi: {a: A, b: B}}").buttons
    assert used(answer="yes_no").options == (("si", "Sí"), ("no", "No"))


def said(use: Use, at_twilio: Content | None, approval: Approval = APPROVED) -> list[str]:
    return [finding.text for finding in of_template("pregunta", [use], AtTwilio(at_twilio, approval))]


def test_a_template_that_is_as_it_should_be() -> None:
    assert said(used(), content()) == []
    assert said(used(), content("Hola,  {{ 1 }}.\n¿Acepta?\n1 Sí\n2 No")) == []
    assert said(used(), content(language="es")) == []
    assert said(used(answer="text"), content("Hola, {{1}}. ¿Acepta?")) == []


@pytest.mark.parametrize(
    ("at_twilio", "approval", "expected"),
    [
        (None, APPROVED, "no content of this account"),
        (content(), Approval("pending", "UTILITY"), "waits for WhatsApp's approval"),
        (content(), Approval("received", "UTILITY"), "waits for WhatsApp's approval"),
        (content(), Approval("unsubmitted"), "never submitted"),
        (
            content(),
            Approval("rejected", "UTILITY", "TAG_CONTENT_MISMATCH"),
            r"is rejected by WhatsApp \(TAG_CONTENT_MISMATCH\)",
        ),
        (content(), Approval("paused", "UTILITY"), "is paused by WhatsApp"),
        (content(), Approval("disabled", "UTILITY"), "is disabled by WhatsApp"),
        (content(language="en"), APPROVED, "aviso.acepta: the language at Twilio is en, and es-MX here"),
        (
            content("Hola. ¿Acepta?\n1 Sí\n2 No"),
            APPROVED,
            "no variables are at Twilio, and the variables 1 are in the step",
        ),
        (content("Hola, {{1}} {{2}}. ¿Acepta?"), APPROVED, "the variables 1, 2 are at Twilio"),
        (content("Buen día, {{1}}. ¿Acepta?\n1 Sí\n2 No"), APPROVED, "the text at Twilio is not the step's"),
        (content("Hola, {{1}}. ¿Acepta?"), APPROVED, "the options are neither in the text at Twilio nor on buttons"),
        (
            content({QUICK: {**QUESTION[QUICK], "actions": [{"title": "Sí"}, {"title": "Nunca"}]}}),
            APPROVED,
            "the buttons at Twilio are «Sí», «Nunca», and the options «Sí», «No»",
        ),
        (
            content(
                {QUICK: {**QUESTION[QUICK], "actions": [{"title": "Sí", "id": "no"}, {"title": "No", "id": "no"}]}}
            ),
            APPROVED,
            "the button «Sí» carries the id of another option",
        ),
    ],
)
def test_each_fault_of_a_template_is_one_line(at_twilio: Content | None, approval: Approval, expected: str) -> None:
    (line,) = said(used(), at_twilio, approval)
    assert "\n" not in line
    with pytest.raises(AssertionError, match=expected):
        raise AssertionError(line)


def test_a_category_that_costs_more_is_a_warning() -> None:
    (finding,) = of_template("pregunta", [used()], AtTwilio(content(), Approval("approved", "MARKETING")))
    assert finding.warning
    assert "MARKETING" in finding.text


def test_the_generic_contents_of_the_map() -> None:
    other = Content.of({**resource(CONTENTS["trato_lista_5"]), "sid": HX})
    assert of_generic("trato_lista_4", None)[0].text.startswith("its HX… is no content")
    assert of_generic("trato_lista_4", other) == [
        Finding("trato_lista_4", "is not what this release makes: `trato templates --create-content` makes it anew")
    ]
    five = "HX" + "5" * 32
    assert lacking({"trato_lista_5": HX}, [other]).keys() == CONTENTS.keys() - {"trato_lista_5"}
    assert lacking({"trato_lista_4": HX, "trato_lista_5": five}, [other])["trato_lista_5"] == HX
    assert lacking({"trato_lista_4": HX}, [other])["trato_lista_4"] is None


def test_what_comes_back_with_more_fields_is_the_same() -> None:
    for generic in CONTENTS.values():
        given = json.loads(json.dumps(resource(generic)))
        for kind in (QUICK, LIST):
            for option in given["types"].get(kind, {}).get("actions", []):
                option |= {"type": "QUICK_REPLY", "index": 0}
        assert Content.of(given).is_like(Content.of(resource(generic)))


def test_how_questions_are_shown() -> None:
    loaded = load(PROGRAMME, "prueba.yaml")
    assert loaded.programme is not None
    assert [(str(shape), count) for shape, count in presented(loaded.programme)] == [("buttons", 2), ("buttons", 2)]
