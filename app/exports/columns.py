"""The columns of every exported table: names, order, kinds and labels, versioned. Analysts write code against them: within a
major version no column is renamed or moved, and new ones go to the end. File formats are elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VERSION = "4.0"
"""The version of the columns below, written to the manifest of every export. 2.0 renamed `turn_ended_at` of `self_reports` to
`shift_ended_at` and reworded labels; 2.1 added `recall_lag` and `misconception` to `responses`, `opening` to
`sessions`, `n_unneeded`, `low` and `se` to `scores`, and `misconceptions` to the codebook; 3.0 gives moments to the hour unless exact ones are asked for, `raw` only where it is nothing but the
option or reviewed, and the durations `answer_seconds`, `reply_seconds` and `delivery_seconds` to the second; 4.0 has numbers for
all options, days as days, missing codes of texts in a column of their own, `wave_number`, `first`, and five columns more of the codebook."""

MISSING = {
    "d": "does not know",
    "n": "not applicable",
    "r": "refused",
    "s": "skipped by the flow's logic",
    "m": "never answered",
    "o": "other",
    "u": "applicable, but not needed, as the officer says",
}
"""Extended missing codes; Stata writes them with a point before: .d .n .r .s .m .o .u"""

EXTENDED = {f".{code}": meaning for code, meaning in MISSING.items()}
"""The same as cells have them."""

SUPPRESSED, SUPPRESSION = ".k", "suppressed: too few officers have this combination of attributes"
"""The code in place of a suppressed attribute, and its meaning: a text among texts, a missing code among numbers and days."""

MISSING_CODES = (*EXTENDED, SUPPRESSED)
"""All codes that a cell of an extended column may have."""

RESPONSE_ROW = "response"
"""The `row_of` of columns that number responses."""

WAVE_NUMBER = "wave_number"


class Kind(StrEnum):
    """The kind of cells in a column. An empty cell is None in every kind."""

    code = "code"  # a short word from Trato or from a flow file; never a formula or a line end
    text = "text"  # anything a person typed
    integer = "integer"
    number = "number"
    date = "date"  # a day, 2026-03-02
    utc = "utc"  # a moment in UTC, 2026-03-02T16:00:00Z
    local = "local"  # a moment in the officer's local time, 2026-03-02 10:00:00


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is its variable label in Stata, at most 80 characters; `values` are the labels of its values, `codes` those
    of codes that are texts. In a column of numbers or days that is `extended`, a cell may be an extended missing code, as text:
    `.d`. `attribute`: the attribute of the officer that follows from its cells, which are suppressed with it. `row_of`: its cells are
    numbers of rows of this kind, the same in every table. `variable`: the measured variable whose answers they are."""

    name: str
    label: str
    kind: Kind = Kind.code
    values: Mapping[int, str] = field(default_factory=dict)
    extended: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    attribute: str = ""
    row_of: str = ""
    variable: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers or missing codes."""
        return self.kind in {Kind.integer, Kind.number}

    @property
    def is_moment(self) -> bool:
        """Whether its cells are moments."""
        return self.kind in {Kind.utc, Kind.local}

    @property
    def missing(self) -> Mapping[str, str]:
        """The missing codes that its cells may have, with their meanings."""
        if not self.extended:
            return {}
        return {SUPPRESSED: SUPPRESSION} if self.attribute else EXTENDED


NO_YES = {0: "no", 1: "yes"}


def _flag(name: str, label: str) -> Column:
    return Column(name, label, Kind.integer, NO_YES)


def _count(name: str, label: str) -> Column:
    return Column(name, label, Kind.integer)


def _row(name: str, label: str, row_of: str) -> Column:
    return Column(name, label, Kind.integer, row_of=row_of)


def _utc(name: str, label: str) -> Column:
    return Column(name, f"{label}, UTC", Kind.utc)


def _local(name: str, label: str) -> Column:
    # With the moment in UTC beside it, the zone follows.
    return Column(name, f"{label}, local time of the officer", Kind.local, attribute="timezone")


_WAVE_NUMBER = Column(WAVE_NUMBER, "Number of the measurement wave, in the order of their days", Kind.integer)
"""The wave in an order that is that of time; its values are labelled with the suffixes of the programmes."""

_WHO = (
    Column("study_id", "Officer, random study id"),
    Column("cohort", "Cohort of the officer", Kind.text, attribute="cohort"),
    Column("programme", "Programme"),
)

OFFICERS = (
    *_WHO,
    Column("language", "Language of the officer", attribute="language"),
    Column("timezone", "Time zone of the officer, IANA", attribute="timezone"),
    Column("channel", "Preferred channel: whatsapp or sms"),
    Column("status", "active; opted_out; blocked (the carrier cannot reach the officer)"),
    _flag("consented", "1 if consent is given and not withdrawn"),
    Column("consent_version", "Version of the privacy notice that the officer last accepted or declined"),
    _utc("consented_at", "Time of the current consent"),
    _utc("opted_out_at", "Time of opting out"),
    _utc("paused_until", "End of the pause the officer asked for"),
    _flag("held", "1 if messages wait until a person releases the officer"),
    Column("shift_known", "1 if the officer's shift is known", Kind.integer, NO_YES, attribute="shift"),
    _utc("enrolled_at", "Time of enrolment"),
    _local("enrolled_local", "Time of enrolment"),
)
"""Followed by the roster's own columns, `attr_…`, and the anchor dates of campaigns, `date_…`."""

