"""The figures of what officers wrote that is no answer. A number of few officers is shown as fewer than k, whether it is of one
officer or of none: that somebody wrote of a crisis must not be told by a number."""

from collections.abc import Iterator

from app.exports.report.acts import ActCounts
from app.exports.report.figures import Figure, number
from app.exports.report.names import flow_name
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.words import Words
from app.exports.statistics.suppression import Part, hidden
from app.flows.replies.message import ActKind

_KINDS = [kind for kind in ActKind if kind is not ActKind.answer]
_OVERALL_ONLY = (ActKind.crisis, ActKind.serious)


def acts(counts: ActCounts, programme: ProgrammeSummary, words: Words, k: int) -> Iterator[Figure]:
    """The number of messages of each act, in all and by question."""
    if not counts.in_all:
        return
    totals = {kind: counts.in_all.get(kind, Part(0, 0)) for kind in _KINDS}
    rows = tuple((words(f"act_{kind}"), _shown(part, words, k)) for kind, part in totals.items())
    yield Figure("acts", words("acts"), words("acts_note", k=k), (words("act"), words("messages_sent")), rows)
    shown = tuple(_by_question(counts, programme, words, k))
    if shown:
        columns = (words("flow"), words("question"), words("act"), words("messages_sent"))
        yield Figure(
            "acts-by-question", words("acts_by_question"), words("acts_by_question_note"), columns, shown, words=3
        )


def _shown(part: Part, words: Words, k: int) -> str:
    return number(part.count) if part.officers >= k else words("fewer", k=k)


def _by_question(
    counts: ActCounts, programme: ProgrammeSummary, words: Words, k: int
) -> Iterator[tuple[str, str, str, str]]:
    """The counts that may be shown, the questions with most messages first. None follows from an act's total."""
    for kind in _KINDS:
        if kind in _OVERALL_ONLY or counts.in_all.get(kind, Part(0, 0)).officers < k:
            continue
        questions = sorted(counts.by_question[kind].items(), key=lambda item: (-item[1].count, item[0]))
        out = hidden([part for _, part in questions], k)
        for place, ((flow, step), part) in enumerate(questions):
            if place not in out:
                named = (flow_name(flow, programme), step) if flow else (words("nothing_open"), "")
                yield *named, words(f"act_{kind}"), number(part.count)
