"""Messages that are not plain text: reactions, locations, voice notes, stickers, cards, photos, and messages
in which there is nothing to read. All are kept with what they are. On both databases."""

from typing import Any

import pytest

from app.channels.base import Inbound
from app.channels.twilio import forms
from app.conversations.inbound import Arrival, receive
from app.scheduler.waking import wake_due
from app.store.database import Database
from app.store.tables import Consent, InboundMessage, Media, Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER, World
from tests.world import OURS, PROGRAMME, arrive, published

PHOTO, VOICE, STICKER, CARD, PAPER = (
    "image/jpeg",
    "audio/ogg; codecs=opus",
    "image/webp",
    "text/vcard",
    "application/pdf",
)
ASKING_MEDIA = PROGRAMME.replace("answer: text", "answer: {media: {types: [image, document]}}")
NUMBER = [0]
UNREAD = "Por aquí solo se puede leer texto. La pregunta anterior sigue abierta."


def form(number: str, body: str = "", media: tuple[str, ...] = (), **fields: str) -> dict[str, str]:
    """A WhatsApp webhook's form, as Twilio sends it."""
    NUMBER[0] += 1
    attached = {}
    for place, kind in enumerate(media):
        attached |= {f"MediaUrl{place}": f"https://api.twilio.com/m{place}", f"MediaContentType{place}": kind}
    return {
        "MessageSid": f"SM{NUMBER[0]:032x}",
        "From": f"whatsapp:{number}",
        "To": f"whatsapp:{OURS}",
        "Body": body,
        "NumMedia": str(len(media)),
        **attached,
        **fields,
    }


def send(world: World, body: str = "", media: tuple[str, ...] = (), number: str = ALMA, **fields: str) -> str:
    message: Inbound = forms.inbound(form(number, body, media, **fields))
    arrive(world.tx)
    (received,) = receive(world.tx, world.library, [Arrival.of(message, world.vault)], world.clock())
    return received.outcome


KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("text", {"body": "hola"}, "text"),
    ("button", {"body": "Sí", "ButtonPayload": "t1:1:contacto:si", "ButtonText": "Sí"}, "button"),
    ("list", {"body": "Sí", "ListId": "x", "MessageType": "interactive"}, "button"),
    ("reaction", {"body": "👍", "MessageType": "reaction", "OriginalRepliedMessageSid": "SM9"}, "reaction"),
    ("reaction taken off", {"MessageType": "reaction", "OriginalRepliedMessageSid": "SM9"}, "reaction"),
    ("reaction of unsaid type", {"body": "❤️", "OriginalRepliedMessageSid": "SM9"}, "reaction"),
    ("emoji as a quoting text", {"body": "👍", "MessageType": "text", "OriginalRepliedMessageSid": "SM9"}, "text"),
    ("emoji", {"body": "👍"}, "text"),
    ("quoting text", {"body": "👍 claro", "OriginalRepliedMessageSid": "SM9"}, "text"),
    ("location", {"Latitude": "19.43", "Longitude": "-99.13", "Label": "Casa"}, "location"),
    ("photo", {"media": (PHOTO,)}, "image"),
    ("photo with caption", {"media": (PHOTO,), "body": "mi libreta"}, "image"),
    ("voice note", {"media": (VOICE,), "MessageType": "audio"}, "audio"),
    ("film", {"media": ("video/mp4",)}, "video"),
    ("paper", {"media": (PAPER,), "Forwarded": "true"}, "document"),
    ("sticker", {"media": (STICKER,)}, "sticker"),
    ("sticker, said to be one", {"media": (STICKER,), "MessageType": "sticker"}, "sticker"),
    ("photo as WebP", {"media": (STICKER,), "MessageType": "image"}, "image"),
    ("card", {"media": (CARD,)}, "contact"),
    ("cards", {"media": ("application/octet-stream",), "MessageType": "contacts"}, "contact"),
    ("poll, edit, view-once", {"MessageType": "unsupported"}, "other"),
]


