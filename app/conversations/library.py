"""The published programmes, compiled, in memory. A session uses the programme of its own version; new sessions use the current
one. Programmes are compiled from the store, never from files, so that every process has the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from app.errors import ConfigurationError
from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.language.definition import Programme
from app.flows.loader import LoadedFile, launch_blockers, load_published
from app.flows.quiet_hours import Quiet
from app.flows.tryouts import is_tryout, pressed
from app.store import audit, tryouts, versions
from app.store.our_numbers import OwnNumbers
from app.wording import Sentence


@dataclass(slots=True)
class Library:
    """Compiled programmes by version, and the current version of each programme and of each tryout. `own` are the programmes of this installation
    that have a sender number of their own, by channel. `followed` are the flows that follow-ups of current versions depend on.
    `quiet` are the hours in which nobody gets a message, in any programme. `reaches_people`: the carrier is a real one. `lacking`
    are the codes of what each version lacks for a launch. After a `silence` a number may be somebody else's; None: it never is."""

    programmes: dict[int, CompiledProgramme] = field(default_factory=dict)
    current: dict[str, int] = field(default_factory=dict)
    campaigns: dict[int, dict[str, int]] = field(default_factory=dict)
    own: OwnNumbers = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    quiet: Quiet = (time(21), time(9))
    reaches_people: bool = False
    lacking: dict[int, tuple[str, ...]] = field(default_factory=dict)
    silence: timedelta | None = None

    def refresh(self, tx: Connection) -> None:
        """Reload the published versions: at the start and at every tick, for another process may have published."""
        self.current = {**versions.current(tx), **tryouts.current(tx)}
        programmes = [self.compiled(tx, version) for version in self.current.values()]
        campaigns = [campaign for compiled in programmes for campaign in compiled.definition.campaigns.values()]
        self.followed = frozenset(each.when.flow for campaign in campaigns for each in campaign.followups.values())

    @property
    def published(self) -> dict[str, int]:
        """The current version of each programme, without tryouts."""
        return {code: version for code, version in self.current.items() if not is_tryout(code)}

    def compiled(self, tx: Connection, version: int) -> CompiledProgramme:
        """The compiled programme of a version. Raises ConfigurationError if this release cannot read it."""
        compiled = self.programmes.get(version)
        if compiled is None:
            stored = versions.read(tx, version)
            loaded = load_published(stored.source, stored.name, stored.programme)
            if loaded.programme is None:
                raise ConfigurationError(
                    Sentence(
                        "version {version} of {programme} cannot be read any more",
                        version=stored.hash[:12],
                        programme=stored.programme,
                    )
                )
            pace = tryouts.pace(tx, version) if is_tryout(stored.programme) else None
            definition = loaded.programme if pace is None else pressed(loaded.programme, pace)
            compiled = self.programmes[version] = bind(definition, stored.hash)
            self.campaigns[version] = versions.campaign_ids(tx, version)
            self.lacking[version] = launch_blockers(loaded)
        return compiled

    def not_ready(self) -> dict[str, tuple[str, ...]]:
        """The current programmes that may not begin any campaign, with the codes of what they lack. None with a simulated carrier."""
        found = {code: self.lacking.get(version, ()) for code, version in self.current.items()}
        return {code: lacking for code, lacking in found.items() if lacking and self.reaches_people}

    def zone(self, programme: str | None) -> str:
        """The time zone of a programme; of no programme, that of the first; UTC as long as there is none."""
        if not self.current:
            return "UTC"
        version = self.current.get(programme or "", next(iter(self.current.values())))
        return self.programmes[version].definition.timezone

    def without_consent(self) -> tuple[str, ...]:
        """The campaigns that ask for no consent."""
        definitions = [self.programmes[version].definition for version in self.current.values()]
        return tuple(
            code for one in definitions for code, campaign in one.campaigns.items() if campaign.consent is None
        )

    def latest(self, tx: Connection, programme: str) -> tuple[int, CompiledProgramme] | None:
        """The version that new sessions of a programme use, and its compiled programme."""
        version = self.current.get(programme)
        return None if version is None else (version, self.compiled(tx, version))


def publish(
    tx: Connection,
    loaded: LoadedFile,
    source: str,
    actor: str,
    now: datetime,
    detail: Mapping[str, object] | None = None,
    *,
    filed: bool = True,
) -> int:
    """Store a checked programme as a version and let new sessions use it. The same content twice is one version. `detail` is for
    the audit log; `filed`: it is a file on disk.

    Sessions in flight keep theirs. Raises ValueError if the programme has errors.
    """
    if loaded.programme is None:
        raise ValueError("a programme with errors is not published")
    programme = loaded.programme
    digest = hashlib.sha256(source.encode()).hexdigest()
    version = store(tx, programme, digest, source, now, filed=filed)
    if versions.current(tx).get(programme.programme) != version:
        versions.set_current(tx, programme.programme, version, now)
        audit.record(tx, now, actor, "publish", programme.programme, {"version": digest[:12], **(detail or {})})
    return version


def store(tx: Connection, programme: Programme, digest: str, source: str, now: datetime, *, filed: bool) -> int:
    """Store a version with its campaigns, for nobody to use yet. The same digest twice is one version. Returns its id."""
    version = versions.save(tx, programme.programme, digest, source, now, filed=filed)
    campaigns = []
    for code, campaign in programme.campaigns.items():
        definition = json.dumps(campaign.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True)
        campaigns.append((code, hashlib.sha256(definition.encode()).hexdigest(), definition))
    versions.save_campaigns(tx, version, campaigns)
    return version
