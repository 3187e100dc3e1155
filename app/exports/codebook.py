"""The table `codebook`: every question that has been answered, or is asked in a current version, with its exact wording as of
that version, its values, and how often each was given. A question that can be found in no version has a row all the
same, with what its answers say of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, case, func, select

from app.exports.responses import OPEN_KINDS, Wanted, conditions
from app.flows import definition as d
from app.flows.book import answer_of, expand, items, options_of
from app.flows.loader import load
from app.flows.replies.forms import Kind
from app.flows.vocabulary import Text
from app.store import versions
from app.store.tables import Cohort, Contact, Response
from app.store.versions import Published

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]

LONGEST_LABEL = 80
"""Characters of a variable label in Stata."""

_ITEM = re.compile(r"\{\{\s*item\s*\}\}")

_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Question = tuple[str, str]
"""(flow, step) within a version."""

Row = tuple[object, ...]


@dataclass(slots=True)
class Answers:
    """What has been answered to one question of one version. `values` counts (value, missing code) with status ok."""

    variable: str
    kind: str
    level: str | None
    principle: str | None
    values: dict[tuple[str | None, str | None], int] = field(default_factory=dict)
    waves: set[str] = field(default_factory=set)


def rows(tx: Connection, wanted: Wanted) -> Iterator[Row]:
    """The rows of the table, by version, flow and place in the flow. Columns are `columns.CODEBOOK`."""
    found = _answered(tx, wanted)
    for version in sorted(found.keys() | set(versions.current(tx).values())):
        stored = versions.read(tx, version)
        if wanted.programme is None or stored.programme == wanted.programme:
            yield from _of_version(stored, found.get(version, {}), wanted.level)


def _of_version(stored: Published, answered: dict[Question, Answers], level: str | None) -> Iterator[Row]:
    programme = load(stored.source, stored.programme).programme
    remaining = dict(answered)
    for asked in () if programme is None else _asked(programme, stored):
        if level is None or asked.step.level == level:
            yield asked.row(remaining.pop((asked.flow_code, asked.step.ask), None))
    for (code, name), given in sorted(remaining.items()):
        yield _unknown(stored, code, name, given)


def _asked(programme: d.Programme, stored: Published) -> "Iterator[_Asked]":
    for code, flow in programme.flows.items():
        inner = items(flow)
        for step in expand(flow):
            if isinstance(step, d.Ask):
                yield _Asked(programme, stored, code, flow, step, inner.get(step.ask))


def _answered(tx: Connection, wanted: Wanted) -> dict[int, dict[Question, Answers]]:
    """Answers by version and question. What is unclear or superseded makes a question known, and is not counted."""
    names = ("flow_version_id", "flow", "step", "variable", "kind", "level", "principle", "wave", "status", "missing")
    # Free text is counted, never read.
    value = case((_response.c.kind.not_in(OPEN_KINDS), _response.c.value)).label("value")
    each = (
        select(*(_response.c[name] for name in names), value)
        .select_from(
            _response.join(_contact, _contact.c.id == _response.c.contact_id).join(
                _cohort, _cohort.c.id == _contact.c.cohort_id
            )
        )
        .where(*conditions(wanted))
        .subquery()
    )
    found: dict[int, dict[Question, Answers]] = {}
    for row in tx.execute(select(*each.c, func.count().label("count_")).group_by(*each.c)):
        questions = found.setdefault(row.flow_version_id, {})
        answers = questions.setdefault((row.flow, row.step), Answers(row.variable, row.kind, row.level, row.principle))
        if row.wave is not None:
            answers.waves.add(row.wave)
        if row.status == "ok":
            answers.values[row.value, row.missing] = answers.values.get((row.value, row.missing), 0) + row.count_
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question where a version asks it."""

    programme: d.Programme
    stored: Published
    flow_code: str
    flow: d.Flow
    step: d.Ask
    item: Text | None

    def row(self, given: Answers | None) -> Row:
        """Its row in the codebook."""
        step, answer = self.step, answer_of(self.programme, self.step.answer)
        options = options_of(self.programme, answer)
        question = self.wording()
        return (
            step.records or f"{self.flow_code}_{step.ask}"[:32],
            _label(question if self.item is None else self.plain(self.item)),
            question,
            answer.kind.value,
            self.choices(answer, options),
            " ".join(f".{code}" for code in answer.missing),
            _value(step.correct, options[step.correct]) if step.correct in options else step.correct,
            int(step.reverse) if answer.kind is Kind.scale else None,
            self.flow_code, step.ask, self.stored.hash[:12], self.programme.programme,
            None if step.level is None else step.level.value,
            step.principle or self.flow.principle,
            *_counts(given),
            " ".join(sorted(_waves(self.programme, self.flow_code) | (given.waves if given is not None else set()))),
        )

    def wording(self) -> str:
        """The question as it is asked, a `repeat`'s item in its place."""
        text = self.plain(self.step.text)
        if self.item is None:
            return text
        item = self.plain(self.item)
        return _ITEM.sub(lambda _: item, text) if _ITEM.search(text) else f"{text} {item}"

    def choices(self, answer: d.Answer, options: Mapping[str, d.Option]) -> str:
        """Values and labels; of a scale every point, of a number its bounds."""
        labels = {str(_value(key, option)): self.plain(option.label) for key, option in options.items()}
        if answer.scale is not None:
            points = map(str, range(answer.scale.min, answer.scale.max + 1))
            return "; ".join(f"{point}={labels[point]}" if point in labels else point for point in points)
        if answer.number is not None and (answer.number.min is not None or answer.number.max is not None):
            return "..".join("" if bound is None else f"{bound:g}" for bound in (answer.number.min, answer.number.max))
        return "; ".join(f"{value}={label}" for value, label in labels.items())

    def plain(self, text: Text) -> str:
        """A wording in the programme's language, on one line."""
        if isinstance(text, str):
            return " ".join(text.split())
        language = self.programme.language
        found = text.get(language) or text.get(language.partition("-")[0]) or next(iter(text.values()))
        return " ".join(found.split())


