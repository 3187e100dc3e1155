"""The steps of an installation before the campaigns of a programme begin, each with the things that are missing. The console shows them as a
page. Decides nothing: the conditions under which a campaign begins are elsewhere."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from app.conversations.library import Library
from app.flows.language.definition import Programme
from app.flows.tryouts import programme_of
from app.flows.whatsapp_templates import uses
from app.people.actors import Actor, grants
from app.people.roles import Permission
from app.store import accounts, alerts, audit, cohorts, nudges, tryouts
from app.store.tables import SESSION

REHEARSED = "rehearsal seen"
"""An action of the audit log, on `programme:CODE`."""


class StepCode(StrEnum):
    """The steps, in their order."""

    programme = "programme"
    safety = "safety"
    carrier = "carrier"
    senders = "senders"
    templates = "templates"
    people = "people"
    alerts = "alerts"
    alerts_tried = "alerts_tried"
    roster = "roster"
    dates = "dates"
    campaign = "campaign"
    rehearsal = "rehearsal"


@dataclass(frozen=True, slots=True)
class Setup:
    """The facts of the settings: whether messages reach people, whether the public address is encrypted, the channels of each programme
    that has numbers of its own (empty: of all others), the approved templates, and whether alerts go by e-mail."""

    reaches_people: bool
    encrypted: bool
    channels: Mapping[str, frozenset[str]]
    templates: Container[str]
    mails: bool

    def channels_of(self, programme: str) -> frozenset[str]:
        """The channels on which a programme has a number."""
        return self.channels.get(programme_of(programme), frozenset()) | self.channels.get("", frozenset())


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `missing` are codes or names of missing things; `blocks`: without it no officer gets a first message."""

    code: StepCode
    missing: tuple[str, ...] = ()
    blocks: bool = True

    @property
    def done(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def steps(tx: Connection, library: Library, setup: Setup, programme: str) -> list[Step]:
    """The steps of a published programme."""
    return list(_steps(tx, library, setup, programme))


def _steps(tx: Connection, library: Library, setup: Setup, code: str) -> Iterator[Step]:
    version = library.current[code]
    definition = library.programmes[version].definition
    subject = f"programme:{code}"
    yield Step(StepCode.programme)
    yield Step(StepCode.safety, library.lacking.get(version, ()))
    carrier = () if setup.reaches_people else ("simulator",)
    yield Step(StepCode.carrier, carrier or (() if setup.encrypted else ("public_url",)))
    yield Step(StepCode.senders, () if setup.channels_of(code) else ("number",))
    yield Step(StepCode.templates, _templates(definition, setup))
    yield Step(StepCode.people, _people(tx, code))
    yield Step(StepCode.alerts, _alerts(definition, setup), blocks=False)
    tried = audit.latest(tx, alerts.TRIED, subject)
    lacking = () if tried and tried["delivered"] == tried["of"] else ("failed",) if tried else ("never",)
    yield Step(StepCode.alerts_tried, lacking, blocks=False)
    own = [one for one in cohorts.find_all(tx, code) if one.officers]
    yield Step(StepCode.roster, () if own else ("officers",))
    yield Step(StepCode.dates, _undated(tx, definition, own))
    yield Step(StepCode.campaign, () if nudges.is_followed(tx, code, definition.campaigns) else ("nobody",))
    yield Step(StepCode.rehearsal, () if audit.latest(tx, REHEARSED, subject) else ("never",), blocks=False)


def _templates(definition: Programme, setup: Setup) -> tuple[str, ...]:
    """The templates that flows need on WhatsApp, and that are not approved."""
    if "whatsapp" not in setup.channels_of(definition.programme):
        return ()
    wanted = sorted({use.template for use in uses(definition) if not use.spare})
    return tuple(name for name in wanted if name not in setup.templates)


def _alerts(definition: Programme, setup: Setup) -> tuple[str, ...]:
    named = definition.alerts
    if not named.email and named.webhook is None:
        return ("receivers",)
    return ("mail_server",) if named.email and not setup.mails else ()


def _undated(tx: Connection, definition: Programme, own: list[cohorts.Group]) -> tuple[str, ...]:
    """The cohorts with officers who lack the date from which a campaign counts."""
    anchors = {definition.campaigns[one].anchor for one in definition.open_campaigns}
    return tuple(
        group.code
        for group in own
        if not anchors <= group.dates.keys()
        and any(not anchors <= group.dates.keys() | one.dates.keys() for one in cohorts.members(tx, group.id))
    )


def _people(tx: Connection, programme: str) -> tuple[str, ...]:
    """The permissions that nobody who can sign in has: to handle any case, a crisis, and accounts."""
    wanted = (Permission.handle_cases, Permission.handle_crises, Permission.accounts)
    able = [Actor(one.id, one.name, grants(tx, one.id)) for one in accounts.every(tx) if one.can_sign_in]
    return tuple(one for one in wanted if not any(actor.may(one, programme) for actor in able))


def has_begun(tx: Connection) -> bool:
    """Whether any conversation has begun, but for tryouts."""
    return tx.execute(select(SESSION.c.id).where(tryouts.begun_by_officers()).limit(1)).first() is not None
