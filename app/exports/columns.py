"""The columns of every exported table: names, order and meaning, versioned. Analysts write code against them: a column is
never renamed or moved within a version, and a new one goes to the end."""

from dataclasses import dataclass

VERSION = "1.0"
"""The version of the contract below. It stands in the manifest of every export."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is what Stata shows, at most 80 characters."""

    name: str
    label: str


RESPONSES = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer"),
    Column("programme", "Programme"),
    Column("response_id", "Response, key of this table"),
    Column("session_id", "Session in which it was asked"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("step", "Step that asked"),
    Column("variable", "Variable"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle"),
    Column("kind", "Kind of answer"),
    Column("raw", "What was typed; empty if withheld"),
    Column("value", "Value as understood; extended missing codes as .d .n .r"),
    Column("label", "Label of the value"),
    Column("missing", "Extended missing code: d, n or r"),
    Column("correct", "1 if right, 0 if wrong, for items with a key"),
    Column("rule", "Rule by which the reply was understood"),
    Column("score", "How sure the rule is, 0 to 1"),
    Column("attempt", "Which reply to the question this was"),
    Column("status", "ok; unclear; superseded (corrected); extra (late, it had an answer)"),
    Column("late", "1 if the session no longer waited for it"),
    Column("withheld", "1 if free text is withheld until it has been reviewed"),
    Column("channel", "Channel of the session"),
    Column("scheduled_at", "Planned moment of the flow, UTC"),
    Column("asked_at", "Moment of the question, UTC"),
    Column("answered_at", "Moment of the answer, UTC"),
    Column("asked_local", "Moment of the question, local time of the officer"),
    Column("answered_local", "Moment of the answer, local time of the officer"),
    Column("variant", "Variant of the flow that was drawn for the session"),
    Column("files", "How many files came with the answer; empty if none"),
    Column("media", "Names of those that are here, below media/, if they are exported"),
)

CODEBOOK = (
    Column("variable", "Variable"),
    Column("label", "Short label, at most 80 characters"),
    Column("question", "Exact wording, in the programme's language"),
    Column("kind", "Kind of answer"),
    Column("choices", "Values and labels, value=label; …"),
    Column("missing_codes", "Missing codes that the question allows"),
    Column("correct", "Value of the right answer"),
    Column("reverse", "1 if the scale is reverse-scored"),
    Column("flow", "Flow that asks"),
    Column("step", "Step that asks"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("programme", "Programme"),
    Column("level", "Level of evaluation"),
    Column("principle", "Principle"),
    Column("n", "Responses with status ok, missing codes left out"),
    Column("n_missing", "Responses with a missing code"),
    Column("distribution", "Count of each value, value=count; …; empty for free text"),
    Column("waves", "Suffixes of the measurement waves that ask it or in which it was answered"),
)