MESSAGES = (
    Column("direction", "in: from the officer; out: to the officer"),
    _row("number", "Number of the message within its direction", "message"),
    *_WHO,
    _row("session_id", "Session to which it belongs", "session"),
    Column("flow", "Flow of an outbound message"),
    Column("step", "Step that sent the message, or that it answers; empty for a notice"),
    Column("kind", "out: say, ask, reminder, notice, person, announcement…; in: text, media…"),
    Column("channel", "whatsapp or sms"),
    Column("status", "out: last known status at the carrier; in: how it was handled"),
    Column("template", "WhatsApp template used"),
    _count("characters", "Length of the stored text, before names are filled in"),
    _count("segments", "Segments counted by the carrier"),
    Column("price", "Price charged by the carrier", Kind.number),
    Column("price_unit", "Currency of the price"),
    _count("error_code", "Error code of the carrier"),
    Column("error_class", "Cause of the error, as classified by Trato"),
    _count("attempts", "Number of times it was sent to the carrier"),
    _count("resend", "Number of the resend after a failure; 0 for the first message"),
    _flag("needs_person", "1 if a person should look at an inbound message"),
    _utc("due_at", "Time from which it was due"),
    _utc("at", "Time it was created (out) or received (in)"),
    _utc("sent_at", "Time the carrier accepted it"),
    _utc("delivered_at", "Time of delivery"),
    _utc("read_at", "Time it was read, where the channel reports it"),
    _local("at_local", "Time it was created or received"),
    Column("act", "in: what it does; other: anything else, or only counted in the report"),
    _count("delivery_seconds", "out: seconds from sending to delivery"),
)

