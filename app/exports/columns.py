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

SELF_REPORTS = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer"),
    Column("programme", "Programme"),
    Column("session_id", "Session in which it was reported"),
    Column("record", "Number of the record within its session"),
    Column("report", "Report, as the programme file has it"),
    Column("kind", "contact; no_contact (nothing to apply anything to); unknown (not told)"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("campaign", "Campaign that planned it"),
    Column("occasion", "Name of the occasion in the campaign"),
    Column("principle", "Principle"),
    Column("item", "Variable that says whether it was applied"),
    Column("status", "complete; partial (the session expired, was stopped, or is open)"),
    Column("corrected", "1 if the officer corrected an answer of it"),
    Column("late", "1 if an answer came when the session no longer waited for it"),
    Column("contact_any", "1 contact with citizens in the last turn, 0 none"),
    Column("applied", "1 applied, 0 not; .n did not apply, .s no occasion, .m not told"),
    Column("times", "In how many of the last contacts it was applied"),
    Column("situation", "Situation, value as in the codebook"),
    Column("action_text", "What was done, free text; empty if withheld"),
    Column("reaction", "Reaction of the person, value as in the codebook"),
    Column("barrier", "What made it difficult, value as in the codebook"),
    Column("confidence", "How sure the officer is to repeat it, value as in the codebook"),
    Column("withheld", "1 if free text is withheld until it has been reviewed"),
    Column("shift", "Hours on and off, as known when the session began; empty if unknown"),
    Column("turn_ended_at", "End of the last turn before the first answer, UTC; empty if unknown"),
    Column("recall_lag", "Hours from that end to the first answer; empty if unknown"),
    Column("channel", "Channel of the session"),
    Column("scheduled_at", "Planned moment of the flow, UTC"),
    Column("started_at", "Moment the session began, UTC"),
    Column("asked_at", "Moment of the first question answered, UTC"),
    Column("answered_at", "Moment of the first answer, UTC"),
    Column("completed_at", "Moment the session was completed, UTC; empty if it was not"),
    Column("started_local", "Moment the session began, local time of the officer"),
    Column("answered_local", "Moment of the first answer, local time of the officer"),
)

SCORES = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer"),
    Column("programme", "Programme"),
    Column("wave", "Measurement wave, suffix"),
    Column("score", "Score, as the programme file has it"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle, if the score is of one"),
    Column("kind", "share_right; mean; share_applied"),
    Column("n_items", "Items of the score"),
    Column("n_answered", "Items with a valid answer; for share_applied also not applicable"),
    Column("possible", "What the points are out of"),
    Column("points", "Right answers, sum of the scale (reversed items turned), times applied"),
    Column("raw_sum", "Sum of the scale as it was answered; empty for shares"),
    Column("value", "points / possible; .m too few answers, .n nothing applicable"),
    Column("missing", "Extended missing code: m or n"),
    Column("reason", "not_answered; too_few; not_applicable"),
)

SCORES_WIDE = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer"),
    Column("programme", "Programme"),
)
"""After these stands a column for each score and wave, `score_wave`."""

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
