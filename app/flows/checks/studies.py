"""Draws: of arms for officers, of choices for occasions."""

from collections.abc import Iterator
from math import fsum

from app.flows.checks.base import Check, Context, Finding, check
from app.flows.language.campaign import Slot
from app.flows.language.nearby import did_you_mean
from app.flows.language.problems import Severity
from app.flows.yaml.source import Path

_TOLERANCE = 1e-9


@check(
    "unknown-campaign",
    Severity.error,
    fails="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [ejemplo]}
study:
  title: Estudio
  seed: 71
  arms:
    mensajes: {campaign: seguimineto}
    control: {}
""",
    passes="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [ejemplo]}
study:
  title: Estudio
  seed: 71
  arms:
    mensajes: {campaign: seguimiento}
    control: {}
""",
)
def unknown_campaign(context: Context) -> Iterator[Finding]:
    """An arm of the study names a campaign that the file does not have."""
    known = context.written("campaigns")
    for code, arm in context.programme.study.arms.items() if context.programme.study else ():
        if arm.campaign is not None and arm.campaign not in known:
            yield Finding(
                ("study", "arms", code, "campaign"),
                f"no campaign is called {arm.campaign}",
                did_you_mean(arm.campaign, known),
            )


@check(
    "arms-alike",
    Severity.warning,
    fails="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [ejemplo]}
study:
  title: Estudio
  seed: 71
  arms:
    mensajes: {campaign: seguimiento}
    control: {campaign: seguimiento}
""",
    passes="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 1, from: [ejemplo]}
study:
  title: Estudio
  seed: 71
  arms:
    mensajes: {campaign: seguimiento}
    control: {}
""",
)
def arms_alike(context: Context) -> Iterator[Finding]:
    """Two arms of the study follow the same campaign, or both none, so that there is nothing to compare."""
    first: dict[str | None, str] = {}
    for code, arm in context.programme.study.arms.items() if context.programme.study else ():
        if (other := first.setdefault(arm.campaign, code)) != code:
            what = f"follows {arm.campaign}" if arm.campaign else "is sent nothing"
            yield Finding(
                ("study", "arms", code), f"{code} {what} as {other} does", "Give it a campaign of its own", key=True
            )


def _draws(context: Context) -> Iterator[tuple[Path, Slot]]:
    for code, campaign in context.programme.campaigns.items():
        for index, slot in enumerate(campaign.slots):
            if slot.draw:
                yield ("campaigns", code, "slots", index, "draw"), slot


@check(
    "draw-sum",
    Severity.error,
    fails="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    seed: 71
    slots:
      - weeks: 1-4
        per_week: 1
        draw:
          mensaje: {p: 0.6, from: [ejemplo]}
          nada: {p: 0.5}
""",
    passes="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    seed: 71
    slots:
      - weeks: 1-4
        per_week: 1
        draw:
          mensaje: {p: 0.6, from: [ejemplo]}
          nada: {p: 0.4}
""",
)
def draw_sum(context: Context) -> Iterator[Finding]:
    """The probabilities `p` of a draw do not add up to 1.

    A draw with `only` is not reported: for each officer, the probabilities of the choices that are possible are raised or
    lowered in proportion until they add up to 1.
    """
    for path, slot in _draws(context):
        total = fsum(choice.p for choice in slot.draw.values())
        if not any(choice.only for choice in slot.draw.values()) and abs(total - 1) > _TOLERANCE:
            yield Finding(path, f"the probabilities add up to {total:.6g}, not to 1", key=True)


@check(
    "draw-excess",
    Severity.warning,
    fails="""\
fields: [sector]
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    seed: 71
    slots:
      - weeks: 1-4
        per_week: 1
        draw:
          mensaje: {p: 0.6, from: [ejemplo]}
          nada: {p: 0.5}
          norte: {p: 0.2, from: [ejemplo], only: {sector: [norte]}}
""",
    passes="""\
fields: [sector]
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    seed: 71
    slots:
      - weeks: 1-4
        per_week: 1
        draw:
          mensaje: {p: 0.4, from: [ejemplo]}
          nada: {p: 0.4}
          norte: {p: 0.2, from: [ejemplo], only: {sector: [norte]}}
""",
)
def draw_excess(context: Context) -> Iterator[Finding]:
    """The probabilities of the choices that everybody may get add up to more than 1, beside others with `only`.

    They are lowered in proportion for everybody, so that none of them is what the file says.
    """
    for path, slot in _draws(context):
        total = fsum(choice.p for choice in slot.draw.values() if not choice.only)
        if any(choice.only for choice in slot.draw.values()) and total > 1 + _TOLERANCE:
            yield Finding(path, f"the probabilities of what everybody may get add up to {total:.6g}", key=True)


@check(
    "seed-missing",
    Severity.warning,
    fails="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    slots:
      - {weeks: 1-4, per_week: 1, draw: {mensaje: {p: 0.5, from: [ejemplo]}, nada: {p: 0.5}}}
""",
    passes="""\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    seed: 20261
    slots:
      - {weeks: 1-4, per_week: 1, draw: {mensaje: {p: 0.5, from: [ejemplo]}, nada: {p: 0.5}}}
""",
)
def seed_missing(context: Context) -> Iterator[Finding]:
    """A campaign draws, and has no `seed` of its own.

    The seed makes the draws of this study its own, and repeatable. Choose any number from 1 on before the first draw, and never
    change it afterwards.
    """
    for code in dict.fromkeys(str(path[1]) for path, _ in _draws(context)):
        if context.programme.campaigns[code].seed == 0:
            yield Finding(
                ("campaigns", code), "the campaign draws, and has no seed", "Add seed: and a number", key=True
            )


STUDIES: tuple[Check, ...] = (unknown_campaign, arms_alike, draw_sum, draw_excess, seed_missing)
