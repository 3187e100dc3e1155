"""The contract of the exported tables: analysts' code depends on these names and their order."""

import re

from app.exports import columns
from app.exports.columns import Kind
from app.exports.tables import TABLES

CONTRACT = {
    "1.0": {
        "responses": "study_id cohort programme response_id session_id flow flow_version step variable wave level principle"
        " kind raw value label missing correct rule score attempt status late withheld channel scheduled_at asked_at"
        " answered_at asked_local answered_local variant files media",
        "codebook": "variable label question kind choices missing_codes correct reverse flow step flow_version programme"
        " level principle n n_missing distribution waves",
    },
    "1.1": {
        "officers": "study_id cohort programme language timezone channel status consented consent_version consented_at"
        " opted_out_at paused_until held shift_known enrolled_at enrolled_local",
        "messages": "direction number study_id cohort programme session_id flow step kind channel status template"
        " characters segments price price_unit error_code error_class attempts resend needs_person due_at at"
        " sent_at delivered_at read_at at_local",
        "nudges": "nudge_id study_id cohort programme campaign flow_version origin rule slot wave flow status reason"
        " session_id planned_at due_at closes_at decided_at planned_local",
        "sessions": "session_id study_id cohort programme flow flow_version wave variant channel outcome campaign slot"
        " messages_out messages_in answers unclear scheduled_at started_at sent_at delivered_at read_at"
        " replied_at ended_at started_local replied_local",
        "responses": "study_id cohort programme response_id session_id flow flow_version step variable wave level"
        " principle kind raw value label missing correct rule score attempt status late withheld channel"
        " scheduled_at asked_at answered_at asked_local answered_local variant files media number",
        "responses_wave": "study_id cohort programme wave",
        "responses_wide": "study_id cohort programme",
        "dispositions": "study_id cohort programme campaign wave disposition aapor closed flows started completed answers"
        " unclear sent delivered read failed replied opted_out declined consented consent_delivered consent_failed"
        " enrolled_late reasons opens_at closes_at replied_at ended_at",
        "assignments": "kind number study_id cohort programme campaign slot nudge_id session_id choice probability stratum"
        " cluster eligible scope seed input_hash release assigned_at assigned_local",
        "self_reports": "session_id record study_id cohort programme report kind flow flow_version wave campaign slot principle"
        " item status corrected late contact_any applied times situation action_text reaction barrier confidence"
        " withheld shift turn_ended_at recall_lag channel scheduled_at started_at asked_at answered_at completed_at"
        " started_local answered_local",
        "scores": "study_id cohort programme wave score level principle kind n_items n_answered possible points raw_sum value"
        " missing reason",
        "scores_wide": "study_id cohort programme",
        "codes": "study_id cohort programme response_id variable session_id flow step of wave status value label how coders"
        " said answered_at answered_local",
        "codebook": "variable label question kind choices missing_codes correct reverse flow step flow_version programme"
        " level principle n n_missing distribution waves",
    },
}
CONTRACT["2.0"] = CONTRACT["1.1"] | {
    "messages": CONTRACT["1.1"]["messages"] + " act",
    "self_reports": CONTRACT["1.1"]["self_reports"].replace(" turn_ended_at ", " shift_ended_at "),
}
CONTRACT["2.1"] = CONTRACT["2.0"] | {
    "sessions": CONTRACT["2.0"]["sessions"] + " opening",
    "responses": CONTRACT["2.0"]["responses"] + " recall_lag misconception",
    "scores": CONTRACT["2.0"]["scores"] + " n_unneeded low se",
    "codebook": CONTRACT["2.0"]["codebook"] + " misconceptions",
}
CONTRACT["3.0"] = CONTRACT["2.1"] | {
    "messages": CONTRACT["2.1"]["messages"] + " delivery_seconds",
    "sessions": CONTRACT["2.1"]["sessions"] + " reply_seconds",
    "responses": CONTRACT["2.1"]["responses"] + " answer_seconds",
}
_WITH_WAVE_NUMBER = ("nudges", "sessions", "responses_wave", "dispositions", "scores", "codes")
CONTRACT["4.0"] = (
    CONTRACT["3.0"]
    | {name: CONTRACT["3.0"][name] + " wave_number" for name in _WITH_WAVE_NUMBER}
    | {
        "responses": CONTRACT["3.0"]["responses"] + " wave_number corrected",
        "self_reports": CONTRACT["3.0"]["self_reports"] + " wave_number first action_text_missing",
        "codebook": CONTRACT["3.0"]["codebook"]
        + " keys asked_if n_by_arm new_name recode n_read error error_low error_high",
        "consort": "programme place stage reason arm officers",
        "mrt": "study_id cohort programme decision campaign slot nudge_id available reason choice treatment prob"
        " probability outcome outcome_hours lag_available lag_treatment lag_outcome begun_7d answers_7d decided_at"
        " decided_local",
        "corrections": "correction_id study_id cohort programme response_id variable wave old new why who corrected_at"
        " undone undone_at wave_number",
        "quality": "number check programme flow variable wave day what n count share wave_number low_limit high_limit",
    }
)
"""Once released, a version's lists only grow at their end; anything else is a new version."""


def test_the_columns_are_those_of_the_contract() -> None:
    assert {name: " ".join(column.name for column in table) for name, table in columns.CONTRACT.items()} == CONTRACT[
        columns.VERSION
    ]


def test_a_version_begins_with_the_columns_of_the_one_before() -> None:
    for name, before in CONTRACT["1.0"].items():
        assert CONTRACT["1.1"][name].startswith(before)


def test_every_table_has_a_contract() -> None:
    assert {table.name for table in TABLES} | {"codebook"} == set(columns.CONTRACT)


def test_names_and_labels_fit_stata() -> None:
    for table in columns.CONTRACT.values():
        assert len({column.name for column in table}) == len(table)
        for column in table:
            assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", column.name)
            assert column.name != "id"
            assert 0 < len(column.label) <= 80
            assert not column.values or column.kind is Kind.integer
