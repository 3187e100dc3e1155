"""Consent outside the question for it: a withdrawal, and whether an officer has to be asked."""

from datetime import timedelta

from app.conversations.sessions import Turn, decide
from app.flows.language.definition import Programme
from app.flows.privacy import PrivacyNotice, is_outdated, notice_of, notices
from app.flows.replies.consent import is_accepted_late
from app.store import audit, conversations, nudges
from app.store.contacts import Officer

WITHDRAWAL = "withdraw"
"""The action of audit entries."""

OFFICER = "officer"
"""The actor of a withdrawal that the officer wrote."""

MOST_PUT, PUT_WITHIN = 2, timedelta(days=1)
"""The question for consent is put so often in this time, the first time and again."""


def withdraw(turn: Turn, officer: Officer, actor: str = OFFICER) -> None:
    """Record that the officer withdraws: a decision with the officer's words, and an audit entry without them. Earlier decisions
    stay. The version is the one agreed to, or the current one; empty if the programme has none."""
    version = officer.consented_to or next((notice.version for notice in _asked(turn, officer)), "")
    channel = turn.channel or officer.channel
    decide(turn, officer, None, version, turn.words, channel, granted=False)
    detail = {"version": version, "channel": channel}
    audit.record(turn.tx, turn.now, actor, WITHDRAWAL, f"contact:{officer.id}", detail)


def missing(turn: Turn, officer: Officer) -> str | None:
    """The consent flow to which the officer has to agree before the next message; None if there is none."""
    for notice in _asked(turn, officer):
        if officer.consented_at is None or is_outdated(officer.consented_to, notice.version):
            return notice.flow
    return None


def accepted_late(turn: Turn, officer: Officer, text: str) -> str | None:
    """The consent flow to put again to an officer who accepts after it has ended: without a decision, or with a no and now an
    express or a changed yes. None if the text is no plain yes, or if the flow has been put twice in a day: then a person decides."""
    last = conversations.last_session(turn.tx, officer.id)
    if last is None or officer.held_at is not None or not is_accepted_late(text, decided=last.decided):
        return None
    if last.flow != missing(turn, officer):
        return None
    put = conversations.begun_since(turn.tx, officer.id, last.flow, turn.now - PUT_WITHIN)
    return last.flow if put < MOST_PUT else None


def is_followed(turn: Turn, officer: Officer) -> bool:
    """Whether the officer follows a campaign of the current version, from which messages come."""
    programme = _programme(turn, officer)
    return programme is not None and bool(nudges.campaigns_of(turn.tx, officer.id) & programme.campaigns.keys())


def _asked(turn: Turn, officer: Officer) -> list[PrivacyNotice]:
    """The notices of the officer's campaigns; of the whole programme for an officer who follows none, who may be randomised."""
    programme = _programme(turn, officer)
    if programme is None:
        return []
    followed = nudges.campaigns_of(turn.tx, officer.id) & programme.campaigns.keys()
    if not followed:
        return notices(programme)[:1]
    found = [notice_of(programme, programme.campaigns[code].consent) for code in sorted(followed)]
    return [notice for notice in found if notice is not None]


def _programme(turn: Turn, officer: Officer) -> Programme | None:
    latest = turn.library.latest(turn.tx, officer.programme)
    return None if latest is None else latest[1].definition
