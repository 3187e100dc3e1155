"""`app.flows.diff`: what changed is told once, by step, and what reaches the data is marked."""

import pytest

from app.flows.diff import ChangeKind, compare
from app.flows.language.definition import Programme
from app.flows.loader import load
from tests.world import PROGRAMME


def _programme(source: str) -> Programme:
    loaded = load(source, "prueba.yaml")
    assert loaded.programme is not None, [str(problem) for problem in loaded.problems]
    return loaded.programme


def _compared(old: str, new: str) -> list[tuple[str, str, str | None, str | None, bool]]:
    changed = PROGRAMME.replace(old, new)
    assert changed != PROGRAMME
    return [
        (change.kind, "/".join(change.path), change.before, change.after, change.data)
        for change in compare(_programme(PROGRAMME), _programme(changed))
    ]


def test_nothing_changed() -> None:
    assert compare(_programme(PROGRAMME), _programme(PROGRAMME)) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Reporte\n", 'title: "Reporte"  # the same\n'),
        ("expires: 48h", "expires: 2d"),
        ("si: {label: Sí, value: 1}", 'si: {value: 1, label: "Sí"}'),
        ("text: Gracias.", "text: >-\n          Gracias."),
        ("        level: behaviour\n", "        level: behaviour\n        tries: 2\n"),
    ],
)
def test_another_way_of_writing_the_same_is_no_change(old: str, new: str) -> None:
    assert _compared(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "¿Qué pasó?",
            "¿Qué ocurrió?",
            (ChangeKind.changed, "flows/reporte/steps/historia/text", "¿Qué pasó?", "¿Qué ocurrió?", False),
        ),
        (
            "records: story",
            "records: relato",
            (ChangeKind.changed, "flows/reporte/steps/historia/records", "story", "relato", True),
        ),
        (
            "si: {label: Sí, value: 1}",
            "si: {label: Sí, value: 2}",
            (ChangeKind.changed, "answers/si_no/si/value", "1", "2", True),
        ),
        (
            "si: {label: Sí, value: 1}",
            "si: {label: Claro, value: 1}",
            (ChangeKind.changed, "answers/si_no/si/label", "Sí", "Claro", False),
        ),
        (
            "no: {label: No, value: 0}",
            "no: {label: No, value: 0}, ns: No sé",
            (ChangeKind.added, "answers/si_no/ns", None, "No sé", True),
        ),
        (
            "      - say: fin\n",
            "      - say: antes\n        text: Casi.\n      - say: fin\n",
            (ChangeKind.added, "flows/reporte/steps/antes", None, "Casi.", False),
        ),
        (
            "      - ask: historia\n        text: ¿Qué pasó?\n        answer: text\n        records: story\n",
            "",
            (ChangeKind.removed, "flows/reporte/steps/historia", "¿Qué pasó?", None, True),
        ),
        ("say: hola", "say: saludo", (ChangeKind.renamed, "flows/reporte/steps/saludo", "hola", "saludo", False)),
        (
            "timezone: America/Mexico_City",
            "timezone: America/Tijuana",
            (ChangeKind.changed, "timezone", "America/Mexico_City", "America/Tijuana", False),
        ),
        ("weeks: 1-4", "weeks: 1-6", (ChangeKind.changed, "campaigns/seguimiento/slots/1/weeks", "1-4", "1-6", False)),
        ("    expires: 48h\n", "", None),
        # What holds by default was there before, though nobody had written it.
        ("    expires: 48h\n", "    expires: 72h\n", (ChangeKind.changed, "flows/reporte/expires", "2d", "3d", False)),
        (
            "        records: story\n",
            "        records: story\n        tries: 3\n",
            (ChangeKind.changed, "flows/reporte/steps/historia/tries", "2", "3", False),
        ),
    ],
)
def test_one_edit_is_one_change(old: str, new: str, expected: object) -> None:
    assert _compared(old, new) == ([] if expected is None else [expected])


def test_labels_of_variables_are_no_options_and_codes_of_the_roster_reach_the_data() -> None:
    said = PROGRAMME.replace("records: contact_any", "records: contact_any\n        label: Contacto").replace(
        "records: story", "records: story\n        label: Historia"
    )
    fields = "fields: {sector: {label: Sector, codes: {Norte: 1, Sur: 2}}}\n"
    again = said.replace("label: Contacto", "label: Cuento").replace("label: Historia", "label: Contacto")
    found = compare(_programme(said + fields), _programme(again + fields.replace("Sur: 2", "Sur: 3")))
    assert [("/".join(one.path), one.before, one.after, one.data) for one in found] == [
        ("fields/sector/codes", "Norte=1; Sur=2", "Norte=1; Sur=3", True),
        ("flows/reporte/steps/contacto/label", "Contacto", "Cuento", False),
        ("flows/reporte/steps/historia/label", "Historia", "Contacto", False),
    ]
    assert [one.data for one in compare(_programme(said + "fields: [sector]\n"), _programme(said + fields))] == [
        False,
        True,
    ]


