"""The columns of every exported table: names, order, kinds and meaning, versioned. Analysts write code against them: a column
is never renamed or moved within a version, and a new one goes to the end. Nothing here knows a file format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VERSION = "1.1"
"""The version of the contract below. It stands in the manifest of every export."""

MISSING = {
    "d": "does not know",
    "n": "not applicable",
    "r": "refused",
    "s": "skipped by the flow's logic",
    "m": "never answered",
    "o": "other",
}
"""Extended missing codes, as Stata writes them with a point before: .d .n .r .s .m .o"""

EXTENDED = {f".{code}": meaning for code, meaning in MISSING.items()}


class Kind(StrEnum):
    """What the cells of a column are. An empty cell is None in all of them."""

    code = "code"  # a short word that a machine made or a file's author named; no formula, no line end
    text = "text"  # anything that somebody typed
    integer = "integer"
    number = "number"
    utc = "utc"  # a moment, 2026-03-02T16:00:00Z
    local = "local"  # the same by the clock on the officer's wall, 2026-03-02 10:00:00


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is what Stata shows, at most 80 characters. `values` are the labels of its values. A cell of a
    number that is `extended` may be an extended missing code, as text: `.d`."""

    name: str
    label: str
    kind: Kind = Kind.code
    values: Mapping[int, str] = field(default_factory=dict)
    extended: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers, or missing codes instead of them."""
        return self.kind in {Kind.integer, Kind.number}

    @property
    def is_moment(self) -> bool:
        """Whether its cells are moments."""
        return self.kind in {Kind.utc, Kind.local}


def _flag(name: str, label: str) -> Column:
    return Column(name, label, Kind.integer, {0: "no", 1: "yes"})


def _count(name: str, label: str) -> Column:
    return Column(name, label, Kind.integer)


def _utc(name: str, label: str) -> Column:
    return Column(name, f"{label}, UTC", Kind.utc)


def _local(name: str, label: str) -> Column:
    return Column(name, f"{label}, local time of the officer", Kind.local)


_WHO = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer", Kind.text),
    Column("programme", "Programme"),
)

OFFICERS = (
    *_WHO,
    Column("language", "Language of the officer"),
    Column("timezone", "Time zone of the officer, IANA"),
    Column("channel", "Preferred channel: whatsapp or sms"),
    Column("status", "active; opted_out; blocked (the carrier cannot reach the officer)"),
    _flag("consented", "1 if consent is given and not withdrawn"),
    Column("consent_version", "Version of the privacy notice last decided on"),
    _utc("consented_at", "Moment of the consent that stands"),
    _utc("opted_out_at", "Moment of opting out"),
    _utc("paused_until", "End of the pause that the officer asked for"),
    _flag("held", "1 if an alert stopped everything until a person lets it go on"),
    _flag("shift_known", "1 if the officer's shift is noted"),
    _utc("enrolled_at", "Moment of enrolment"),
    _local("enrolled_local", "Moment of enrolment"),
)
"""After these stand the roster's own columns, `attr_…`, and the anchors of campaigns, `date_…`."""

MESSAGES = (
    Column("direction", "in: from the officer; out: to the officer"),
    _count("number", "Number of the message within its direction"),
    *_WHO,
    _count("session_id", "Session to which it belongs"),
    Column("flow", "Flow of an outbound message"),
    Column("step", "Step that said or asked it, or was answered"),
    Column("kind", "out: say, ask, reminder, feedback, notice…; in: text, media, reaction…"),
    Column("channel", "whatsapp or sms"),
    Column("status", "out: last known status at the carrier; in: what was made of it"),
    Column("template", "WhatsApp template that was named"),
    _count("characters", "Length of the text as stored, names not yet put in"),
    _count("segments", "Segments that the carrier counted"),
    Column("price", "What the carrier charged", Kind.number),
    Column("price_unit", "Currency of the price"),
    _count("error_code", "Error code of the carrier"),
    Column("error_class", "What Trato made of the error"),
    _count("attempts", "How often it was handed to the carrier"),
    _count("resend", "Number of this repetition of a failed message; 0 the first"),
    _flag("needs_person", "1 if a person should look at an inbound message"),
    _utc("due_at", "Moment from which it was to be sent"),
    _utc("at", "Moment it was made (out) or received (in)"),
    _utc("sent_at", "Moment the carrier took it"),
    _utc("delivered_at", "Moment of delivery"),
    _utc("read_at", "Moment it was read, where the channel tells"),
    _local("at_local", "Moment it was made or received"),
)

