"""`trato power`: the least effect that a study would find, by simulating it many times with invented officers: with its caps, shifts, consent
and attrition, through the real scheduler, draws and scores. No installation changes."""

import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import track
from sqlalchemy import Connection

from app.cli._common import programme, show_json, show_table
from app.cli.language import tell
from app.cli.rehearsals import tried_settings
from app.cli.synth import Anchor, BehaviourFile, CampaignCode, ProgrammeCode, Rehearsal, planned, prepared
from app.errors import UsageError
from app.exports.report.officers import Drawn, drawn_by_study_id
from app.exports.report.sample import Sample
from app.exports.selection import Selection, as_stored
from app.exports.source import Source
from app.exports.statistics import libraries
from app.exports.statistics.effects import Outcome, effects
from app.exports.statistics.power import Power, Trial, power, trial
from app.exports.tables import scores
from app.store.database import Database
from app.wording import Sentence

COARSE = 20
"""The pace of the simulations: messages come and go up to an hour later than in `trato synth`."""
Key = tuple[str, str, str]
"""A score, a wave, and an arm that is compared with the first."""


def simulate(
    effect: Annotated[
        float,
        typer.Option(
            min=-1,
            max=1,
            help="The effect to put in, as in `trato synth`; 0 shows how often one is found that is not there.",
        ),
    ] = 0.1,
    seeds: Annotated[int, typer.Option(min=2, max=10_000, help="The number of simulated studies.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The first seed; the others follow.")] = 1,
    officers: Annotated[int, typer.Option(min=4, max=20_000, help="The number of invented officers.")] = 200,
    weeks: Annotated[
        int | None,
        typer.Option(min=1, max=104, help="Weeks after the anchor; default: up to the end of the last wave."),
    ] = None,
    alpha: Annotated[float, typer.Option(min=0.0001, max=0.5, help="The level of the test, two-sided.")] = 0.05,
    wanted: Annotated[float, typer.Option("--power", min=0.01, max=0.99, help="The wanted power.")] = 0.8,
    score: Annotated[list[str] | None, typer.Option(help="Only this score; may be repeated.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes at a time; default: one for each core.")
    ] = None,
    anchor: Anchor = None,
    programme_code: ProgrammeCode = None,
    campaign: CampaignCode = None,
    behaviour: BehaviourFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Simulate a study many times, and say the least effect that it would find.

    Each study runs the code of the service with invented officers and a known effect; scores are compared by intention to treat. The
    results are no better than the behaviour that is assumed.
    """
    libraries.require()
    libraries.statsmodels()
    definition = programme(tried_settings(), programme_code)
    for name in score or ():
        if name not in definition.scores:
            names = ", ".join(definition.scores) or Sentence("the programme has none")
            raise UsageError(Sentence("there is no score {name!r}: {names}", name=name, names=names))
    if definition.study is None:
        raise UsageError(Sentence("power is that of a study: the programme has no `study:` with arms"))
    rehearsal = Rehearsal(officers, weeks, seed, anchor, programme_code, campaign, behaviour, effect, COARSE)
    found: defaultdict[Key, list[Trial]] = defaultdict(list)
    for trials in _all(rehearsal, seeds, processes or os.cpu_count() or 1):
        for key, one in trials.items():
            if not score or key[0] in score:
                found[key].append(one)
    told = {key: power(trials, alpha, wanted) for key, trials in sorted(found.items()) if len(trials) > 1}
    if not told:
        raise UsageError(
            Sentence(
                "no score could be compared between arms: both arms need a measurement wave, and officers who answer it"
            )
        )
    _show(told, effect, alpha, wanted, seeds, as_json=as_json)


def _all(rehearsal: Rehearsal, seeds: int, processes: int) -> Iterator[dict[Key, Trial]]:
    """The trials of each seed, in their order, several at a time."""
    wanted = [replace(rehearsal, seed=rehearsal.seed + place) for place in range(seeds)]
    with ProcessPoolExecutor(min(processes, seeds), get_context("spawn")) as pool:
        show = partial(track, description="simulating", total=seeds, transient=True, disable=not os.isatty(2))
        yield from show(pool.map(run, wanted))


def run(wanted: Rehearsal) -> dict[Key, Trial]:
    """One simulated study, from enrolment to the comparison of its arms."""
    with (
        TemporaryDirectory(prefix="trato-power-") as folder,
        closing(Database(f"sqlite:///{folder}/trato.db")) as database,
    ):
        plan = planned(wanted)
        prepared(database, wanted, plan).run(plan.since, plan.until)
        with database.reading() as tx:
            return compared(tx, plan.programme.programme)


def compared(tx: Connection, code: str) -> dict[Key, Trial]:
    """Every score in every wave, each arm with the first."""
    selection = as_stored(tx, Selection(code))
    drawn = drawn_by_study_id(tx, Sample(code, zones=selection.zones))
    source = Source(tx, selection)
    current = source.definitions.current(code)
    arms = list(current.study.arms) if current and current.study else []
    outcomes: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for (study_id, _, _), waves in scores.officers(source):
        one: Drawn | None = drawn.get(study_id)
        for wave, made in waves.items():
            for name, (_, scored) in made.items():
                if one is not None and scored.value is not None:
                    outcomes[name, wave].append(Outcome(study_id, scored.value, one.arm, one.stratum, one.cluster))
    found: dict[Key, Trial] = {}
    for (name, wave), values in outcomes.items():
        by_arm = effects(values, arms, drawn_again=False)
        if not by_arm or by_arm[0].arm != arms[0]:
            continue
        for other in by_arm[1:]:
            if (one_trial := trial(values, by_arm[0], other)) is not None:
                found[name, wave, other.arm] = one_trial
    return found


def _show(told: dict[Key, Power], effect: float, alpha: float, wanted: float, seeds: int, *, as_json: bool) -> None:
    if as_json:
        rows = [{"score": score, "wave": wave, "arm": arm, **asdict(one)} for (score, wave, arm), one in told.items()]
        show_json({"effect": effect, "alpha": alpha, "power": wanted, "seeds": seeds, "scores": rows})
        return
    headers = (
        Sentence("score"),
        Sentence("wave"),
        Sentence("arm"),
        Sentence("officers"),
        Sentence("{effect}found", effect=""),
        Sentence("power"),
        Sentence("detectable"),
        Sentence("by formula"),
        Sentence("in SD"),
    )
    show_table(
        headers,
        [
            (
                score,
                wave,
                arm,
                f"{one.control:.0f}+{one.treated:.0f}",
                f"{one.found:+.3f}",
                f"{one.power:.0%}",
                f"{one.detectable:.3f}",
                f"{one.by_formula:.3f}",
                f"{one.detectable / one.sd:.2f}" if one.sd else "",
            )
            for (score, wave, arm), one in told.items()
        ],
    )
    tell(
        Sentence(
            "{number} simulated studies with an effect of {effect:+g} from the anchor on; officers: control + arm, with the score",
            number=seeds,
            effect=effect,
        )
    )
    tell(
        Sentence(
            "power: how many found it (p < {alpha:g}); detectable: the least effect found in {wanted:.0%} of studies",
            alpha=alpha,
            wanted=wanted,
        )
    )
    tell(Sentence("every officer, answer and moment is invented: the results are no better than the assumed behaviour"))