@pytest.mark.parametrize(("given", "kind"), [case[1:] for case in KINDS], ids=[case[0] for case in KINDS])
def test_every_kind_is_told_and_kept(world: World, given: dict[str, Any], kind: str) -> None:
    world.begin(world.alma, "permiso")
    assert send(world, **given)
    assert world.rows(InboundMessage, "kind", "body") == [(kind, given.get("body", ""))]
    files = [(place, kind) for place, kind in enumerate(given.get("media", ()), 1)]
    assert world.rows(Media, "position", "content_type") == files
    assert all(status == "waiting" for (status,) in world.rows(Media, "status"))


@pytest.mark.parametrize(
    "given",
    [
        {"media": (STICKER,)},
        {"media": (PHOTO,)},
        {"media": (CARD,)},
        {"media": (PAPER,)},
        {"Latitude": "19.43", "Longitude": "-99.13"},
        {"MessageType": "unsupported"},
    ],
    ids=["sticker", "photo", "card", "paper", "location", "unsupported"],
)
@pytest.mark.parametrize("question", ["closed", "text"])
def test_what_says_nothing_uses_no_try_and_is_answered_once(world: World, given: dict[str, Any], question: str) -> None:
    world.begin(world.alma)
    if question == "text":
        world.say(ALMA, "1")
    before = len(world.sent(world.alma))
    assert [send(world, **given) for _ in range(3)] == ["set_aside"] * 3
    assert world.sent(world.alma)[before:] == [UNREAD]
    assert [row[0] for row in world.rows(Response, "status")] == (["ok"] if question == "text" else [])
    assert world.say(ALMA, "Sí, platicamos" if question == "text" else "sí") == ["answer"]


def test_a_caption_is_read(world: World) -> None:
    world.begin(world.alma)
    assert send(world, "sí", media=(PHOTO,)) == "answer"


@pytest.mark.parametrize(
    ("given", "outcome", "value"),
    [
        ({"media": (PHOTO,)}, "answer", "image"),
        ({"media": (PAPER,), "body": "acta"}, "answer", "document"),
        ({"media": (VOICE, PHOTO)}, "answer", "image"),
        ({"media": (VOICE,)}, "unclear", None),
        ({"media": (STICKER,)}, "set_aside", None),
        ({"media": (CARD,)}, "set_aside", None),
        ({"body": "luego"}, "set_aside", None),
        ({"body": "no tengo libreta"}, "unclear", None),
    ],
    ids=["photo", "paper", "photo behind a voice", "voice", "sticker", "card", "later", "text"],
)
def test_where_a_photo_or_a_paper_is_asked_for(
    database: Database, vault: Vault, clock: StillClock, given: dict[str, Any], outcome: str, value: str | None
) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, ASKING_MEDIA)
        world.begin(world.alma)
        world.say(ALMA, "1")
        assert send(world, **given) == outcome
        found = [row for row in world.rows(Response, "step", "value") if row[0] == "historia"]
        assert found == ([("historia", value)] if value else [])


# -- reactions ----------------------------------------------------------------------------------------------------------


def react(world: World, emoji: str, sid: str) -> str:
    return send(world, emoji, MessageType="reaction", OriginalRepliedMessageSid=sid)


@pytest.mark.parametrize(
    ("emoji", "key"),
    [
        ("👎", "no"),
        ("👎🏿", "no"),
        ("❤️", None),
        ("✅", None),
        ("👌", None),
        ("😂", None),
        ("", None),
    ],
)
def test_a_thumb_down_on_a_question_of_yes_or_no_is_its_answer(world: World, emoji: str, key: str | None) -> None:
    world.begin(world.alma)
    before = len(world.sent(world.alma))
    assert react(world, emoji, world.sid("contacto")) == ("answer" if key else "reaction")
    assert world.rows(Response, "key", "late") == ([(key, False)] if key else [])
    assert world.rows(InboundMessage, "needs_person") == [(False,)]
    assert len(world.sent(world.alma)) == before + (1 if key else 0)


