"""The contract of the exported tables: analysts' code depends on these names and their order."""

import re

from app.exports import columns

CONTRACT = {
    "1.0": {
        "responses": "study_id cohort programme response_id session_id flow flow_version step variable wave level principle"
        " kind raw value label missing correct rule score attempt status late withheld channel scheduled_at asked_at"
        " answered_at asked_local answered_local variant files media",
        "codebook": "variable label question kind choices missing_codes correct reverse flow step flow_version programme"
        " level principle n n_missing distribution waves",
    },
}
"""Once released, a version's lists only grow at their end; anything else is a new version."""


def test_the_columns_are_those_of_the_contract() -> None:
    now = {"responses": columns.RESPONSES, "codebook": columns.CODEBOOK}
    assert {name: " ".join(column.name for column in table) for name, table in now.items()} == CONTRACT[columns.VERSION]


def test_names_and_labels_fit_stata() -> None:
    for column in (*columns.RESPONSES, *columns.CODEBOOK):
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", column.name)
        assert 0 < len(column.label) <= 80
