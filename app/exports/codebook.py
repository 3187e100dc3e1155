"""The table `codebook`: every question that has been answered, or is asked in a current version, with its exact wording as of
that version, its values, and how often each was given."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from app.exports.responses import OPEN_KINDS, Wanted, conditions
from app.flows import definition as d
from app.flows.book import answer_of, expand, items, options_of
from app.flows.loader import load
from app.flows.replies.forms import Kind
from app.flows.vocabulary import Text
from app.store import versions
from app.store.tables import Cohort, Contact, FlowVersion, Response

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_version = FlowVersion.__table__  # type: ignore[attr-defined]

LONGEST_LABEL = 80
"""Characters of a variable label in Stata."""

Question = tuple[int, str, str]
"""(flow version's id, flow, step)."""


def rows(tx: Connection, wanted: Wanted) -> Iterator[tuple[object, ...]]:
    """The rows of the table, by programme, version, flow and place in the flow. Columns are `columns.CODEBOOK`."""
    found = _counted(tx, wanted)
    answered = {question[0] for question in found}
    for version in sorted(answered | set(versions.current(tx).values())):
        stored = versions.read(tx, version)
        programme = load(stored.source, stored.programme).programme
        if programme is None or (wanted.programme is not None and programme.programme != wanted.programme):
            continue
        for flow_code, flow in programme.flows.items():
            inner = items(flow)
            for step in expand(flow):
                if isinstance(step, d.Ask):
                    counted = found.get((version, flow_code, step.ask), {})
                    if wanted.level is None or step.level == wanted.level:
                        yield _row(programme, stored.hash, flow_code, flow, step, inner, counted)


Counts = Mapping[tuple[str | None, str | None], int]
"""How often each (value, missing code) was given."""


def _counted(tx: Connection, wanted: Wanted) -> dict[Question, Counts]:
    query = (
        select(
            _response.c.flow_version_id, _response.c.flow, _response.c.step, _response.c.value, _response.c.missing,
            func.count(),
        )
        .select_from(
            _response.join(_contact, _contact.c.id == _response.c.contact_id).join(
                _cohort, _cohort.c.id == _contact.c.cohort_id
            )
        )
        .where(_response.c.status == "ok", *conditions(wanted))
        .group_by(
            _response.c.flow_version_id, _response.c.flow, _response.c.step, _response.c.value, _response.c.missing
        )
    )
    found: defaultdict[Question, dict[tuple[str | None, str | None], int]] = defaultdict(dict)
    for version, flow, step, value, missing, count in tx.execute(query):
        found[version, flow, step][value, missing] = count
    return dict(found)


def _row(
    programme: d.Programme, digest: str, flow_code: str, flow: d.Flow, step: d.Ask, inner: Mapping[str, Text], counts: Counts
) -> tuple[object, ...]:
    answer = answer_of(programme, step.answer)
    options = options_of(programme, answer)
    question = " ".join(
        _plain(programme, text) for text in (step.text, inner.get(step.ask)) if text is not None
    )
    valid = {value: count for (value, missing), count in counts.items() if missing is None}
    return (
        step.records or f"{flow_code}_{step.ask}"[:32],
        _label(question),
        question,
        answer.kind.value,
        "; ".join(f"{_value(key, option)}={_plain(programme, option.label)}" for key, option in options.items()),
        " ".join(f".{code}" for code in answer.missing),
        _value(step.correct, options[step.correct]) if step.correct in options else None,
        int(step.reverse) if answer.kind is Kind.scale else None,
        flow_code, step.ask, digest[:12], programme.programme,
        None if step.level is None else step.level.value,
        step.principle or flow.principle,
        sum(valid.values()),
        sum(count for (_, missing), count in counts.items() if missing is not None),
        None if answer.kind.value in OPEN_KINDS else "; ".join(f"{value}={count}" for value, count in sorted(valid.items(), key=_order)),
    )


def _order(pair: tuple[str | None, int]) -> tuple[float, str]:
    text = pair[0] or ""
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


def _value(key: str | None, option: d.Option) -> Any:  # noqa: ANN401 - whatever the author gave the option
    return option.value if option.value is not None else key


def _plain(programme: d.Programme, text: Text) -> str:
    if isinstance(text, str):
        return " ".join(text.split())
    language = programme.language
    found = text.get(language) or text.get(language.partition("-")[0]) or next(iter(text.values()))
    return " ".join(found.split())


def _label(question: str) -> str:
    return question if len(question) <= LONGEST_LABEL else question[: LONGEST_LABEL - 1].rstrip() + "…"
