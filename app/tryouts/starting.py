"""The start of a tryout: what would go out and when, and the telephones that it goes to. They are enrolled as officers of a programme of their
own, which runs the published text or the draft; from then on the service treats them as any officer, but for the pressed time."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.conversations import drafting
from app.conversations.library import Library, store
from app.errors import ConflictError, UsageError
from app.flows.language.campaign import Campaign
from app.flows.language.definition import Programme
from app.flows.loader import LoadedFile, launch_blockers
from app.flows.tryouts import Press, code_of, pace_of, pressed
from app.roster import identities
from app.roster.study_ids import new_study_id
from app.scheduler.planning import Planned, Profile, plan
from app.scheduler.recurring import ALMANAC
from app.store import audit, cohorts, contacts, enrolment, keys, suppression, tryouts, versions
from app.store.tryouts import Tryout
from app.store.vault import Vault
from app.wording import Sentence

PREFIX = "PRUEBA"
"""The beginning of the study id of a telephone in a tryout. No officer's id has its U."""

MOST = 3
"""Telephones of one tryout."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A tryout as a person wants it: of the draft instead of the published text, of a campaign (empty: the first one)."""

    programme: str
    press: Press
    channel: str
    of_draft: bool = False
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone whose owner agrees to the tryout: the number in canonical form, and the name that texts say."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Send:
    """A flow of the tryout, and the day of the programme, from 1, on which it would begin."""

    planned: Planned
    day: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would go out: the text as it is read, the campaign, and its flows in order. `pace` stands for a day."""

    loaded: LoadedFile
    source: str
    programme: Programme
    campaign: str
    sends: tuple[Send, ...]
    pace: timedelta
    ends_at: datetime
    dates: dict[str, str]

    @property
    def last_at(self) -> datetime:
        """When the last flow is due."""
        return max(one.planned.due_at for one in self.sends)


def forecast(tx: Connection, library: Library, wish: Wish, now: datetime) -> Forecast:
    """What a tryout that starts now would send. Raises UsageError if there is no such programme or campaign, if the text has errors or lacks
    what an officer in trouble needs, or if nothing would go out."""
    text = drafting.working(tx, wish.programme)
    source = text.source if wish.of_draft else text.published.source
    loaded = drafting.read_text(source, f"{wish.programme}.yaml")
    programme = loaded.programme
    if programme is None:
        raise UsageError(Sentence("a text with errors is not tried out"), "tryout_of_errors")
    if library.reaches_people and launch_blockers(loaded):
        raise UsageError(
            Sentence("the text lacks what officers in trouble need: see `trato check --for-launch`"), "tryout_unsafe"
        )
    code = wish.campaign or next(iter(programme.campaigns), "")
    if code not in programme.campaigns:
        raise UsageError(Sentence("the programme has no campaign {code}", code=code), "tryout_no_campaign")
    return _forecast(library, wish.press, loaded, source, programme, code, now)


def _forecast(
    library: Library, press: Press, loaded: LoadedFile, source: str, programme: Programme, code: str, now: datetime
) -> Forecast:
    campaign = programme.campaigns[code]
    profile = _profile(programme, campaign, now)
    real = plan(campaign, profile, library.quiet, ALMANAC)
    goes = [one for one in real if one.skip is None]
    if not goes:
        raise UsageError(Sentence("nothing of this campaign would go out"), "tryout_of_nothing")
    pace = timedelta(seconds=int(pace_of(press, len(goes)).total_seconds()))
    squeezed = plan(pressed(programme, pace).campaigns[code], profile, library.quiet, ALMANAC)
    sends = tuple(
        Send(after, (before.due_at - goes[0].due_at).days + 1) for before, after in zip(real, squeezed, strict=True)
    )
    anchor = "" if profile.anchor is None else profile.anchor.isoformat()
    dates = {one.anchor: anchor for one in programme.campaigns.values()}
    ends_at = max(one.closes_at for one in squeezed)
    return Forecast(loaded, source, programme, code, sends, pace, ends_at, dates)


def _profile(programme: Programme, campaign: Campaign, now: datetime) -> Profile:
    """An officer for whom nothing of the campaign is late: it counts from a day after which all of it comes."""
    first = min((wave.day for wave in campaign.waves.values()), default=1)
    anchor = now.astimezone(ZoneInfo(programme.timezone)).date() + timedelta(days=max(0, 1 - first))
    return Profile(0, programme.timezone, anchor, now)


def start(
    tx: Connection,
    vault: Vault,
    library: Library,
    wish: Wish,
    telephones: Sequence[Telephone],
    now: datetime,
    actor: str,
) -> Forecast:
    """Begin a tryout on these telephones, whose owners have agreed. Raises as `forecast`; ConflictError if the programme has one already, or a
    number is an officer's or suppressed; UsageError without a number."""
    versions.lock(tx, wish.programme)  # of two people who begin at once the second is told
    found, code = forecast(tx, library, wish, now), code_of(wish.programme)
    keys.check(tx, vault)
    _check(tx, vault, code, telephones)
    version = _store(tx, found, code, now)
    cohort = _cohort(tx, found, code, now)
    _enrol(tx, vault, found, cohort, wish.channel, telephones, now)
    tryouts.add(
        tx,
        Tryout(
            code,
            version,
            found.campaign,
            wish.press,
            int(found.pace.total_seconds()),
            wish.of_draft,
            now,
            actor,
            found.ends_at,
        ),
    )
    detail = {
        "telephones": len(telephones),
        "press": wish.press,
        "campaign": found.campaign,
        "draft": wish.of_draft,
        "owners_agreed": True,
    }
    audit.record(tx, now, actor, "tryout start", f"programme:{wish.programme}", detail)
    return found


