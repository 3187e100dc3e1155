"""Free text and the code book: two coders who do not see each other, how far they agree, and who settles the rest; on both
databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.errors import UsageError
from app.exports.coding_status import CodingStatus, settle_codes
from app.exports.definitions import Definitions
from app.review import agreement, coded_sheet, coding
from app.sheets import hand_sheet
from app.store.database import Database
from app.store.tables import Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.review.texts import Desk
from tests.world import PROGRAMME

CODED = (
    PROGRAMME
    + """
codes:
  tema:
    title: De qué habla
    of: [story]
    codes: {tiempo: Del tiempo, riesgo: Del peligro, otro: De otra cosa}
  menciona:
    title: A quién menciona
    of: [historia]
    multiple: true
    codes: {jefe: A un mando, colega: A un colega}
"""
)
TEXTS = ("No hubo tiempo", "Era peligroso", "Mi jefe y yo", "=1+1", "Juana no quiso")


class Office(Desk):
    """A desk with texts that have been reviewed, but for the last, and with coders."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given, CODED)  # type: ignore[arg-type]
        self.ids = self.tells(*TEXTS)
        sheet = self.sheet()
        for row in sheet[:-1]:
            row["reviewed"] = "ok"
        sheet[0] |= {"reviewed": "redact", "redacted_text": "No hubo [algo]"}
        self.take(sheet)

    def given(self, coder: str, name: str = "hoja.csv") -> list[dict[str, str]]:
        made = coding.sheet(self.tx, coder)
        table, faults = hand_sheet.read(name, hand_sheet.write(name, made.headers, made.rows, made.choices))
        assert not faults
        return [dict(zip(table[0], row, strict=True)) for row in table[1:]]

    def brings(self, coder: str, rows: list[dict[str, str]]) -> coded_sheet.CodeImport:
        return coded_sheet.import_table(
            self.tx, [list(rows[0]), *(list(row.values()) for row in rows)], coder, self.clock()
        )

    def codes(self, coder: str, *values: str, column: str = "tema") -> coded_sheet.CodeImport:
        rows = self.given(coder)
        for row in rows:
            row[column] = values[self.ids.index(int(row["response_id"]))]
        return self.brings(coder, rows)


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Iterator[Office]:
    with database.transaction() as tx:
        yield Office(tx, vault, clock)


@pytest.mark.parametrize("name", ["hoja.csv", "hoja.xlsx"])
def test_a_coder_gets_what_has_been_reviewed_and_nothing_of_who_wrote_it(office: Office, name: str) -> None:
    rows = office.given("A", name)
    assert list(rows[0]) == ["response_id", "question", "text", "tema", "menciona", "mark"]
    assert {row["text"].removeprefix("'") for row in rows} == {
        "No hubo [algo]",
        "Era peligroso",
        "Mi jefe y yo",
        "=1+1",
    }
    assert all((row["question"], row["tema"]) == ("¿Qué pasó?", "") for row in rows)


def test_each_coder_has_an_order_of_their_own_that_stays(office: Office) -> None:
    orders = {coder: [row["response_id"] for row in office.given(coder)] for coder in "ABCDEFGH"}
    assert len(set(map(tuple, orders.values()))) > 1
    assert orders == {coder: [row["response_id"] for row in office.given(coder)] for coder in "ABCDEFGH"}


