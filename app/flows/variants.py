"""The variants of a flow: which steps one of them leaves out, and which an officer gets in a wave where measurements are crossed
over. Pure: a draw follows from the names that it is made for."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from app.flows.engine.compiled import VARIANT
from app.flows.language import definition as d


def drawn(choices: Sequence[str], *names: str) -> str:
    """One of the choices, all equally likely, and always the same one for the same names, so that analysts can repeat the
    draw. Study ids are random, so nobody can predict it."""
    return choices[_number(names) % len(choices)]


def first_of(count: int, *names: str) -> int:
    """The place, from 0, at which a rotation over so many begins: drawn, and always the same for the same names."""
    return _number(names) % count


def _number(names: Iterable[str]) -> int:
    return int.from_bytes(hashlib.blake2b("\x1f".join(names).encode(), digest_size=8).digest())


def occurs(condition: d.Condition | None, variant: str | None) -> bool | None:
    """Whether a step with this condition occurs in a variant; None if that depends on something else, or no variant is given."""
    return True if condition is None else None if variant is None else _holds(condition, variant)


def may_occur(condition: d.Condition | None, variant: str | None) -> bool:
    """Whether a step with this condition may occur in a variant: it is not excluded by the variant alone."""
    return occurs(condition, variant) is not False


def _holds(condition: d.Condition, variant: str) -> bool | None:
    """Whether a condition holds in a variant; None if that depends on something else."""
    if condition.all is not None:
        parts = [_holds(part, variant) for part in condition.all]
        return False if False in parts else None if None in parts else True
    if condition.any is not None:
        parts = [_holds(part, variant) for part in condition.any]
        return True if True in parts else None if None in parts else False
    if condition.not_ is not None:
        part = _holds(condition.not_, variant)
        return None if part is None else not part
    if condition.var != VARIANT:
        return None
    if condition.in_ is not None:
        return variant in condition.in_
    return None if condition.is_ is None else condition.is_ == variant


def crossing(programme: d.Programme, flow: str) -> frozenset[str]:
    """The flows that are crossed over together with this one, itself included; none if it is not crossed over."""
    name = programme.flows[flow].crossover
    return frozenset(code for code, other in programme.flows.items() if name is not None and other.crossover == name)


def crossed_waves(programme: d.Programme, flows: frozenset[str]) -> list[str]:
    """The suffixes of the waves that measure with one of these flows, in the order of their days."""
    days: dict[str, int] = {}
    for campaign in programme.campaigns.values():
        for wave in campaign.waves.values():
            if flows.intersection(wave.flows):
                days[wave.suffix] = min(wave.day, days.get(wave.suffix, wave.day))
    return sorted(days, key=lambda suffix: (days[suffix], suffix))


def crossed(variants: Sequence[str], first: int, place: int, had: Mapping[str, str], wave: str) -> str:
    """The variant of an officer in a wave: the one had in this wave already; else the next of the rotation that begins with `first`
    and is in its `place`, and that no other wave has had. `had` maps waves to variants."""
    if had.get(wave) in variants:
        return had[wave]
    order = [variants[(first + place + step) % len(variants)] for step in range(len(variants))]
    return next((variant for variant in order if variant not in had.values()), order[0])