@pytest.mark.parametrize("emoji", ["👍", "👍🏽"])
def test_a_thumb_up_acknowledges_a_question_and_accepts_an_invitation(world: World, emoji: str) -> None:
    world.begin(world.alma)
    assert react(world, emoji, world.sid("contacto")) == "set_aside"
    assert world.rows(Response, "key") == []
    inviting = PROGRAMME.replace("answer: si_no", "answer: yes_no\n        invitation: true")
    world.library = published(world.tx, world.clock(), inviting)
    world.begin(world.bruno)
    sid = world.sid("contacto", contact=world.bruno)
    assert send(world, emoji, number=BRUNO, MessageType="reaction", OriginalRepliedMessageSid=sid) == "answer"
    assert world.rows(Response, "key", "late") == [("si", False)]


def test_a_thumb_on_an_earlier_question_is_late(world: World) -> None:
    world.begin(world.alma)
    sid = world.sid("contacto")
    world.clock.advance(hours=49)
    wake_due(world.tx, world.library, world.clock())
    world.begin(world.alma, "permiso")
    assert react(world, "👎", sid) == "late"
    assert world.rows(Response, "step", "key", "late") == [("contacto", "no", True)]


@pytest.mark.parametrize("emoji", ["👍", "👎"])
def test_a_reaction_is_never_a_consent(world: World, emoji: str) -> None:
    world.begin(world.alma, "permiso")
    assert react(world, emoji, world.sid("acepta")) == "reaction"
    assert world.rows(Consent, "id") == world.rows(Response, "id") == []


def test_a_reaction_to_what_asks_nothing_else_or_to_another_officers_message_is_only_kept(world: World) -> None:
    world.begin(world.alma)
    world.begin(world.bruno)
    assert react(world, "👍", world.sid("hola", "say")) == "reaction"
    assert react(world, "👍", world.sid("contacto", contact=world.bruno)) == "reaction"
    assert react(world, "👍", "SM" + "9" * 32) == "reaction"
    world.say(ALMA, "1")
    assert react(world, "👍", world.sid("historia")) == "reaction"
    assert [row[:2] for row in world.responses()] == [("contacto", "1")]


def test_a_reaction_with_nothing_open_gets_no_reply_nor_does_a_strangers(world: World) -> None:
    assert react(world, "👍", "SM" + "9" * 32) == "reaction"
    assert (
        send(world, "👍", number=STRANGER, MessageType="reaction", OriginalRepliedMessageSid="SM9") == "unknown_sender"
    )
    assert world.sent(world.alma) == []
    assert world.outcomes() == ["reaction", "unknown_sender"]


def test_a_keyword_cannot_be_a_reaction_and_an_opted_out_officer_is_left_alone(world: World) -> None:
    world.say(ALMA, "baja")
    assert react(world, "👍", "SM" + "9" * 32) == "opted_out"


def test_of_a_swept_emoji_nobody_knows_what_it_was(world: World) -> None:
    """A list does not tell what a reaction is on: it counts where it can only mean one thing."""
    entry = {
        "sid": "SM" + "a" * 32,
        "from": f"whatsapp:{ALMA}",
        "to": f"whatsapp:{OURS}",
        "body": "👎",
        "direction": "inbound",
        "date_sent": "Mon, 02 Mar 2026 16:05:00 +0000",
        "num_media": "0",
    }
    world.begin(world.alma)
    world.clock.advance(minutes=30)
    message = forms.listed(entry)
    assert message.kind == "reaction"
    receive(world.tx, world.library, [Arrival.of(message, world.vault)], world.clock())
    assert world.rows(Response, "key") == [("no",)]
    message = forms.listed({**entry, "sid": "SM" + "b" * 32, "date_sent": "Mon, 02 Mar 2026 16:31:00 +0000"})
    world.clock.advance(minutes=30)
    receive(world.tx, world.library, [Arrival.of(message, world.vault)], world.clock())
    assert world.outcomes() == ["answer", "reaction"]
