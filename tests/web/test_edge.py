"""The HTTP edge in this process: what strangers and the carrier may post, and what they are told."""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.channels.base import Forged
from app.channels.twilio.channel import TwilioChannel
from app.channels.twilio.signature import _parse, sign
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.library import Library
from app.sending import delivery_reports
from app.store import alerts, dead_letters, webhook_tally
from app.store.database import Database
from app.store.ledger import Kind, Ledger
from app.store.vault import Vault
from app.web import health
from app.web.readiness import Readiness
from app.web.webhooks import LARGEST_FORM, Webhooks
from tests.conftest import StillClock
from tests.shares import asserted, mostly
from tests.world import OURS, PROGRAMME, enrol, published

ACCOUNT, TOKEN, PUBLIC = "AC" + "1" * 32, "token of the tests", "https://trato.example"


class Edge:
    """The webhooks over a database, with the carrier's signature at hand."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock, source: str = PROGRAMME) -> None:
        with database.transaction() as tx:
            library: Library = published(tx, clock(), source)
        self.database, self.vault = database, vault
        self.channel = TwilioChannel(ACCOUNT, ["an older token", TOKEN], public_url=PUBLIC, from_whatsapp=OURS)
        self.clock, self.kinds = (
            clock,
            {
                "inbound": Kind(receiver(library), lambda one: dict(one.message.form)),
                "status": Kind(delivery_reports.recorder("twilio"), lambda one: {"sid": one.sid, "status": one.status}),
            },
        )
        self.begin()

    def begin(self) -> None:
        """As a process begins: a ledger belongs to one event loop."""
        self.ledger = Ledger(self.database, self.vault, self.clock, self.kinds)
        self.app = Webhooks(FastAPI(openapi_url=None), Intake(self.channel, self.ledger, self.vault))

    async def post(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            return await client.post(
                path, content=content, headers={"Content-Type": "application/x-www-form-urlencoded", **headers}
            )

    async def signed(self, path: str, /, **fields: str) -> httpx.Response:
        signature = sign(PUBLIC + path, list(fields.items()), TOKEN)
        return await self.post(path, urlencode(fields).encode(), **{"X-Twilio-Signature": signature})

    def count(self, table: str) -> int:
        with self.database.reading() as tx:
            return int(tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@pytest.fixture
def edge(database: Database, vault: Vault, clock: StillClock) -> Iterator[Edge]:
    return Edge(database, vault, clock)


FIELDS = {
    "MessageSid": "SM" + "2" * 32,
    "AccountSid": ACCOUNT,
    "To": f"whatsapp:{OURS}",
    "From": "whatsapp:+5215555550101",
}


def run(work: Coroutine[object, object, httpx.Response]) -> httpx.Response:
    return asyncio.run(work)


def test_a_signed_message_is_durable_before_it_is_answered(edge: Edge) -> None:
    answer = run(edge.signed("/twilio/inbound", **FIELDS, Body="¿Hola?", Extra=""))
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        200,
        "<Response/>",
        "text/xml; charset=utf-8",
    )
    assert edge.count("inbound_message") == 1


def test_a_signed_get_without_a_query_proves_the_signature_and_stores_nothing(edge: Edge) -> None:
    def ask(path: str, **headers: str) -> int:
        async def get() -> httpx.Response:
            transport = httpx.ASGITransport(app=edge.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
                return await client.get(path, headers=headers)

        return run(get()).status_code

    signature = sign(f"{PUBLIC}/twilio/inbound", [], TOKEN)
    assert ask("/twilio/inbound", **{"X-Twilio-Signature": signature}) == 204
    assert ask("/twilio/status", **{"X-Twilio-Signature": signature}) == 403
    assert ask("/twilio/inbound") == 405
    message = f"/twilio/inbound?{urlencode(FIELDS)}"
    assert ask(message, **{"X-Twilio-Signature": sign(PUBLIC + message, [], TOKEN)}) == 405, (
        "a message by GET is not taken"
    )
    assert edge.count("inbound_message") + edge.count("message_event") == 0


def test_the_fallback_is_the_same_door(edge: Edge) -> None:
    assert (
        run(
            edge.signed("/twilio/fallback", **FIELDS, ErrorCode="11200", ErrorUrl="https://trato.example/x")
        ).status_code
        == 200
    )
    assert edge.count("inbound_message") == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"AccountSid": "AC" + "9" * 32}, 403),
        ({"To": "whatsapp:+525555550009"}, 403),
        ({"MessageSid": ""}, 200),
        ({"From": ""}, 200),
    ],
)
def test_signed_but_not_for_us_is_refused_and_unreadable_is_set_aside(
    edge: Edge, change: dict[str, str], status: int
) -> None:
    assert run(edge.signed("/twilio/inbound", **{**FIELDS, **change}, Body="secreto")).status_code == status
    assert edge.count("inbound_message") == 0
    with edge.database.reading() as tx:
        letters = dead_letters.pending(tx, edge.vault)
    assert [letter.raw["Body"] for letter in letters] == (["secreto"] if status == 200 else [])


def test_other_methods_and_too_much_are_refused(edge: Edge) -> None:
    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge.app), base_url="http://inside") as client:
            return await client.get("/twilio/inbound")

    assert run(get()).status_code == 405
    signature = {"X-Twilio-Signature": sign(PUBLIC, [], TOKEN)}
    assert run(edge.post("/twilio/inbound", b"x" * (LARGEST_FORM + 1), **signature)).status_code == 413
    assert edge.count("inbound_message") == 0


def test_a_message_that_cannot_be_kept_is_a_503_so_that_the_carrier_goes_to_its_fallback(edge: Edge) -> None:
    asyncio.run(edge.ledger.close())
    assert run(edge.signed("/twilio/inbound", **FIELDS, Body="1")).status_code == 503


HUGE = "x" * 30_000
MALFORMED: list[tuple[str, bytes, int, str]] = [
    # (what, body, answer, where it is kept)
    ("nothing", b"", 200, "dead_letter"),
    ("no fields", b"&&&", 200, "dead_letter"),
    ("no values", b"Body", 200, "dead_letter"),
    ("a field without a name", b"=x", 200, "dead_letter"),
    ("a cut percent sign", b"Body=%", 200, "inbound_message"),
    ("no hexadecimal digits", b"Body=%zz%4", 200, "inbound_message"),
    ("bad UTF-8 behind percent signs", b"Body=%ff%fe%c3", 200, "inbound_message"),
    ("half a surrogate pair", b"Body=%ed%a0%80", 200, "inbound_message"),
    ("NUL", b"Body=a%00b&%00=%00", 200, "inbound_message"),
    ("control characters", b"Body=%01%1b%7f%0d%0a", 200, "inbound_message"),
    ("a body as large as may be", b"Body=" + HUGE.encode(), 200, "inbound_message"),
    ("the same field twice", b"Body=a&Body=b&Body=a", 200, "inbound_message"),
    ("right-to-left and astral", "Body=\u202e\U0010ffff\U0001f468\u200d".encode(), 200, "inbound_message"),
    ("a number that is none", b"NumMedia=-1&Latitude=x&Longitude=y", 200, "inbound_message"),
    ("ten attachments and one", b"&".join(b"MediaUrl%d=u" % n for n in range(11)), 200, "inbound_message"),
    ("an attachment at no address", b"MediaUrl0=%20&MediaContentType0=%2F%2F%3B", 200, "inbound_message"),
    ("a payload that looks like ours", b"ButtonPayload=t1:99999999999999999999:x:y", 200, "inbound_message"),
    ("a payload in other digits", "ButtonPayload=t1:١٢:x:y".encode(), 200, "inbound_message"),
    ("a quotation of nothing", b"OriginalRepliedMessageSid=%27%3B--", 200, "inbound_message"),
    ("a moment", b"DateSent=Mon%2C+02+Mar+2026+15%3A00%3A00+%2B0000", 200, "inbound_message"),
    ("a moment that is none", b"DateSent=Mon%2C+99+Mar+99999+15%3A00%3A00+%2B9999", 200, "inbound_message"),
    ("an unknown type", b"MessageType=%F0%9F%91%8D", 200, "inbound_message"),
    ("a SID twice, of which one is none", b"MessageSid=&MessageSid=%20", 200, "dead_letter"),
    ("another channel", b"From=messenger%3A1", 200, "dead_letter"),
]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("raw", "status", "kept"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_whatever_comes_signed_is_kept_and_never_a_fault(
    edge: Edge, raw: bytes, status: int, kept: str, known: bool
) -> None:
    """As the carrier signs it: over the fields as they were meant."""
    with edge.database.transaction() as tx:
        if known:
            enrol(tx, edge.vault, datetime(2026, 3, 2, tzinfo=UTC), "+525555550101")
    addressed = {
        name: value for name, value in FIELDS.items() if kept == "inbound_message" or name in ("AccountSid", "To")
    }
    body = urlencode(addressed).encode() + b"&" + raw
    signature = sign(PUBLIC + "/twilio/inbound", _parse(body.decode()), TOKEN)
    answer = run(edge.post("/twilio/inbound", body, **{"X-Twilio-Signature": signature}))
    assert answer.status_code == status
    assert {name: edge.count(name) for name in ("inbound_message", "dead_letter")} == {
        "inbound_message": int(kept == "inbound_message"),
        "dead_letter": int(kept == "dead_letter"),
    }


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"Body=\xc3", b"\x00", b"{", b"x" * (1024 * 1024), b"&" * 100_000, b"a=" * 40_000]
)
@pytest.mark.parametrize(
    "path",
    [
        "/twilio/inbound",
        "/twilio/fallback",
        "/twilio/status?m=%ff",
        "/twilio/inbound?bodySHA256=%ff",
        "/twilio/inbound?[",
    ],
)
def test_whatever_comes_unsigned_is_refused_and_leaves_nothing(edge: Edge, path: str, body: bytes) -> None:
    for content_type in (
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=",
        "\x01",
    ):
        answer = run(edge.post(path, body, **{"X-Twilio-Signature": "c2VjcmV0", "Content-Type": content_type}))
        assert answer.status_code in (403, 413)
    assert edge.count("inbound_message") == edge.count("dead_letter") == 0


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "x",
        "c2VjcmV0",
        "A" * 27,
        "A" * 29,
        "A" * 28,
        "*" * 27 + "=",
        "\x7f" * 28,
        sign(PUBLIC, [], TOKEN, "HMAC_SHA256"),
    ],
)
def test_a_signature_that_is_none_is_refused_before_the_body_is_read(edge: Edge, signature: str) -> None:
    async def post() -> tuple[int, int]:
        asked, sent = 0, []

        async def receive() -> dict[str, object]:
            nonlocal asked
            asked += 1
            return {"type": "http.request", "body": b"Body=1", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        headers = [(b"x-twilio-signature", signature.encode("latin-1"))]
        scope = {"type": "http", "path": "/twilio/inbound", "method": "POST", "query_string": b"", "headers": headers}
        await edge.app(scope, receive, send)  # type: ignore[arg-type]
        assert (b"connection", b"close") in sent[0]["headers"]  # type: ignore[operator]
        return sent[0]["status"], asked  # type: ignore[return-value]

    status, asked = asyncio.run(post())
    is_none = signature != "A" * 28  # which is one by its form, and wrong
    assert (status, asked) == (403, 0 if is_none else 1)


def test_webhooks_are_counted_and_an_alert_says_when_ours_are_all_refused(edge: Edge) -> None:
    """A wrong public URL, or a token that is not the carrier's any more; strangers who know no account ring nothing."""
    wrong = {"X-Twilio-Signature": sign("https://elsewhere.example/twilio/inbound", [], TOKEN)}

    async def scene() -> None:
        tally, ledger = edge.app._tally, edge.ledger
        for _ in range(5):
            await edge.post("/twilio/inbound", b"AccountSid=AC9&Body=1", **wrong)
        await tally.write(ledger)
        assert state() == (0, 5, False, [])
        for _ in range(3):
            await edge.post("/twilio/inbound", urlencode(FIELDS).encode(), **wrong)
        await tally.write(ledger)
        assert state() == (0, 8, True, ["webhooks"])
        assert (await Readiness(ledger, None, 60.0, swept=True)()).detail["webhooks"]["forged"] == 8  # type: ignore[index]
        assert (await edge.signed("/twilio/inbound", **FIELDS, Body="1")).status_code == 200
        await tally.write(ledger)
        await tally.write(ledger)
        assert state() == (1, 8, False, [])
        await ledger.close()

    def state() -> tuple[int, int, bool, list[str]]:
        with edge.database.reading() as tx:
            found = webhook_tally.read(tx)
            return found.genuine, found.forged, found.all_forged, alerts.subjects(tx, webhook_tally.ALL_FORGED)

    asyncio.run(scene())