def test_codes_are_kept_and_come_out_again(office: Office) -> None:
    taken = office.codes("A", "tiempo", " Riesgo", "otro", "")
    assert (taken.coded, taken.open, taken.faults) == (3, 1, [])
    assert office.codes("A", "tiempo", "riesgo", "riesgo", "").unchanged == 2
    assert {row["text"]: row["tema"] for row in office.given("A")}["Mi jefe y yo"] == "riesgo"
    assert {row["tema"] for row in office.given("B")} == {""}, "nobody sees what another has coded"
    assert office.codes("A", "", "", "jefe; colega, jefe", "", column="menciona").coded == 1
    assert {row["text"]: row["menciona"] for row in office.given("A")}["Mi jefe y yo"] == "jefe colega"


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"tema": "tienpo"}, "tema", "there is no code 'tienpo'. Did you mean tiempo?"),
        ({"tema": "tiempo riesgo"}, "tema", "takes one"),
        ({"mark": "x"}, "mark", "not made for coder A"),
        ({"text": "otra cosa"}, "text", "was edited"),
        ({"response_id": "99999"}, "response_id", "no such text"),
        ({"response_id": "-1"}, "response_id", "not a response id"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_nothing_is_kept(
    office: Office, change: dict[str, str], column: str, said: str
) -> None:
    rows = office.given("A")
    rows[0]["tema"] = "tiempo"
    rows[1] |= change
    (fault,) = office.brings("A", rows).faults
    assert (fault.row, fault.column) == (3, column)
    assert said in fault.text
    assert {row["tema"] for row in office.given("A")} == {""}


def test_a_sheet_is_not_taken_for_anothers(office: Office) -> None:
    rows = office.given("A")
    rows[0]["tema"] = "tiempo"
    assert {fault.column for fault in office.brings("B", rows).faults} == {"mark"}


def test_a_text_that_is_withheld_since_is_not_coded(office: Office) -> None:
    rows = office.given("A")
    sheet = office.sheet()
    sheet[1]["reviewed"] = "withhold"
    office.take(sheet)
    assert {fault.text for fault in office.brings("A", rows).faults} == {"this text is now withheld: delete the row"}


def test_a_question_of_which_a_variable_is_not(office: Office) -> None:
    rows = office.given("A")
    office.tx.execute(update(Response).where(Response.id == int(rows[0]["response_id"])).values(step="otro"))
    rows[0]["menciona"] = "jefe"
    (fault,) = office.brings("A", rows).faults
    assert (fault.column, fault.text) == ("menciona", "is not for this question: leave it empty")


def test_columns_that_are_missing_or_misspelt(office: Office) -> None:
    rows = office.given("A")
    bare = [{name: cell for name, cell in row.items() if name not in {"tema", "menciona"}} for row in rows]
    assert "there is no column of the code book" in office.brings("A", bare).faults[0].text
    odd = [{("temas" if name == "tema" else name): cell for name, cell in row.items()} for row in rows]
    assert "Did you mean tema" in office.brings("A", odd).faults[0].text


def test_what_coders_disagree_on_is_settled_by_who_sees_both(office: Office) -> None:
    office.codes("A", "tiempo", "riesgo", "otro", "otro")
    office.codes("B", "tiempo", "otro", "otro", "")
    assert agreement.agreement(office.tx)[0].disagreements == (office.ids[1],)
    (row,) = office.given("final")
    assert (row["text"], row["said"], row["tema"]) == ("Era peligroso", "tema: A=riesgo, B=otro", "")
    row["tema"] = "riesgo"
    assert office.brings("final", [row]).coded == 1
    said = coding.codes_by_coder(office.tx, coding.coding_scheme(Definitions(office.tx), None)[1])
    assert [settle_codes(said[response, "tema"]) for response in office.ids[:4]] == [
        ("tiempo", CodingStatus.agreed),
        ("riesgo", CodingStatus.final),
        ("otro", CodingStatus.agreed),
        (None, CodingStatus.single),
    ]
    assert agreement.agreement(office.tx)[0].disagreements == (office.ids[1],), "final is no coder"
    assert office.given("final")[0]["tema"] == "riesgo"


def test_agreement_of_two(office: Office) -> None:
    office.codes("A", "tiempo", "riesgo", "otro", "otro")
    office.codes("B", "tiempo", "otro", "otro", "otro")
    found = agreement.agreement(office.tx)[0]
    # Cohen: 3 of 4 agree; by chance 1/4·1/4 + 2/4·3/4 = 7/16. Alpha: one pair of 8 values differs, which are 2, 1 and 5 of a kind.
    assert (found.variable, found.coders, found.texts, found.percent, found.fleiss) == (
        "tema",
        ("A", "B"),
        4,
        75.0,
        None,
    )
    assert found.cohen == {"A B": pytest.approx((3 / 4 - 7 / 16) / (9 / 16))}
    assert found.alpha == pytest.approx(1 - 7 * 2 / (2 * (2 * 1 + 2 * 5 + 1 * 5)))


def test_agreement_of_three_is_fleiss_over_what_all_have_coded(office: Office) -> None:
    office.codes("A", "tiempo", "riesgo", "otro", "otro")
    office.codes("B", "tiempo", "riesgo", "otro", "otro")
    office.codes("C", "tiempo", "riesgo", "otro", "")
    found = agreement.agreement(office.tx)[0]
    assert (set(found.cohen), found.fleiss, found.alpha, found.percent) == ({"A B", "A C", "B C"}, 1.0, 1.0, 100.0)


def test_several_codes_are_compared_one_by_one(office: Office) -> None:
    office.codes("A", "jefe", "jefe colega", "colega", "", column="menciona")
    office.codes("B", "jefe", "jefe", "colega", "", column="menciona")
    _, jefe, colega = agreement.agreement(office.tx)
    assert (jefe.code, jefe.percent, jefe.disagreements) == ("jefe", 100.0, ())
    assert (colega.code, colega.texts, colega.disagreements) == ("colega", 3, (office.ids[1],))


def test_nothing_coded_yet_is_no_agreement(office: Office) -> None:
    found = agreement.agreement(office.tx)[0]
    assert (found.texts, found.percent, found.cohen, found.alpha) == (0, None, {}, None)


def test_names_of_coders_and_programmes(office: Office) -> None:
    for name in ("", "dos palabras", "-a", "ñ", "x" * 41):
        with pytest.raises(UsageError):
            coding.check_coder(name)
    with pytest.raises(UsageError, match="no published programme 'otra' has a code book"):
        coding.sheet(office.tx, "A", programme="otra")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ({"A": "x"}, (None, CodingStatus.single)),
        ({"A": "x", "B": "x"}, ("x", CodingStatus.agreed)),
        ({"A": "x", "B": "y"}, (None, CodingStatus.disputed)),
        ({"A": "x", "B": "y", "final": "z"}, ("z", CodingStatus.final)),
        ({"final": "z"}, ("z", CodingStatus.final)),
    ],
)
def test_what_a_text_is_coded_as(said: dict[str, str], value: tuple[str | None, CodingStatus]) -> None:
    assert settle_codes(said) == value