def _check(tx: Connection, vault: Vault, code: str, telephones: Sequence[Telephone]) -> None:
    numbers = [one.number for one in telephones]
    if not numbers or len(numbers) > MOST or len(set(numbers)) < len(numbers):
        raise UsageError(
            Sentence("a tryout takes from one to {most} different numbers", most=MOST), "tryout_numbers", most=MOST
        )
    if tryouts.find(tx, code) is not None:
        raise ConflictError(Sentence("a tryout of this programme is under way: end it first"), "tryout_under_way")
    if contacts.by_number(tx, vault, numbers):
        raise ConflictError(Sentence("a number is an officer's, or of another tryout"), "tryout_number_taken")
    if suppression.among(tx, numbers):
        raise ConflictError(suppression.REFUSAL, "erased_number")


def _store(tx: Connection, found: Forecast, code: str, now: datetime) -> int:
    """Store the text as a version of the tryout, always a new one: it is compiled with the pace of this tryout."""
    digest = hashlib.sha256(f"{now.isoformat()} {found.source}".encode()).hexdigest()
    of_tryout = found.programme.model_copy(update={"programme": code})
    return store(tx, of_tryout, digest, found.source, now, filed=False)


def _cohort(tx: Connection, found: Forecast, code: str, now: datetime) -> int:
    """The cohort of the programme's tryouts: made by the first one, and kept for what stays of each."""
    zone = found.programme.timezone
    cohort = enrolment.cohorts(tx, {code}).get(code) or enrolment.add_cohort(tx, code, code, zone, now)
    cohorts.change(tx, cohort.id, dates=json.dumps(found.dates, sort_keys=True), timezone=zone, paused_at=None)
    return cohort.id


def _enrol(
    tx: Connection,
    vault: Vault,
    found: Forecast,
    cohort: int,
    channel: str,
    telephones: Sequence[Telephone],
    now: datetime,
) -> None:
    programme = found.programme
    rows = [
        {
            "study_id": new_tryout_id(),
            "cohort_id": cohort,
            "language": programme.language,
            "timezone": programme.timezone,
            "channel": channel,
            "status": "active",
            "attributes": "{}",
            "dates": "{}",
            "shift": None,
            "created_at": now,
        }
        for _ in telephones
    ]
    ids = [key for _, key in enrolment.add_contacts(tx, rows)]
    owners = list(zip(ids, telephones, strict=True))
    enrolment.add_identities(
        tx, [(key, identities.sealed(vault, key, {identities.NAME: one.name})) for key, one in owners]
    )
    enrolment.add_addresses(
        tx,
        [
            {
                "contact_id": key,
                "channel": each,
                "lookup": vault.lookup(one.number),
                "sealed": vault.seal(one.number, f"address:{key}"),
                "created_at": now,
            }
            for key, one in owners
            for each in CHANNELS
        ],
    )
    enrolment.follow(tx, ids, found.campaign, now)


def new_tryout_id() -> str:
    """A study id that says that it is of a tryout."""
    return PREFIX + new_study_id(secrets.choice)[:6]