NUDGES = (
    _row("nudge_id", "Planned flow, key of this table", "nudge"),
    *_WHO,
    Column("campaign", "Campaign"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("origin", "plan; followup (after an event)"),
    Column("rule", "Rule of the campaign: slots.0, waves.bl, followups.x"),
    Column("slot", "Name of the occasion"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("flow", "Flow"),
    Column("status", "planned; started; skipped; cancelled"),
    Column("reason", "Reason it was skipped or is waiting"),
    _row("session_id", "Session it started", "session"),
    _utc("planned_at", "Planned time"),
    _utc("due_at", "Time of its next or last check"),
    _utc("closes_at", "Never started after this time; for a wave, its end"),
    _utc("decided_at", "Time it was started or skipped"),
    _local("planned_local", "Planned time"),
    _WAVE_NUMBER,
)

SESSIONS = (
    _row("session_id", "Session, key of this table", "session"),
    *_WHO,
    Column("flow", "Flow"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("variant", "Variant of the flow drawn for the session"),
    Column("channel", "Channel of the session"),
    Column("outcome", "open; completed; expired; stopped; failed"),
    Column("campaign", "Campaign that planned it"),
    Column("slot", "Name of the occasion in the campaign"),
    _count("messages_out", "Messages to the officer"),
    _count("messages_in", "Messages from the officer"),
    _count("answers", "Valid answers, status ok"),
    _count("unclear", "Answers not understood"),
    _utc("scheduled_at", "Planned time"),
    _utc("started_at", "Time it started"),
    _utc("sent_at", "Time the carrier accepted its first message"),
    _utc("delivered_at", "Time of the first delivery"),
    _utc("read_at", "Time of the first reading, where the channel reports it"),
    _utc("replied_at", "Time of the first reply"),
    _utc("ended_at", "Time it ended"),
    _local("started_local", "Time it started"),
    _local("replied_local", "Time of the first reply"),
    _count("opening", "Number of the opening in its list, from 1; empty if the flow has none"),
    _count("reply_seconds", "Seconds from its first message to the first reply"),
    _WAVE_NUMBER,
)

RESPONSES = (
    *_WHO,
    _row("response_id", "Response, key of this table", RESPONSE_ROW),
    _row("session_id", "Session in which it was asked", "session"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("step", "Step that asked"),
    Column("variable", "Variable"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle"),
    Column("kind", "Kind of answer"),
    Column("raw", "Text as typed; empty if withheld", Kind.text),
    Column("value", "Value as understood; extended missing codes as .d .n .r", Kind.text),
    Column("label", "Label of the value", Kind.text),
    Column("missing", "Extended missing code: d, n or r"),
    _flag("correct", "1 if correct, 0 if wrong, for items with a key"),
    Column("rule", "Rule by which the reply was understood"),
    Column("score", "Confidence of the rule, 0 to 1", Kind.number),
    _count("attempt", "Number of the reply to the question, from 1"),
    Column("status", "ok; unclear; superseded (corrected); extra (late, already answered)"),
    _flag("late", "1 if it came after the session stopped waiting"),
    _flag("withheld", "1 if free text is withheld until reviewed"),
    Column("channel", "Channel of the session"),
    _utc("scheduled_at", "Planned time of the flow"),
    _utc("asked_at", "Time of the question"),
    _utc("answered_at", "Time of the answer"),
    _local("asked_local", "Time of the question"),
    _local("answered_local", "Time of the answer"),
    Column("variant", "Variant of the flow drawn for the session"),
    _count("files", "Number of files sent with the answer; empty if none"),
    Column("media", "Names of the exported files, in media/", Kind.text),
    Column("number", "The value where it is a number; extended missing codes", Kind.number, extended=True),
    Column(
        "recall_lag",
        "Late answers: hours from the last shift's end, or from asked_at if unknown",
        Kind.number,
        attribute="shift",
    ),
    Column("misconception", "Misconception that the chosen option shows"),
    _count("answer_seconds", "Seconds from the question to the answer"),
    _WAVE_NUMBER,
    _flag("corrected", "1 if the value is a correction; the officer's own: table corrections"),
)

RESPONSES_WAVE = (
    *_WHO,
    Column("wave", "Measurement wave, suffix"),
    _WAVE_NUMBER,
)
"""Followed by a column for each variable."""

RESPONSES_WIDE = _WHO
"""Followed by a column for each variable and wave, `variable_wave`."""

DISPOSITIONS = (
    *_WHO,
    Column("campaign", "Campaign"),
    Column("wave", "Measurement wave, suffix"),
    Column("disposition", "complete, partial, refusal, other, non_contact, unknown_…, not_eligible"),
    Column("aapor", "AAPOR code of the disposition: I, P, R, O, NC, UH, UO, NE"),
    _flag("closed", "1 if the wave is over for the officer: nothing planned or open"),
    _count("flows", "Flows of the wave planned for the officer"),
    _count("started", "Flows started"),
    _count("completed", "Flows completed"),
    _count("answers", "Valid answers, status ok"),
    _count("unclear", "Answers not understood"),
    _flag("sent", "1 if the carrier accepted a message of the wave"),
    _flag("delivered", "1 if a message of the wave is known to have arrived"),
    _flag("read", "1 if a message of the wave is known to have been read"),
    _flag("failed", "1 if a message of the wave failed, or the number is blocked"),
    _flag("replied", "1 if the officer sent any message in the sessions of the wave"),
    _flag("opted_out", "1 if the officer had opted out when the wave closed"),
    _flag("declined", "1 if consent had been declined or withdrawn when the wave closed"),
    _flag("consented", "1 if consent had been given when the wave closed"),
    _flag("consent_delivered", "1 if the question for consent is known to have arrived"),
    _flag("consent_failed", "1 if the question for consent failed"),
    _flag("enrolled_late", "1 if the officer was enrolled after the wave had closed"),
    Column("reasons", "Reasons for which flows of the wave were skipped"),
    _utc("opens_at", "First planned time"),
    _utc("closes_at", "Time it closes: nothing is started or asked afterwards"),
    _utc("replied_at", "Time of the first reply"),
    _utc("ended_at", "Time its last session ended"),
    _WAVE_NUMBER,
)

ASSIGNMENTS = (
    Column("kind", "arm (of a study); draw (of one occasion); campaign (not random)"),
    _row("number", "Number of the assignment within its kind", "assignment"),
    *_WHO,
    Column("campaign", "Campaign"),
    Column("slot", "For a draw: name of the occasion"),
    _row("nudge_id", "For a draw: planned flow", "nudge"),
    _row("session_id", "For a draw: session it started", "session"),
    Column("choice", "Arm, or choice drawn"),
    Column("probability", "Probability of the choice", Kind.number),
    Column("stratum", "Stratum of the draw", Kind.text, attribute="stratum"),
    Column("cluster", "Cluster assigned as a whole", Kind.text, attribute="cluster"),
    Column("eligible", "For a draw: probability of each possible choice, JSON", Kind.text),
    Column("scope", "For an arm: cohort randomised together, * for all", attribute="scope"),
    Column("seed", "Seed of the draw", attribute="scope"),
    Column("input_hash", "For an arm: SHA-256 of the randomised officers, in order", attribute="scope"),
    Column("release", "For an arm: release of Trato used"),
    _utc("assigned_at", "Time of the assignment"),
    _local("assigned_local", "Time of the assignment"),
)

CONSORT = (
    Column("programme", "Programme"),
    _count("place", "Number of the row, in the order of the flow"),
    Column("stage", "assessed; excluded; consented; allocated; received; not_received; lost_last…"),
    Column("reason", "Reason for the stage; empty for all reasons together"),
    Column("arm", "Arm that was drawn; empty before the draw, and without a study"),
    _count("officers", "Officers"),
)

MRT = (
    *_WHO,
    _count("decision", "Number of the decision point of the officer, from 1, in the order of time"),
    Column("campaign", "Campaign"),
    Column("slot", "Name of the occasion"),
    _row("nudge_id", "Planned flow", "nudge"),
    _flag("available", "1 if a choice was drawn; 0: nothing could be sent then"),
    Column("reason", "Reason for 0: no_consent; gap; cap; quiet_hours; on_duty; leave; too_late…"),
    Column("choice", "Choice that was drawn"),
    _flag("treatment", "1 if the choice sends something; 0 if it sends nothing, or was not available"),
    Column("prob", "Probability of treatment 1, by the design, whether available or not", Kind.number),
    Column("probability", "Probability of the choice", Kind.number),
    Column("outcome", "Proximal outcome within the time that the programme declares", Kind.number, extended=True),
    Column("outcome_hours", "Hours after the decision within which the outcome counts", Kind.number),
    Column("lag_available", "available at the decision point before; 0 at the first", Kind.integer, NO_YES),
    Column("lag_treatment", "treatment at the decision point before; 0 at the first", Kind.integer, NO_YES),
    Column("lag_outcome", "outcome of the decision point before, if its time was over; else empty", Kind.number),
    _count("begun_7d", "Flows begun in the 7 days before"),
    _count("answers_7d", "Answers in the 7 days before"),
    _utc("decided_at", "Time of the draw; of the plan, if not available"),
    _local("decided_local", "Time of the draw; of the plan, if not available"),
)
"""Followed by a column `p_…` for each choice of any draw: its probability at this decision point, by the design."""

SELF_REPORTS = (
    _row("session_id", "Session in which it was reported", "session"),
    _count("record", "Number of the record within its session"),
    *_WHO,
    Column("report", "Report, as named in the programme file"),
    Column("kind", "contact; no_contact (no occasion to apply it); unknown (not reported)"),
    Column("flow", "Flow that asked"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("campaign", "Campaign that planned it"),
    Column("slot", "Name of the occasion in the campaign"),
    Column("principle", "Principle"),
    Column("item", "Variable that records whether it was applied"),
    Column("status", "complete; partial (the session expired, was stopped, or is open)"),
    _flag("corrected", "1 if the officer corrected one of its answers"),
    _flag("late", "1 if an answer came after the session stopped waiting"),
    Column(
        "contact_any",
        "1 contact with citizens in the last shift, 0 none; repeats, see first",
        Kind.integer,
        NO_YES,
        extended=True,
    ),
    Column(
        "applied",
        "1 applied, 0 not; .n not applicable, .u not needed, .s no occasion, .m not told",
        Kind.integer,
        NO_YES,
        extended=True,
    ),
    Column(
        "times", "Number of the last contacts in which it was applied; repeats, see first", Kind.number, extended=True
    ),
    Column("situation", "Situation, value as in the codebook; repeats, see first", Kind.number, extended=True),
    Column("action_text", "Action taken, free text; empty if withheld; repeats, see first", Kind.text),
    Column(
        "reaction", "Reaction of the person, value as in the codebook; repeats, see first", Kind.number, extended=True
    ),
    Column("barrier", "Barrier, value as in the codebook; repeats, see first", Kind.number, extended=True),
    Column(
        "confidence",
        "Confidence of doing it again, value as in the codebook; repeats, see first",
        Kind.number,
        extended=True,
    ),
    _flag("withheld", "1 if free text is withheld until reviewed"),
    Column("shift", "Hours on and off, as known when the session began; empty if unknown", attribute="shift"),
    Column(
        "shift_ended_at", "End of the last shift before the first answer, if known, UTC", Kind.utc, attribute="shift"
    ),
    Column(
        "recall_lag",
        "Hours from the end of that shift to the first answer; empty if unknown",
        Kind.number,
        attribute="shift",
    ),
    Column("channel", "Channel of the session"),
    _utc("scheduled_at", "Planned time of the flow"),
    _utc("started_at", "Time the session started"),
    _utc("asked_at", "Time of the first answered question"),
    _utc("answered_at", "Time of the first answer"),
    _utc("completed_at", "Time the session was completed, if it was"),
    _local("started_local", "Time the session started"),
    _local("answered_local", "Time of the first answer"),
    _WAVE_NUMBER,
    _flag("first", "1 in the first row of a conversation: count what repeats there only"),
    Column("action_text_missing", "Missing code of action_text", codes=EXTENDED),
)
"""What a conversation tells once, such as the situation, repeats in each of its rows: `first` marks the one to count."""

SCORES = (
    *_WHO,
    Column("wave", "Measurement wave, suffix"),
    Column("score", "Score, as named in the programme file"),
    Column("level", "Level of evaluation: knowledge, internal, behaviour"),
    Column("principle", "Principle of the score, if it has one"),
    Column("kind", "share_right; mean; share_applied; acquiescence; straight_line"),
    _count("n_items", "Items of the score, without those of variants not drawn"),
    _count("n_answered", "Items with a valid answer; for share_applied also not applicable"),
    Column("possible", "Maximum of the points", Kind.number),
    Column("points", "Correct answers; sum of the scale, items reversed; times applied", Kind.number),
    Column("raw_sum", "Sum of the scale before reversing items; empty for shares", Kind.number),
    Column("value", "points / possible; .m too few answers, .n nothing applicable", Kind.number, extended=True),
    Column("missing", "Extended missing code of the value: m or n"),
    Column("reason", "Reason it is missing: not_answered; too_few; not_applicable"),
    _count("n_unneeded", "For share_applied: items that were not needed, as the officer says"),
    Column("low", "For share_applied: the value, if what was not needed counts as not applied", Kind.number),
    Column("se", "For share_right: standard error of the value", Kind.number),
    _WAVE_NUMBER,
)

SCORES_WIDE = _WHO
"""Followed by a column for each score and wave, `score_wave`."""

CODES = (
    *_WHO,
    _row("response_id", "Response that was coded", RESPONSE_ROW),
    Column("variable", "Variable of the coding scheme"),
    _row("session_id", "Session of the response", "session"),
    Column("flow", "Flow that asked"),
    Column("step", "Step that asked"),
    Column("of", "Variable of the response"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("status", "Status of the response: ok; unclear; superseded; extra"),
    Column("value", "Codes, separated by spaces; empty if coders disagree or only one coded"),
    Column("label", "Labels of the codes in the current coding scheme", Kind.text),
    Column("how", "final; agreed; disputed; single (one coder)"),
    _count("coders", "Number of coders, without the final one"),
    Column("said", "Codes of each coder, coder=codes; …"),
    _utc("answered_at", "Time of the answer"),
    _local("answered_local", "Time of the answer"),
    _WAVE_NUMBER,
)

CORRECTIONS = (
    Column("correction_id", "Correction, key of this table", Kind.integer, row_of="correction"),
    *_WHO,
    _row("response_id", "Response that was corrected", RESPONSE_ROW),
    Column("variable", "Variable of the response"),
    Column("wave", "Measurement wave, suffix; empty for follow-up"),
    Column("old", "Value before, as the wide tables have it", Kind.text),
    Column("new", "Value since, as the wide tables have it", Kind.text),
    Column("why", "Reason", Kind.text),
    Column("who", "Person who corrected", Kind.text),
    _utc("corrected_at", "Time of the correction"),
    _flag("undone", "1 if it was undone and counts no more"),
    _utc("undone_at", "Time at which it was undone"),
    _WAVE_NUMBER,
)

QUALITY = (
    _count("number", "Number of the row, key of this table"),
    Column("check", "fast dont_know straight_line missing no_value other outlier same_value act"),
    Column("programme", "Programme"),
    Column("flow", "Flow; empty for missing and no_value"),
    Column("variable", "Variable; for act, the step that was open"),
    Column("wave", "Measurement wave, suffix; empty for follow-up, and for checks of all waves"),
    Column("day", "Day in UTC, for fast and dont_know"),
    Column("what", "For missing and dont_know: missing code; for act: what messages do"),
    _count("n", "Answers, conversations, officers of the wave, or messages looked at"),
    _count("count", "Number of these that the check finds"),
    Column("share", "count / n", Kind.number),
    _WAVE_NUMBER,
    Column("low_limit", "outlier: first quartile - 3 x interquartile range; below is counted", Kind.number),
    Column("high_limit", "outlier: third quartile + 3 x interquartile range; above is counted", Kind.number),
)

CODEBOOK = (
    Column("variable", "Variable"),
    Column("label", "Short label, at most 80 characters", Kind.text),
    Column("question", "Exact wording, in the programme's language", Kind.text),
    Column("kind", "Kind of answer"),
    Column("choices", "Values and labels, value=label; …", Kind.text),
    Column("missing_codes", "Missing codes allowed by the question"),
    Column("correct", "Value of the correct answer", Kind.text),
    Column("reverse", "1 if the scale is reverse-scored", Kind.integer, NO_YES),
    Column("flow", "Flow that asks"),
    Column("step", "Step that asks"),
    Column("flow_version", "Version of the programme file, first 12 of its hash"),
    Column("programme", "Programme"),
    Column("level", "Level of evaluation"),
    Column("principle", "Principle"),
    _count("n", "Responses with status ok, without missing codes"),
    _count("n_missing", "Responses with a missing code"),
    Column("distribution", "Count of each value, value=count; …; empty for free text", Kind.text),
    Column("waves", "Suffixes of the measurement waves that ask it or have answers to it"),
    Column("misconceptions", "Misconception that a value shows, value=code: meaning; …", Kind.text),
    Column("keys", "Values that `value` of responses has as a word, value=word; …", Kind.text),
    Column("asked_if", "Answers on which the question depends, in words", Kind.text),
    Column("n_by_arm", "Responses with status ok by arm of the study, without missing codes, arm=n; …", Kind.text),
    Column("new_name", "To be filled in: another name of the variable", Kind.text),
    Column("recode", "To be filled in: new values, old=new; …", Kind.text),
    _count("n_read", "Sampled replies that two people have read and agree on"),
    Column("error", "Share of these that Trato read otherwise, weighted to all replies", Kind.number),
    Column("error_low", "The same: low end of the 95 % interval", Kind.number),
    Column("error_high", "The same: high end of the 95 % interval", Kind.number),
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
    "consort": CONSORT,
    "mrt": MRT,
    "self_reports": SELF_REPORTS,
    "scores": SCORES,
    "scores_wide": SCORES_WIDE,
    "codes": CODES,
    "corrections": CORRECTIONS,
    "quality": QUALITY,
    "codebook": CODEBOOK,
}
"""The columns that each table always has."""