NUDGES = (
    _count("nudge_id", "Planned flow, key of this table"),
    *_WHO,
    Column("campaign", "Campaign"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("origin", "plan, or followup of something that happened"),
    Column("rule", "Where the campaign has it: slots.0, waves.bl, followups.x"),
    Column("slot", "Name of the occasion"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("flow", "Flow"),
    Column("status", "planned; started; skipped; cancelled"),
    Column("reason", "Why it was skipped, or why it waits"),
    _count("session_id", "Session that it began"),
    _utc("planned_at", "Moment of the plan"),
    _utc("due_at", "Moment at which it was last to be looked at"),
    _utc("closes_at", "Not begun after this moment; of a wave, over then"),
    _utc("decided_at", "Moment it was begun or skipped"),
    _local("planned_local", "Moment of the plan"),
)

SESSIONS = (
    _count("session_id", "Session, key of this table"),
    *_WHO,
    Column("flow", "Flow"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("variant", "Variant of the flow that was drawn for the session"),
    Column("channel", "Channel of the session"),
    Column("outcome", "open; completed; expired; stopped; failed"),
    Column("campaign", "Campaign that planned it"),
    Column("slot", "Name of the occasion in the campaign"),
    _count("messages_out", "Messages to the officer"),
    _count("messages_in", "Messages from the officer"),
    _count("answers", "Answers that count, status ok"),
    _count("unclear", "Answers that were not understood"),
    _utc("scheduled_at", "Planned moment"),
    _utc("started_at", "Moment it began"),
    _utc("sent_at", "Moment the carrier took its first message"),
    _utc("delivered_at", "Moment of the first delivery"),
    _utc("read_at", "Moment of the first reading, where the channel tells"),
    _utc("replied_at", "Moment of the first reply"),
    _utc("ended_at", "Moment it ended"),
    _local("started_local", "Moment it began"),
    _local("replied_local", "Moment of the first reply"),
)

RESPONSES = (
    *_WHO,
    _count("response_id", "Response, key of this table"),
    _count("session_id", "Session in which it was asked"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("step", "Step that asked"),
    Column("variable", "Variable"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle"),
    Column("kind", "Kind of answer"),
    Column("raw", "What was typed; empty if withheld", Kind.text),
    Column("value", "Value as understood; extended missing codes as .d .n .r", Kind.text),
    Column("label", "Label of the value", Kind.text),
    Column("missing", "Extended missing code: d, n or r"),
    _flag("correct", "1 if right, 0 if wrong, for items with a key"),
    Column("rule", "Rule by which the reply was understood"),
    Column("score", "How sure the rule is, 0 to 1", Kind.number),
    _count("attempt", "Which reply to the question this was"),
    Column("status", "ok; unclear; superseded (corrected); extra (late, it had an answer)"),
    _flag("late", "1 if the session no longer waited for it"),
    _flag("withheld", "1 if free text is withheld until it has been reviewed"),
    Column("channel", "Channel of the session"),
    _utc("scheduled_at", "Planned moment of the flow"),
    _utc("asked_at", "Moment of the question"),
    _utc("answered_at", "Moment of the answer"),
    _local("asked_local", "Moment of the question"),
    _local("answered_local", "Moment of the answer"),
    Column("variant", "Variant of the flow that was drawn for the session"),
    _count("files", "How many files came with the answer; empty if none"),
    Column("media", "Names of those that are here, below media/, if they are exported", Kind.text),
    Column("number", "The value where it is a number; extended missing codes", Kind.number, extended=True),
)

RESPONSES_WAVE = (
    *_WHO,
    Column("wave", "Measurement wave, suffix"),
)
"""After these stands a column for each variable."""

RESPONSES_WIDE = _WHO
"""After these stands a column for each variable and wave, `variable_wave`."""

DISPOSITIONS = (
    *_WHO,
    Column("campaign", "Campaign"),
    Column("wave", "Measurement wave, suffix"),
    Column("disposition", "complete, partial, refusal, other, non_contact, unknown_…, not_eligible"),
    Column("aapor", "The same as AAPOR writes it: I, P, R, O, NC, UH, UO, NE"),
    _flag("closed", "1 if the wave is over for the officer: nothing planned or open"),
    _count("flows", "Flows of the wave planned for the officer"),
    _count("started", "Flows begun"),
    _count("completed", "Flows completed"),
    _count("answers", "Answers that count, status ok"),
    _count("unclear", "Answers that were not understood"),
    _flag("sent", "1 if the carrier took a message of the wave"),
    _flag("delivered", "1 if a message of the wave is known to have arrived"),
    _flag("read", "1 if a message of the wave is known to have been read"),
    _flag("failed", "1 if a message of the wave failed, or the number is blocked"),
    _flag("replied", "1 if the officer wrote anything in the wave's sessions"),
    _flag("opted_out", "1 if the officer had opted out when the wave closed"),
    _flag("declined", "1 if consent had been declined or withdrawn when the wave closed"),
    _flag("consented", "1 if consent had been given when the wave closed"),
    _flag("consent_delivered", "1 if the question for consent is known to have arrived"),
    _flag("consent_failed", "1 if the question for consent failed"),
    _flag("enrolled_late", "1 if the officer was enrolled after the wave had closed"),
    Column("reasons", "Why flows of the wave were skipped"),
    _utc("opens_at", "First planned moment"),
    _utc("closes_at", "Moment it closes: nothing is begun or asked after"),
    _utc("replied_at", "Moment of the first reply"),
    _utc("ended_at", "Moment its last session ended"),
)

ASSIGNMENTS = (
    Column("kind", "arm: of a study; draw: of one occasion; campaign: without chance"),
    _count("number", "Number of the assignment within its kind"),
    *_WHO,
    Column("campaign", "Campaign"),
    Column("slot", "Of a draw: name of the occasion"),
    _count("nudge_id", "Of a draw: planned flow"),
    _count("session_id", "Of a draw: session that it began"),
    Column("choice", "Arm, or what was drawn"),
    Column("probability", "Probability with which it was given", Kind.number),
    Column("stratum", "Stratum of the draw", Kind.text),
    Column("cluster", "Cluster that was drawn as one", Kind.text),
    Column("eligible", "Of a draw: the probability of each possible choice, JSON", Kind.text),
    Column("scope", "Of an arm: cohort that was drawn together, * for all"),
    Column("seed", "Seed of the draw"),
    Column("input_hash", "Of an arm: SHA-256 of who was drawn, in order"),
    Column("release", "Of an arm: release of Trato that drew"),
    _utc("assigned_at", "Moment of the assignment"),
    _local("assigned_local", "Moment of the assignment"),
)

SELF_REPORTS = (
    _count("session_id", "Session in which it was reported"),
    _count("record", "Number of the record within its session"),
    *_WHO,
    Column("report", "Report, as the programme file has it"),
    Column("kind", "contact; no_contact (nothing to apply anything to); unknown (not told)"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("campaign", "Campaign that planned it"),
    Column("slot", "Name of the occasion in the campaign"),
    Column("principle", "Principle"),
    Column("item", "Variable that says whether it was applied"),
    Column("status", "complete; partial (the session expired, was stopped, or is open)"),
    _flag("corrected", "1 if the officer corrected an answer of it"),
    _flag("late", "1 if an answer came when the session no longer waited for it"),
    Column(
        "contact_any",
        "1 contact with citizens in the last turn, 0 none",
        Kind.integer,
        {0: "no", 1: "yes"},
        extended=True,
    ),
    Column(
        "applied",
        "1 applied, 0 not; .n did not apply, .s no occasion, .m not told",
        Kind.integer,
        {0: "no", 1: "yes"},
        extended=True,
    ),
    Column("times", "In how many of the last contacts it was applied", Kind.number, extended=True),
    Column("situation", "Situation, value as in the codebook", Kind.number, extended=True),
    Column("action_text", "What was done, free text; empty if withheld", Kind.text),
    Column("reaction", "Reaction of the person, value as in the codebook", Kind.number, extended=True),
    Column("barrier", "What made it difficult, value as in the codebook", Kind.number, extended=True),
    Column("confidence", "How sure the officer is to repeat it, value as in the codebook", Kind.number, extended=True),
    _flag("withheld", "1 if free text is withheld until it has been reviewed"),
    Column("shift", "Hours on and off, as known when the session began; empty if unknown"),
    _utc("turn_ended_at", "End of the last turn before the first answer, if known"),
    Column("recall_lag", "Hours from that end to the first answer; empty if unknown", Kind.number),
    Column("channel", "Channel of the session"),
    _utc("scheduled_at", "Planned moment of the flow"),
    _utc("started_at", "Moment the session began"),
    _utc("asked_at", "Moment of the first question that was answered"),
    _utc("answered_at", "Moment of the first answer"),
    _utc("completed_at", "Moment the session was completed, if it was"),
    _local("started_local", "Moment the session began"),
    _local("answered_local", "Moment of the first answer"),
)
"""What was told of an application is text, and no number, where the programme's options have no numbers as values."""

SCORES = (
    *_WHO,
    Column("wave", "Measurement wave, suffix"),
    Column("score", "Score, as the programme file has it"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle, if the score is of one"),
    Column("kind", "share_right; mean; share_applied"),
    _count("n_items", "Items of the score"),
    _count("n_answered", "Items with a valid answer; for share_applied also not applicable"),
    Column("possible", "What the points are out of", Kind.number),
    Column("points", "Right answers, sum of the scale (reversed items turned), times applied", Kind.number),
    Column("raw_sum", "Sum of the scale as it was answered; empty for shares", Kind.number),
    Column("value", "points / possible; .m too few answers, .n nothing applicable", Kind.number, extended=True),
    Column("missing", "Extended missing code of the value: m or n"),
    Column("reason", "Why it is missing: not_answered; too_few; not_applicable"),
)

SCORES_WIDE = _WHO
"""After these stands a column for each score and wave, `score_wave`."""

CODES = (
    *_WHO,
    _count("response_id", "Response that was coded"),
    Column("variable", "Variable of the code book"),
    _count("session_id", "Session in which the response was given"),
    Column("flow", "Flow that asked"),
    Column("step", "Step that asked"),
    Column("of", "Variable of the response"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("status", "Status of the response: ok; unclear; superseded; extra"),
    Column("value", "Codes, with spaces between; empty if coders disagree or one has coded"),
    Column("label", "What the codes mean, by the code book as it is now", Kind.text),
    Column("how", "final; agreed; disputed; single (one coder)"),
    _count("coders", "How many have coded it, the final one left out"),
    Column("said", "What each has coded, coder=codes; …"),
    _utc("answered_at", "Moment of the answer"),
    _local("answered_local", "Moment of the answer"),
)

CODEBOOK = (
    Column("variable", "Variable"),
    Column("label", "Short label, at most 80 characters", Kind.text),
    Column("question", "Exact wording, in the programme's language", Kind.text),
    Column("kind", "Kind of answer"),
    Column("choices", "Values and labels, value=label; …", Kind.text),
    Column("missing_codes", "Missing codes that the question allows"),
    Column("correct", "Value of the right answer", Kind.text),
    Column("reverse", "1 if the scale is reverse-scored", Kind.integer, {0: "no", 1: "yes"}),
    Column("flow", "Flow that asks"),
    Column("step", "Step that asks"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("programme", "Programme"),
    Column("level", "Level of evaluation"),
    Column("principle", "Principle"),
    _count("n", "Responses with status ok, missing codes left out"),
    _count("n_missing", "Responses with a missing code"),
    Column("distribution", "Count of each value, value=count; …; empty for free text", Kind.text),
    Column("waves", "Suffixes of the measurement waves that ask it or in which it was answered"),
)

CONTRACT = {
    "officers": OFFICERS,
    "messages": MESSAGES,
    "nudges": NUDGES,
    "sessions": SESSIONS,
    "responses": RESPONSES,
    "responses_wave": RESPONSES_WAVE,
    "responses_wide": RESPONSES_WIDE,
    "dispositions": DISPOSITIONS,
    "assignments": ASSIGNMENTS,
    "self_reports": SELF_REPORTS,
    "scores": SCORES,
    "scores_wide": SCORES_WIDE,
    "codes": CODES,
    "codebook": CODEBOOK,
}
"""The columns of each table that are always there."""
