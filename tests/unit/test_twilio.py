"""Twilio's channel: raw bodies as Twilio sends them in, and an honest outcome for every way in which a send can end."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from app.channels.base import (
    Accepted,
    Ambiguous,
    Forged,
    Inbound,
    Malformed,
    MessageKind,
    Outgoing,
    Rejected,
    SendResult,
    Status,
)
from app.channels.causes import Cause, ErrorClass
from app.channels.twilio import signature
from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.codes import cause_of
from app.errors import ExternalError
from tests.carrier import Account, Carrier

ACCOUNT = Account(webhook="https://trato.example/twilio/inbound")
PHONE = "+525555550101"
SID = "SM" + "0a" * 16
UID = "4f" * 16
TEXT = "¿Explicó el motivo? 👮🏽"
OUTGOING = Outgoing(UID, "whatsapp", PHONE, TEXT)
HX = "HX" + "0" * 32


def channel(client: httpx.AsyncClient | None = None, **changes: Any) -> TwilioChannel:
    given: dict[str, Any] = {
        "account_sid": ACCOUNT.sid,
        "auth_tokens": (ACCOUNT.auth_token,),
        "from_sms": "55 5555 0000",
        "from_whatsapp": ACCOUNT.whatsapp,
        "public_url": "https://trato.example/",
        "api_url": "https://api.example",
        "client": client,
        **changes,
    }
    return TwilioChannel(**given)


def answering(handle: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(handle))


def send(handle: Callable[[httpx.Request], httpx.Response], message: Outgoing = OUTGOING, **changes: Any) -> SendResult:
    async def run() -> SendResult:
        return await channel(answering(handle), **changes).send(message)

    return asyncio.run(run())


# -- in -------------------------------------------------------------------------------------------------------------

SMS = {
    "ToCountry": "MX",
    "ToState": "",
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ToCity": "",
    "FromZip": "",
    "SmsSid": SID,
    "FromState": "",
    "SmsStatus": "received",
    "FromCity": "",
    "Body": "Sí, expliqué",
    "FromCountry": "MX",
    "To": ACCOUNT.sms,
    "ToZip": "",
    "NumSegments": "1",
    "MessageSid": SID,
    "AccountSid": ACCOUNT.sid,
    "From": PHONE,
    "ApiVersion": "2010-04-01",
}
WHATSAPP = {
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ProfileName": "Alma",
    "MessageType": "text",
    "SmsSid": SID,
    "WaId": "5215555550101",
    "SmsStatus": "received",
    "Body": "Sí",
    "To": f"whatsapp:{ACCOUNT.whatsapp}",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
    "MessageSid": SID,
    "AccountSid": ACCOUNT.sid,
    "From": "whatsapp:+5215555550101",
    "ApiVersion": "2010-04-01",
}
MEDIA_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Messages/{SID}/Media/ME{'1' * 32}"

ARRIVALS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("sms", SMS, {"channel": "sms", "author": PHONE, "receiver": ACCOUNT.sms, "body": "Sí, expliqué"}),
    ("sms as 521", {**SMS, "From": "+5215555550101"}, {"author": "+5215555550101"}),
    ("whatsapp", WHATSAPP, {"channel": "whatsapp", "author": "whatsapp:+5215555550101", "body": "Sí"}),
    (
        "user id",
        {**WHATSAPP, "From": "whatsapp:MX.1a2B", "ExternalUserId": "MX.1a2B"},
        {"author": "whatsapp:MX.1a2B", "also": ("+5215555550101",)},
    ),
    (
        "user id alone",
        {key: value for key, value in {**WHATSAPP, "From": "whatsapp:MX.1a2B"}.items() if key != "WaId"},
        {"author": "whatsapp:MX.1a2B", "also": ()},
    ),
    ("number with its user id", {**WHATSAPP, "ExternalUserId": "MX.1a2B"}, {"also": ("MX.1a2B",)}),
    (
        "number with a user id of several businesses",
        {**WHATSAPP, "ExternalUserId": "whatsapp:MX.ENT.1a"},
        {"also": ("MX.ENT.1a",)},
    ),
    ("odd user id", {**WHATSAPP, "ExternalUserId": "+525555550199", "WaId": "x"}, {"also": ()}),
    ("no WhatsApp", {**SMS, "ExternalUserId": "MX.1a2B", "WaId": "525555550101"}, {"also": ()}),
    ("emoji", {**WHATSAPP, "Body": "👍🏽"}, {"body": "👍🏽"}),
    ("decomposed accents", {**WHATSAPP, "Body": "Si\u0301"}, {"body": "Si\u0301"}),
    ("empty body", {**SMS, "Body": ""}, {"body": ""}),
    ("no body", {key: value for key, value in SMS.items() if key != "Body"}, {"body": ""}),
    ("NUL", {**SMS, "Body": "a\0b"}, {"body": "ab"}),
    (
        "button",
        {
            **WHATSAPP,
            "Body": "Sí",
            "ButtonText": "Sí",
            "ButtonPayload": "t1:7:explico:si",
            "ButtonType": "QUICK_REPLY",
            "MessageType": "button",
            "OriginalRepliedMessageSid": "SM9",
            "OriginalRepliedMessageSender": "whatsapp:+52",
        },
        {"button": "t1:7:explico:si", "body": "Sí", "quoted_sid": "SM9"},
    ),
    ("button without body", {**WHATSAPP, "Body": "", "ButtonText": "No", "ButtonPayload": "p"}, {"body": "No"}),
    (
        "list",
        {
            **WHATSAPP,
            "Body": "Detención",
            "ListId": "t1:7:tipo:detencion",
            "ListTitle": "Detención",
            "MessageType": "interactive",
        },
        {"button": "t1:7:tipo:detencion", "body": "Detención"},
    ),
    ("quoted", {**WHATSAPP, "OriginalRepliedMessageSid": "SM9"}, {"quoted_sid": "SM9", "button": None}),
    ("reaction", {**WHATSAPP, "Body": "👍", "OriginalRepliedMessageSid": "SM9"}, {"body": "👍", "quoted_sid": "SM9"}),
    (
        "media",
        {**WHATSAPP, "Body": "", "NumMedia": "1", "MediaUrl0": MEDIA_URL, "MediaContentType0": "audio/ogg"},
        {"media": ((MEDIA_URL, "audio/ogg"),), "body": ""},
    ),
    ("untyped media", {**SMS, "NumMedia": "x", "MediaUrl0": "u"}, {"media": (("u", "application/octet-stream"),)}),
    ("location", {**WHATSAPP, "Body": "", "Latitude": "19.43", "Longitude": "-99.13"}, {"body": "", "media": ()}),
    ("STOP", {**SMS, "Body": "STOP", "OptOutType": "STOP"}, {"opt_out": "STOP", "body": "STOP"}),
    ("unknown opt-out", {**SMS, "OptOutType": "LATER"}, {"opt_out": None}),
    ("a field of tomorrow", {**SMS, "NewField": "x"}, {"form": {**SMS, "NewField": "x"}}),
]


@pytest.mark.parametrize(("form", "expected"), [case[1:] for case in ARRIVALS], ids=[case[0] for case in ARRIVALS])
def test_a_signed_form_becomes_a_message(form: dict[str, str], expected: dict[str, Any]) -> None:
    body = urlencode(form).encode()
    proof = signature.sign("https://trato.example/twilio/inbound", form.items(), ACCOUNT.auth_token)
    carrier = channel()
    message = carrier.parse_inbound(carrier.verify("/twilio/inbound", body, {"X-Twilio-Signature": proof}))
    assert message.sid == SID
    assert message.sent_at is None
    assert {name: getattr(message, name) for name in expected} == expected


@pytest.mark.parametrize(
    "change",
    [
        {"AccountSid": "AC" + "9" * 32},
        {"AccountSid": ""},
        {"To": "+525555550002"},
        {"To": ""},
    ],
)
def test_a_message_for_somebody_else_is_forged(change: dict[str, str]) -> None:
    with pytest.raises(Forged):
        channel().parse_inbound({**SMS, **change})


def test_a_messaging_service_stands_for_its_numbers() -> None:
    only_service = channel(from_sms=None, from_whatsapp=None, messaging_service_sid=ACCOUNT.service)
    assert only_service.parse_inbound({**SMS, "MessagingServiceSid": ACCOUNT.service}).sid == SID
    with pytest.raises(Forged):
        only_service.parse_inbound(SMS)
    with pytest.raises(Forged):
        only_service.parse_inbound({**SMS, "MessagingServiceSid": "MG" + "0" * 32})


@pytest.mark.parametrize(
    "change",
    [
        {"MessageSid": "", "SmsSid": "", "SmsMessageSid": ""},
        {"From": ""},
        {"From": "  "},
        {"From": "messenger:12"},
        {"MessageSid": "SM 1"},
        {"MessageSid": "x" * 65},
    ],
)
def test_a_signed_form_that_is_no_message_is_malformed(change: dict[str, str]) -> None:
    with pytest.raises(Malformed) as caught:
        channel().parse_inbound({**SMS, **change})
    assert PHONE not in str(caught.value)


STATUSES = [
    ({"MessageStatus": "delivered"}, Status(SID, "delivered", UID)),
    ({"MessageStatus": "read", "EventType": "READ"}, Status(SID, "read", UID)),
    ({"MessageStatus": "delivered", "EventType": "READ"}, Status(SID, "read", UID)),
    ({"SmsStatus": "sent"}, Status(SID, "sent", UID)),
    ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, Status(SID, "undelivered", UID, 30003, Cause.passing)),
    ({"MessageStatus": "failed", "ErrorCode": "none"}, Status(SID, "failed", UID)),
    ({"MessageStatus": "sent", "ErrorCode": "0"}, Status(SID, "sent", UID)),
]


@pytest.mark.parametrize(("fields", "expected"), STATUSES)
def test_a_callback_becomes_a_status(fields: dict[str, str], expected: Status) -> None:
    assert channel().parse_status({"MessageSid": SID, "AccountSid": ACCOUNT.sid, **fields}, UID) == expected


@pytest.mark.parametrize("uid", [None, "", "x", "'; --", "u" * 65])
def test_a_strange_uid_is_none(uid: str | None) -> None:
    form = {"MessageSid": SID, "AccountSid": ACCOUNT.sid, "MessageStatus": "sent"}
    assert channel().parse_status(form, uid).uid is None


def test_callbacks_that_cannot_be_read() -> None:
    with pytest.raises(Malformed):
        channel().parse_status({"MessageSid": SID, "AccountSid": ACCOUNT.sid}, UID)
    with pytest.raises(Malformed):
        channel().parse_status({"AccountSid": ACCOUNT.sid, "MessageStatus": "sent"}, UID)
    with pytest.raises(Forged):
        channel().parse_status({"MessageSid": SID, "MessageStatus": "sent"}, UID)


# -- out ------------------------------------------------------------------------------------------------------------


def fields_of(message: Outgoing, **changes: Any) -> tuple[dict[str, str], httpx.Request]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"sid": SID, "status": "queued"})

    assert send(handle, message, **changes) == Accepted(SID, "queued")
    assert len(seen) == 1
    return dict(parse_qsl(seen[0].content.decode(), keep_blank_values=True)), seen[0]


CALLBACK = f"https://trato.example/twilio/status?m={UID}"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            Outgoing(UID, "sms", PHONE, TEXT),
            {"To": PHONE, "From": "+525555550000", "Body": TEXT, "StatusCallback": CALLBACK},
        ),
        (
            Outgoing(UID, "whatsapp", "MX.1a2B", TEXT, validity_seconds=99_999),
            {
                "To": "whatsapp:MX.1a2B",
                "From": f"whatsapp:{ACCOUNT.whatsapp}",
                "Body": TEXT,
                "StatusCallback": CALLBACK,
                "ValidityPeriod": "36000",
            },
        ),
        (
            Outgoing(UID, "whatsapp", PHONE, TEXT, content_sid="HX1", variables=("Alma", "ñ"), validity_seconds=0),
            {
                "To": f"whatsapp:{PHONE}",
                "From": f"whatsapp:{ACCOUNT.whatsapp}",
                "ContentSid": "HX1",
                "ContentVariables": '{"1": "Alma", "2": "ñ"}',
                "StatusCallback": CALLBACK,
                "ValidityPeriod": "1",
            },
        ),
        (
            Outgoing(UID, "sms", PHONE, "", media="https://trato.example/m.jpg"),
            {
                "To": PHONE,
                "From": "+525555550000",
                "Body": "",
                "MediaUrl": "https://trato.example/m.jpg",
                "StatusCallback": CALLBACK,
            },
        ),
    ],
    ids=["sms", "whatsapp", "template", "media"],
)
def test_what_is_posted(message: Outgoing, expected: dict[str, str]) -> None:
    fields, request = fields_of(message)
    assert fields == expected
    assert str(request.url) == f"https://api.example/2010-04-01/Accounts/{ACCOUNT.sid}/Messages.json"


def test_a_messaging_service_sends_where_no_number_is_given() -> None:
    fields, _ = fields_of(OUTGOING, from_whatsapp=None, messaging_service_sid=ACCOUNT.service)
    assert fields["MessagingServiceSid"] == ACCOUNT.service
    assert "From" not in fields


@pytest.mark.parametrize(
    ("credentials", "user"), [(None, ACCOUNT.sid), ((ACCOUNT.api_key, ACCOUNT.api_secret), ACCOUNT.api_key)]
)
def test_requests_use_the_api_key_if_there_is_one(credentials: tuple[str, str] | None, user: str) -> None:
    _, request = fields_of(OUTGOING, credentials=credentials)
    password = credentials[1] if credentials else ACCOUNT.auth_token
    assert request.headers["Authorization"] == httpx.BasicAuth(user, password)._auth_header


def error(status: int, code: int | None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": "x", "status": status}, headers=headers)


ANSWERS: list[tuple[str, httpx.Response, SendResult]] = [
    (
        "created",
        httpx.Response(201, json={"sid": SID, "status": "accepted", "num_segments": "2"}),
        Accepted(SID, "accepted", 2),
    ),
    (
        "created by a service",
        httpx.Response(201, json={"sid": SID, "status": "accepted", "num_segments": "0"}),
        Accepted(SID),
    ),
    ("created without JSON", httpx.Response(201, text="<html>"), Ambiguous("unreadable")),
    ("created, cut off", httpx.Response(201, text='{"sid": "SM'), Ambiguous("unreadable")),
    ("created, no sid", httpx.Response(201, json={"status": "queued"}), Ambiguous("unreadable")),
    ("created, a strange sid", httpx.Response(201, json={"sid": 7}), Ambiguous("unreadable")),
    ("created, a list", httpx.Response(200, json=[SID]), Ambiguous("unreadable")),
    ("no content", httpx.Response(204), Ambiguous("unreadable")),
    ("too many", error(429, 20429), Rejected(Cause.rate_limited, 20429)),
    ("too many, with a pause", error(429, 20429, **{"Retry-After": "7"}), Rejected(Cause.rate_limited, 20429, 7.0)),
    ("too many, without JSON", httpx.Response(429, text="slow"), Rejected(Cause.rate_limited, 20429)),
    ("too many, a date", error(429, 20429, **{"Retry-After": "Wed, 21 Oct"}), Rejected(Cause.rate_limited, 20429)),
    ("queue full", error(400, 21611), Rejected(Cause.rate_limited, 21611)),
    ("outside the window", error(400, 63016), Rejected(Cause.outside_window, 63016)),
    ("unsubscribed", error(400, 21610), Rejected(Cause.recipient_stopped, 21610)),
    ("no permission", error(401, 20003), Rejected(Cause.account_refused, 20003)),
    ("no such account", error(404, 20404), Rejected(Cause.account_refused, 20404)),
    ("our mistake", error(400, 21602), Rejected(Cause.our_fault, 21602)),
    ("sandbox", error(400, 63015), Rejected(Cause.sandbox, 63015)),
    ("unknown code", error(400, 29999), Rejected(Cause.unknown, 29999)),
    ("no code", httpx.Response(400, text="bad"), Rejected(Cause.unknown)),
    ("somebody else's 404", httpx.Response(404, text="nginx"), Rejected(Cause.foreign_answer)),
    ("somebody else's 403", httpx.Response(403, text="proxy"), Rejected(Cause.foreign_answer)),
    ("redirect", httpx.Response(307, headers={"Location": "https://evil.example"}), Rejected(Cause.foreign_answer)),
    (
        "too many, for a week",
        error(429, 20429, **{"Retry-After": "604800"}),
        Rejected(Cause.rate_limited, 20429, 604800.0),
    ),
    ("gateway gave up", httpx.Response(408), Ambiguous("http_408")),
    ("server error", error(500, 20500), Ambiguous("http_500")),
    ("unavailable", error(503, 20503), Ambiguous("http_503")),
    ("gateway", httpx.Response(504, text="gateway"), Ambiguous("http_504")),
]


@pytest.mark.parametrize(("answer", "expected"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_what_an_answer_means(answer: httpx.Response, expected: SendResult) -> None:
    posts = 0

    def handle(_: httpx.Request) -> httpx.Response:
        nonlocal posts
        posts += 1
        return answer

    assert send(handle) == expected
    assert posts == 1


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (httpx.ConnectError, Rejected(Cause.carrier_unreachable)),
        (httpx.ConnectTimeout, Rejected(Cause.carrier_unreachable)),
        (httpx.PoolTimeout, Rejected(Cause.carrier_unreachable)),
        (httpx.ProxyError, Rejected(Cause.carrier_unreachable)),
        (httpx.UnsupportedProtocol, Rejected(Cause.account_refused)),
        (httpx.InvalidURL, Rejected(Cause.account_refused)),
        (httpx.ReadTimeout, Ambiguous("ReadTimeout")),
        (httpx.ReadError, Ambiguous("ReadError")),
        (httpx.WriteTimeout, Ambiguous("WriteTimeout")),
        (httpx.WriteError, Ambiguous("WriteError")),
        (httpx.RemoteProtocolError, Ambiguous("RemoteProtocolError")),
        (httpx.DecodingError, Ambiguous("DecodingError")),
    ],
)
def test_what_a_broken_connection_means(failure: type[Exception], expected: SendResult) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise failure("+525555550101 must not be seen")

    assert send(handle) == expected


CAUSES = {
    20429: "rate_limited",
    21611: "rate_limited",
    30001: "rate_limited",
    30003: "passing",
    30008: "unexplained",
    30017: "passing",
    30022: "rate_limited",
    30410: "passing",
    63009: "passing",
    63010: "passing",
    63012: "passing",
    63017: "rate_limited",
    63018: "rate_limited",
    63119: "passing",
    63016: "outside_window",
    63003: "other_channel",
    63024: "other_channel",
    63032: "throttled",
    63049: "throttled",
    30036: "too_late",
    21655: "template_refused",
    21656: "template_refused",
    21610: "recipient_stopped",
    63014: "recipient_stopped",
    63033: "recipient_stopped",
    21211: "recipient_unreachable",
    21614: "recipient_unreachable",
    30005: "recipient_unreachable",
    30006: "recipient_unreachable",
    20003: "account_refused",
    20404: "account_refused",
    21408: "destination_refused",
    21606: "account_refused",
    21612: "destination_refused",
    21703: "account_refused",
    21704: "account_refused",
    30002: "account_refused",
    30004: "destination_refused",
    30007: "filtered",
    63007: "account_refused",
    63013: "account_refused",
    63020: "account_refused",
    63027: "template_missing",
    63028: "account_refused",
    63040: "account_refused",
    63041: "account_refused",
    63042: "account_refused",
    63051: "account_refused",
    21602: "our_fault",
    21603: "our_fault",
    21604: "our_fault",
    21609: "our_fault",
    21617: "our_fault",
    21654: "our_fault",
    63005: "content_refused",
    63021: "content_refused",
    21658: "content_unusable",
    63006: "content_unusable",
    63015: "sandbox",
    21608: "sandbox",
}
CLASSES = {
    "retry": "foreign_answer carrier_unreachable rate_limited passing unexplained",
    "change": "outside_window other_channel no_number template_refused throttled too_late",
    "stop_contact": "recipient_stopped recipient_unreachable",
    "destination": "destination_refused filtered",
    "operator": "account_refused template_missing",
    "bug": "our_fault content_refused",
    "sandbox": "sandbox",
    "final": "content_unusable unknown",
}


def test_every_code_has_one_cause() -> None:
    assert {
        code: cause_of(code).value for code in range(10_000, 70_000) if cause_of(code) is not Cause.unknown
    } == CAUSES
    assert cause_of(None) is cause_of(12) is cause_of(30009) is Cause.unknown


def test_every_cause_has_one_class() -> None:
    found = {name: error_class for error_class, names in CLASSES.items() for name in names.split()}
    assert {cause.value: cause.error_class.value for cause in Cause} == found
    assert cause_of(30003).error_class is ErrorClass.retry
    assert cause_of(63024).error_class is ErrorClass.change
    assert cause_of(21656).error_class is ErrorClass.change
    assert cause_of(63033).error_class is ErrorClass.stop_contact
    assert cause_of(63042).error_class is ErrorClass.operator


# -- lists ----------------------------------------------------------------------------------------------------------


def with_carrier(work: Callable[[TwilioChannel, Carrier], Any], **changes: Any) -> Any:
    async def run() -> Any:
        carrier = Carrier(ACCOUNT, client=answering(lambda _: httpx.Response(204)), clock=lambda: NOW)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(carrier))
        result = await work(channel(client, **changes), carrier)
        await carrier.settle()
        assert carrier.book.refused == []
        return result

    return asyncio.run(run())


NOW = datetime(2026, 3, 2, 16, 0, 5, 250_000, tzinfo=UTC)


async def listed(twilio: TwilioChannel, since: datetime = NOW, until: datetime | None = None) -> list[Inbound]:
    until = until or since.replace(hour=20)
    return [message async for stretch in twilio.list_inbound(since, until) for message in stretch.messages]


def test_a_sent_message_is_found_by_receiver_time_and_body() -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        sent = await twilio.send(OUTGOING)
        assert isinstance(sent, Accepted)
        await twilio.send(Outgoing("u2", "whatsapp", PHONE, TEXT + " "))
        await twilio.send(Outgoing("u3", "whatsapp", "+525555550102", TEXT))
        await carrier.inject("whatsapp:+5215555550101", TEXT, deliver=False)
        assert [found.sid for found in await twilio.find_sent(OUTGOING, NOW)] == [sent.sid]
        assert await twilio.find_sent(OUTGOING, NOW.replace(hour=17)) == []

    with_carrier(work)


def test_a_message_that_is_still_queued_is_found_too() -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        carrier.faults.step_seconds = 0.05
        sent = await twilio.send(OUTGOING)
        assert isinstance(sent, Accepted)
        assert carrier.book.messages[sent.sid].sent is None
        assert [found.sid for found in await twilio.find_sent(OUTGOING, NOW)] == [sent.sid]

    with_carrier(work)


def test_a_template_is_found_by_its_receiver_whatever_the_carrier_made_of_it() -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        message = Outgoing(UID, "whatsapp", PHONE, TEXT, content_sid=HX)
        for body, same in ((TEXT, True), ("otra cosa", False)):
            carrier.book.shelf.put(HX, body)
            sent = await twilio.send(message)
            assert isinstance(sent, Accepted)
            found = {one.sid: one.same for one in await twilio.find_sent(message, NOW)}
            assert found[sent.sid] is same

    with_carrier(work)


def test_whatsapps_other_spelling_of_the_receiver_is_asked_for() -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        sent = await twilio.send(OUTGOING)
        assert isinstance(sent, Accepted)
        carrier.book.messages[sent.sid].receiver = "whatsapp:+5215555550101"
        assert [found.sid for found in await twilio.find_sent(OUTGOING, NOW)] == [sent.sid]

    with_carrier(work)


@pytest.mark.parametrize(
    "changes", [{}, {"from_sms": None, "from_whatsapp": None, "messaging_service_sid": ACCOUNT.service}]
)
def test_the_sweep_finds_every_inbound_message_on_all_pages(changes: dict[str, Any]) -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        expected = [(await carrier.inject("whatsapp:+5215555550101", f"n {n}", deliver=False)).sid for n in range(450)]
        picture = await carrier.inject(PHONE, "", media=["image/jpeg", "audio/ogg"], deliver=False)
        if changes:
            for message in carrier.messages:
                message.service = ACCOUNT.service
        await twilio.send(OUTGOING)
        found = await listed(twilio)
        assert len(found) == 451
        # All of one second: of one number, or of the whole account, in the carrier's order.
        assert [message.sid for message in found if message.sid != picture.sid] == expected
        swept = next(message for message in found if message.sid == picture.sid)
        assert swept.media == ()
        swept = await twilio.complete(swept)
        assert swept == Inbound(
            picture.sid,
            "sms",
            PHONE,
            ACCOUNT.sms,
            "",
            sent_at=NOW.replace(microsecond=0),
            form=swept.form,
            media=tuple((f"https://api.example{path}", kind) for path, kind in picture.media),
            kind=MessageKind.image,
        )
        assert twilio.parse_inbound(swept.form) == swept, "what is set aside can be read again"

    with_carrier(work, **changes)


def test_the_sweep_leaves_out_what_is_older() -> None:
    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        await carrier.inject(PHONE, "sí", deliver=False)
        assert await listed(twilio, NOW.replace(minute=30)) == []
        assert await listed(twilio, NOW.replace(hour=15), NOW.replace(second=5, microsecond=0)) == []

    with_carrier(work)


@pytest.mark.parametrize(
    "handle",
    [
        lambda _: error(503, 20503),
        lambda _: httpx.Response(200, text="no"),
        lambda _: httpx.Response(200, json={"messages": "no"}),
        lambda _: httpx.Response(302, headers={"Location": "https://evil.example"}),
        lambda request: httpx.Response(200, json={"messages": [{}], "next_page_uri": request.url.path}),
    ],
    ids=["unavailable", "no JSON", "no list", "redirect", "without end"],
)
def test_a_list_that_cannot_be_had_is_an_external_error(handle: Callable[[httpx.Request], httpx.Response]) -> None:
    with pytest.raises(ExternalError):
        asyncio.run(listed(channel(answering(handle))))


def test_a_list_that_is_not_answered_does_not_say_whose_it_was() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(str(request.url))

    with pytest.raises(ExternalError) as caught:
        asyncio.run(channel(answering(handle)).find_sent(OUTGOING, NOW))
    assert PHONE[1:] not in str(caught.value)
    assert caught.value.__suppress_context__


def test_nothing_is_logged_of_numbers_and_texts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def work(twilio: TwilioChannel, carrier: Carrier) -> None:
        carrier.faults.next = ["ok", "error_after", "drop_after"]
        for _ in range(3):
            await twilio.send(OUTGOING)
        await twilio.find_sent(OUTGOING, NOW)

    with_carrier(work)
    assert PHONE[1:] not in caplog.text
    assert "motivo" not in caplog.text
