"""Randomises the officers of a cohort, or of a whole programme, to the arms of the programme's study, and stores all that repeats the
draw. Nobody is drawn twice: a second draw is refused, and later officers have a draw of their own. Officers who opted out or have
not consented are left out; a cluster that was drawn keeps its arm for officers who join it. Errors name study ids only."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app import __version__
from app.errors import UsageError
from app.flows.language.definition import Programme, Study
from app.sheets.spellings import alike
from app.store import audit, randomisations
from app.store.randomisations import Candidate, PastDraw
from app.store.tables import ContactStatus
from app.study import balance
from app.study.allocation import Unit, draw
from app.wording import Sentence, in_turn, officers

EVERYBODY = "*"
"""The scope of a whole programme."""
MOST_IDS = 50
"""Study ids that an error lists."""


@dataclass(frozen=True, slots=True)
class ArmAssignment:
    """An officer's arm. `probability` is that of this arm, by the design."""

    study_id: str
    stratum: str
    cluster: str | None
    arm: str
    probability: float


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw. `misfits`: by stratum, units beyond its last full block of shares; `joined`: officers whose cluster already had an
    arm; `left_out`: study ids of officers who were not drawn, by the reason: opted_out, no_consent; `undated`: officers without a date from which their campaign counts."""

    scope: str
    seed: int
    input_hash: str
    placed: tuple[ArmAssignment, ...]
    misfits: Mapping[str, int]
    balance: tuple[balance.BalanceRow, ...]
    joined: int
    left_out: Mapping[str, tuple[str, ...]]
    undated: int

    def count(self, arm: str) -> int:
        """The number of officers in an arm."""
        return sum(one.arm == arm for one in self.placed)


def randomise(
    tx: Connection,
    programme: Programme,
    cohort: str | None,
    now: datetime,
    *,
    late: bool = False,
    without_consent: bool = False,
    actor: str = "command line",
) -> Draw:
    """Draw, and store the draw. `late`: only officers who joined the scope after its draw; `without_consent`: those too who have not
    consented. Raises UsageError."""
    study = programme.study
    if study is None:
        raise UsageError(Sentence("the programme {programme} has no `study:` with arms", programme=programme.programme))
    everybody = randomisations.candidates(tx, programme.programme)
    scoped = [one for one in everybody if cohort is None or one.cohort == cohort]
    drawn = [one for one in scoped if one.randomisation_id is not None]
    undrawn = [one for one in scoped if one.randomisation_id is None]
    left_out = _left_out(undrawn, without_consent=without_consent)
    gone = {study_id for ids in left_out.values() for study_id in ids}
    here = [one for one in undrawn if one.study_id not in gone]
    scope = _scope(cohort, randomisations.past_draws(tx, programme.programme), drawn, here, left_out, late=late)
    _check_untouched(tx, study, here)
    _check_spellings(study, here, scoped, everybody)
    strata = _strata(study, here)
    clusters = {one.study_id: _value(one, study.cluster) for one in here} if study.cluster else {}
    cluster_arms = _cluster_arms(study, everybody)
    result = _draw(programme, study, scope, here, strata, clusters, cluster_arms, left_out)
    _record(tx, programme.programme, study, here, result, now, actor)
    return result


# -- who is drawn -----------------------------------------------------------------------------------------------------


def _left_out(undrawn: Sequence[Candidate], *, without_consent: bool) -> dict[str, tuple[str, ...]]:
    """The study ids of officers who are not drawn, by the reason."""
    out = tuple(one.study_id for one in undrawn if one.status == ContactStatus.opted_out)
    silent = tuple(one.study_id for one in undrawn if one.status != ContactStatus.opted_out and not one.consented)
    found = {"opted_out": out, "no_consent": () if without_consent else silent}
    return {reason: ids for reason, ids in found.items() if ids}


def _scope(
    cohort: str | None,
    earlier: Sequence[PastDraw],
    drawn: Sequence[Candidate],
    here: Sequence[Candidate],
    left_out: Mapping[str, Sequence[str]],
    *,
    late: bool,
) -> str:
    """The scope's stored name: a cohort's code or `*`, with `+1`, `+2` for late officers."""
    name = cohort or EVERYBODY
    spoken = Sentence("the cohort {cohort}", cohort=cohort) if cohort else Sentence("the programme")
    if drawn and not late:
        last = max(
            (one for one in earlier if one.id in {officer.randomisation_id for officer in drawn}),
            key=lambda one: one.id,
        )
        done = Sentence(
            "{spoken} is already randomised: {scope} on {at:%Y-%m-%d %H:%M} UTC, seed {seed}, input {input_hash}",
            spoken=spoken,
            scope=last.scope,
            at=last.at,
            seed=last.seed,
            input_hash=last.input_hash,
        )
        raise UsageError(
            Sentence("{fault}; --late draws the {number} who joined since", fault=done, number=len(here))
            if here
            else done
        )
    if late and not drawn:
        raise UsageError(Sentence("{spoken} is not randomised yet: run without --late", spoken=spoken))
    if not here:
        parts = [Sentence("{spoken} has no officers to randomise", spoken=spoken), *left_out_lines(left_out)]
        if "no_consent" in left_out:
            parts.append(Sentence("--without-consent draws them too"))
        raise UsageError(in_turn(parts))
    taken = {one.scope for one in earlier}
    if name in taken or late:
        return next(f"{name}+{number}" for number in range(1, len(taken) + 2) if f"{name}+{number}" not in taken)
    return name


def _check_untouched(tx: Connection, study: Study, here: Sequence[Candidate]) -> None:
    """Raise UsageError if officers have started the campaign of an arm: they would mix what the study compares."""
    begun = randomisations.started(tx, [one.contact_id for one in here], study.campaigns)
    if begun:
        ids = [one.study_id for one in here if one.contact_id in begun]
        raise UsageError(
            Sentence(
                "{officers} started the campaign of an arm ({campaigns}) before the draw",
                officers=_listed(ids),
                campaigns=", ".join(sorted(study.campaigns)),
            )
        )


def _check_spellings(
    study: Study, here: Sequence[Candidate], scoped: Sequence[Candidate], everybody: Sequence[Candidate]
) -> None:
    """Raise UsageError if strata, or clusters, of officers to draw differ only in their spelling: each would be drawn by itself."""
    fields = [*((name, scoped) for name in study.strata), *([(study.cluster, everybody)] if study.cluster else [])]
    mistakes = []
    for name, some in fields:
        drawn = {_value(one, name) for one in here if _has(one, name)}
        counts = Counter(_value(one, name) for one in some if _has(one, name))
        mistakes += [
            Sentence(
                "{name}: {values} differ only in their spelling; write {proposal!r} in the roster and import it again",
                name=name,
                values=str(found),
                proposal=found.proposal,
            )
            for found in alike(counts)
            if drawn & set(found.values)
        ]
    if mistakes:
        raise UsageError(in_turn(mistakes))


def _has(one: Candidate, name: str) -> bool:
    return name == "cohort" or name in one.attributes


def _value(one: Candidate, name: str) -> str:
    return one.cohort if name == "cohort" else str(one.attributes[name])


def _strata(study: Study, here: Sequence[Candidate]) -> dict[str, str]:
    """The stratum of each officer, such as `sector=norte; turno=noche`."""
    for name in [*study.strata, *([study.cluster] if study.cluster else [])]:
        without = [one.study_id for one in here if not _has(one, name)]
        if without:
            raise UsageError(
                Sentence(
                    "{officers} have no {name}, which the study needs: add it to the roster and import it again",
                    officers=_listed(without),
                    name=name,
                )
            )
    strata = {one.study_id: "; ".join(f"{name}={_value(one, name)}" for name in study.strata) for one in here}
    if study.cluster:
        _check_constant(study, study.cluster, here)
    return strata


def _check_constant(study: Study, cluster: str, here: Sequence[Candidate]) -> None:
    for name in study.strata:
        strata: dict[str, str] = {}
        for one in here:
            own = _value(one, name)
            if strata.setdefault(_value(one, cluster), own) != own:
                where = f"{cluster}={_value(one, cluster)}"
                raise UsageError(
                    Sentence(
                        "{where} cannot be drawn as a whole within {name}: it has officers of {stratum} and {own}",
                        where=where,
                        name=name,
                        stratum=strata[_value(one, cluster)],
                        own=own,
                    )
                )


def _cluster_arms(study: Study, everybody: Sequence[Candidate]) -> dict[str, str]:
    """The arms of clusters that are already randomised."""
    found = {
        one.cluster: one.arm for one in everybody if study.cluster and one.cluster is not None and one.arm is not None
    }
    for cluster, arm in found.items():
        if arm not in study.arms:
            raise UsageError(
                Sentence(
                    "{field}={cluster} is in the arm {arm}, which the study no longer has",
                    field=study.cluster,
                    cluster=cluster,
                    arm=arm,
                )
            )
    return found


def left_out_lines(left_out: Mapping[str, Sequence[str]]) -> list[Sentence]:
    """The officers who were not drawn, one line for each reason."""
    return [
        Sentence("{officers} opted out", officers=_listed(ids))
        if reason == "opted_out"
        else Sentence("{officers} did not consent so far", officers=_listed(ids))
        for reason, ids in left_out.items()
    ]


def _listed(ids: Sequence[str]) -> Sentence:
    names, more = ", ".join(ids[:MOST_IDS]), len(ids) - MOST_IDS
    if more > 0:
        return Sentence("{officers} ({names} and {more} more)", officers=officers(len(ids)), names=names, more=more)
    return Sentence("{officers} ({names})", officers=officers(len(ids)), names=names)


# -- the draw ---------------------------------------------------------------------------------------------------------


def _draw(
    programme: Programme,
    study: Study,
    scope: str,
    here: Sequence[Candidate],
    strata: Mapping[str, str],
    clusters: Mapping[str, str],
    cluster_arms: Mapping[str, str],
    left_out: Mapping[str, tuple[str, ...]],
) -> Draw:
    shares = {code: arm.share for code, arm in study.arms.items()}
    units = {one.study_id: clusters.get(one.study_id, one.study_id) for one in here}
    known = {study_id: cluster_arms[unit] for study_id, unit in units.items() if clusters and unit in cluster_arms}
    found = draw(
        [Unit(unit, strata[study_id]) for study_id, unit in units.items() if study_id not in known],
        shares,
        f"{study.seed}|{scope}",
    )
    placed = tuple(
        ArmAssignment(study_id, strata[study_id], clusters.get(study_id), arm, shares[arm] / sum(shares.values()))
        for study_id, unit in units.items()
        for arm in (known.get(study_id) or found.arms[unit],)
    )
    by_arm: dict[str, list[Mapping[str, str | int]]] = {code: [] for code in study.arms}
    for one, place in zip(here, placed, strict=True):
        by_arm[place.arm].append({"cohort": one.cohort, **one.attributes})
    attributes = study.balance or sorted({name for one in here for name in one.attributes})
    misfits = {stratum: count for stratum, count in found.misfits.items() if count}
    anchors = {
        code: programme.campaigns[arm.campaign].anchor for code, arm in study.arms.items() if arm.campaign is not None
    }
    undated = sum(
        place.arm in anchors and anchors[place.arm] not in one.dates for one, place in zip(here, placed, strict=True)
    )
    return Draw(
        scope,
        study.seed,
        _hash(placed),
        placed,
        misfits,
        tuple(balance.table(by_arm, attributes)),
        len(known),
        left_out,
        undated,
    )


def _hash(placed: Iterable[ArmAssignment]) -> str:
    """SHA-256 of one line for each officer, in the order of study ids: study id, stratum, cluster, with tabs between."""
    lines = (f"{one.study_id}\t{one.stratum}\t{one.cluster or ''}\n" for one in placed)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _record(
    tx: Connection,
    programme: str,
    study: Study,
    here: Sequence[Candidate],
    result: Draw,
    now: datetime,
    actor: str,
) -> None:
    contacts = {one.study_id: one.contact_id for one in here}
    design = {
        "study": study.model_dump(mode="json", by_alias=True),
        "misfits": dict(result.misfits),
        "joined": result.joined,
        "left_out": {reason: len(ids) for reason, ids in result.left_out.items()},
    }
    row = {
        "programme": programme,
        "scope": result.scope,
        "seed": study.seed,
        "design": _json(design),
        "input_hash": result.input_hash,
        "release": __version__,
        "officers": len(here),
        "balance": _json([asdict(line) for line in result.balance]),
        "at": now,
    }
    assignments = [
        {
            "contact_id": contacts[one.study_id],
            "campaign": study.arms[one.arm].campaign,
            "arm": one.arm,
            "probability": one.probability,
            "stratum": one.stratum,
            "cluster": one.cluster,
            "at": now,
        }
        for one in result.placed
    ]
    randomisations.unassign(tx, contacts.values(), study.campaigns)
    try:
        randomisations.save(tx, row, assignments)
    except IntegrityError:  # its text would show the officers
        raise UsageError(
            Sentence("another draw for {scope} is running; nothing was drawn", scope=result.scope)
        ) from None
    detail = {
        "scope": result.scope,
        "seed": study.seed,
        "input_hash": result.input_hash,
        "officers": len(here),
        "arms": {code: result.count(code) for code in study.arms},
        "left_out": dict(result.left_out),
    }
    audit.record(tx, now, actor, "randomize", programme, detail)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)