def test_spans_are_told_as_they_are_written_and_draws_reach_the_data() -> None:
    slot = "      - {weeks: 1-4, per_week: 2, from: [reporte]}\n"
    at = "{weeks: 1-4, per_week: 2, from: [reporte], at: {after_shift: 3h-1h}}"
    assert _compared(slot, f"      - {at}\n") == [
        (ChangeKind.added, "campaigns/seguimiento/slots/1/at", None, "1h-3h", False)
    ]
    study = "study: {title: Uno, seed: 7, arms: {a: {}, b: {}}}\n"
    drawn = "      - {weeks: 1-4, per_week: 2, draw: {a: {p: P, from: [reporte]}, b: {p: Q}}}\n"

    def programme(p: float, share: int) -> Programme:
        return _programme(
            PROGRAMME.replace(slot, drawn.replace("P", f"{p}").replace("Q", f"{1 - p}"))
            + study.replace("b: {}", f"b: {{share: {share}}}")
        )

    found = [
        ("/".join(change.path), change.before, change.after, change.data)
        for change in compare(programme(0.5, 1), programme(0.25, 3))
        if change.kind is ChangeKind.changed
    ]
    assert found == [
        ("campaigns/seguimiento/slots/1/draw/a/p", "0.5", "0.25", True),
        ("campaigns/seguimiento/slots/1/draw/b/p", "0.5", "0.75", True),
        ("study/arms/b/share", "1", "3", True),
    ]


def test_whole_numbers_are_told_without_a_fraction() -> None:
    five, six = (
        _programme(PROGRAMME.replace("answer: text\n", f"answer: {{number: {{max: {most}}}}}\n")) for most in (5, 6)
    )
    assert [(change.before, change.after) for change in compare(five, six)] == [("5", "6")]


def test_a_step_that_moves_is_not_removed_and_added() -> None:
    hello = '      - say: hola\n        text: "{{ nombre }}, una pregunta."\n'
    moved = PROGRAMME.replace(hello, "").replace("      - say: fin\n", hello + "      - say: fin\n")
    assert [
        (change.kind, change.path[-1], change.before, change.after)
        for change in compare(_programme(PROGRAMME), _programme(moved))
    ] == [(ChangeKind.moved, "hola", None, "historia")]


def test_a_question_without_a_variable_of_its_own_renames_its_column() -> None:
    nameless = PROGRAMME.replace("        records: story\n", "")
    changes = compare(_programme(nameless), _programme(nameless.replace("ask: historia", "ask: relato")))
    assert [(change.kind, change.data) for change in changes] == [(ChangeKind.renamed, True)]


def test_a_step_of_another_kind_under_its_old_name() -> None:
    said = PROGRAMME.replace(
        "      - ask: historia\n        text: ¿Qué pasó?\n        answer: text\n        records: story\n",
        "      - say: historia\n        text: ¿Qué pasó?\n",
    )
    kinds = {
        change.path[-1]: (change.kind, change.before, change.after)
        for change in compare(_programme(PROGRAMME), _programme(said))
    }
    assert kinds == {
        "kind": (ChangeKind.changed, "ask", "say"),
        "answer": (ChangeKind.removed, "text", None),
        "records": (ChangeKind.removed, "story", None),
    }


_LIST = "        answer: {choice: {tiempo: {label: Tiempo, value: 1}, riesgo: Riesgo, otro: Otro}}\n"
LISTED = PROGRAMME.replace("        answer: text\n        records: story\n", _LIST + "        records: story\n")
_AT = "flows/reporte/steps/historia/answer/choice"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "{tiempo: {label: Tiempo, value: 1}, riesgo: Riesgo, otro: Otro}",
            "{riesgo: Riesgo, tiempo: {label: Tiempo, value: 1}, otro: Otro}",
            [("reordered", _AT, "tiempo, riesgo, otro", "riesgo, tiempo, otro", True)],
        ),
        (
            "riesgo: Riesgo, otro: Otro",
            "riesgo: Otro, otro: Riesgo",
            [
                ("changed", f"{_AT}/riesgo/label", "Riesgo", "Otro", True),
                ("changed", f"{_AT}/otro/label", "Otro", "Riesgo", True),
            ],
        ),
        (
            "riesgo: Riesgo",
            "peligro: Riesgo",
            [("added", f"{_AT}/peligro", None, "Riesgo", True), ("removed", f"{_AT}/riesgo", "Riesgo", None, True)],
        ),
        ("value: 1}, riesgo", "value: 7}, riesgo", [("changed", f"{_AT}/tiempo/value", "1", "7", True)]),
        ("riesgo: Riesgo", "riesgo: Peligro", [("changed", f"{_AT}/riesgo/label", "Riesgo", "Peligro", False)]),
        (
            "si: {label: Sí, value: 1}, no: {label: No, value: 0}",
            "no: {label: No, value: 0}, si: {label: Sí, value: 1}",
            [("reordered", "answers/si_no", "si, no", "no, si", True)],
        ),
    ],
)
def test_order_values_and_keys_of_options_reach_the_data(old: str, new: str, expected: object) -> None:
    assert LISTED != PROGRAMME
    changed = LISTED.replace(old, new)
    assert changed != LISTED
    assert [
        (change.kind, "/".join(change.path), change.before, change.after, change.data)
        for change in compare(_programme(LISTED), _programme(changed))
    ] == expected


def test_a_new_option_puts_the_others_in_no_other_order() -> None:
    changed = LISTED.replace("riesgo: Riesgo", "equipo: Equipo, riesgo: Riesgo")
    found = compare(_programme(LISTED), _programme(changed))
    assert [(change.kind, change.data) for change in found] == [(ChangeKind.added, True)]