def _unknown(stored: Published, flow: str, step: str, given: Answers) -> Row:
    """The row of a question that the version's file does not show, or whose file this release cannot read."""
    return (
        given.variable, None, None, given.kind, None, None, None, None, flow, step, stored.hash[:12], stored.programme,
        given.level, given.principle, *_counts(given), " ".join(sorted(given.waves)),
    )


def _counts(given: Answers | None) -> tuple[int, int, str | None]:
    """Responses with a value, with a missing code, and how often each value was given; that not for free text."""
    if given is None:
        return 0, 0, ""
    valid = {value: count for (value, missing), count in given.values.items() if missing is None}
    n_missing = sum(count for (_, missing), count in given.values.items() if missing is not None)
    if given.kind in OPEN_KINDS:
        return sum(valid.values()), n_missing, None
    return sum(valid.values()), n_missing, "; ".join(f"{value}={count}" for value, count in sorted(valid.items(), key=_order))


def _waves(programme: d.Programme, flow: str) -> set[str]:
    """The suffixes of the waves in which a campaign uses a flow."""
    return {
        wave.suffix for campaign in programme.campaigns.values() for wave in campaign.waves.values() if flow in wave.flows
    }


def _order(pair: tuple[str | None, int]) -> tuple[float, str]:
    text = pair[0] or ""
    return (float(text) if _NUMBER.fullmatch(text) else float("inf")), text


def _value(key: str | None, option: d.Option) -> Any:  # noqa: ANN401 - whatever the author gave the option
    return option.value if option.value is not None else key


def _label(question: str) -> str:
    return question if len(question) <= LONGEST_LABEL else question[: LONGEST_LABEL - 1].rstrip() + "…"