HEADERS = st.dictionaries(
    st.sampled_from(["X-Twilio-Signature", "Content-Type", "X-Forwarded-Proto"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)


@given(
    st.binary(max_size=300),
    HEADERS,
    st.sampled_from(["/twilio/inbound", "/twilio/status?m=%00", "/twilio/fallback?bodySHA256=a"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_strangers_post_is_a_forgery(body: bytes, headers: dict[str, str], path: str) -> None:
    channel = TwilioChannel(ACCOUNT, [TOKEN], public_url=PUBLIC, from_whatsapp=OURS)
    with pytest.raises(Forged):
        channel.verify(path, body, httpx.Headers(headers))


_NAMES = st.sampled_from(
    [
        "MessageSid",
        "SmsSid",
        "AccountSid",
        "From",
        "To",
        "Body",
        "NumMedia",
        "MediaUrl0",
        "MediaContentType0",
        "ButtonPayload",
        "ListId",
        "OriginalRepliedMessageSid",
        "OptOutType",
        "Latitude",
        "MessageStatus",
        "ErrorCode",
        "EventType",
        "WaId",
    ]
)
_VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        [
            "SM" + "1" * 32,
            "whatsapp:" + OURS,
            OURS,
            "+525555550101",
            "whatsapp:MX.abc",
            "delivered",
            "63016",
            "STOP",
            "t1:1:x:y",
            "",
        ]
    ),
)


@mostly(0.2)
@given(
    st.lists(
        st.dictionaries(
            st.one_of(_NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), _VALUES, max_size=12
        ),
        max_size=4,
    ),
    st.sampled_from(["/twilio/inbound", "/twilio/fallback", "/twilio/status?m=abcdefgh", "/twilio/status"]),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_signed_is_kept_or_refused_and_never_a_fault_of_ours(
    edge: Edge, forms: list[dict[str, str]], path: str
) -> None:
    async def post_all() -> list[int]:
        answers = [(await edge.signed(path, **{"AccountSid": ACCOUNT, **form})).status_code for form in forms]
        await edge.ledger.close()
        return answers

    edge.begin()
    answers = set(run(post_all()))
    if answers & {200, 204}:
        asserted()
    assert answers <= {200, 204, 403}


def test_health_and_readiness() -> None:
    async def look() -> health.State:
        return health.State({"database": True, "clock": False})

    app = FastAPI(openapi_url=None)
    app.router.routes.extend(health.routes(look))

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside") as client:
            return await client.get(path)

    assert run(ask("/healthz")).json() == {"status": "ok"}
    answer = run(ask("/readyz"))
    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": True, "clock": False})


@pytest.mark.parametrize("oldest", ["0001_first_release", "9999_later"])
def test_on_a_newer_schema_webhooks_and_readiness_agree(edge: Edge, oldest: str) -> None:
    permitted = oldest == "0001_first_release"
    with edge.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
        tx.exec_driver_sql("DELETE FROM schema_support")
        tx.exec_driver_sql(f"INSERT INTO schema_support VALUES ('{oldest}')")

    async def scene() -> None:
        answer = await edge.signed("/twilio/inbound", **FIELDS, Body="¿Hola?")
        state = await Readiness(edge.ledger, None, 60.0, swept=False)()
        assert (answer.status_code, state.ready, state.checks["schema"]) == (
            (200, True, True) if permitted else (503, False, False)
        )
        assert state.detail.get("newer_schema") == ("9999_later" if permitted else None)
        await edge.ledger.close()

    asyncio.run(scene())
    assert edge.count("inbound_message") == (1 if permitted else 0)


def test_pages_load_nothing_from_elsewhere() -> None:
    web = Path("app/web")
    files = [file for kind in ("html", "css", "js") for file in web.rglob(f"*.{kind}")]
    assert len(files) > 40
    for file in files:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # the name of pictures
        assert "http://" not in text
        assert "https://" not in text
