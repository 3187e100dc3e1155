"""The contract of the exported tables: analysts' code depends on these names and their order."""

import re

from app.exports import columns

CONTRACT = {
    "1.0": {
        "responses": "study_id cohort programme response_id session_id flow flow_version step variable wave level principle"
        " kind raw value label missing correct rule score attempt status late withheld channel scheduled_at asked_at"
        " answered_at asked_local answered_local variant files media",
        "self_reports": "study_id cohort programme session_id record report kind flow flow_version wave campaign occasion"
        " principle item status corrected late contact_any applied times situation action_text reaction barrier confidence"
        " withheld shift turn_ended_at recall_lag channel scheduled_at started_at asked_at answered_at completed_at"
        " started_local answered_local",
        "scores": "study_id cohort programme wave score level principle kind n_items n_answered possible points raw_sum value"
        " missing reason",
        "scores_wide": "study_id cohort programme",
        "codebook": "variable label question kind choices missing_codes correct reverse flow step flow_version programme"
        " level principle n n_missing distribution waves",
    },
}
"""Once released, a version's lists only grow at their end; anything else is a new version."""


def test_the_columns_are_those_of_the_contract() -> None:
    now = {
        "responses": columns.RESPONSES, "self_reports": columns.SELF_REPORTS, "scores": columns.SCORES,
        "scores_wide": columns.SCORES_WIDE, "codebook": columns.CODEBOOK,
    }
    assert {name: " ".join(column.name for column in table) for name, table in now.items()} == CONTRACT[columns.VERSION]


def test_names_and_labels_fit_stata() -> None:
    for column in (*columns.RESPONSES, *columns.SELF_REPORTS, *columns.SCORES, *columns.CODEBOOK):
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", column.name)
        assert 0 < len(column.label) <= 80
