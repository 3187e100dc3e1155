"""Free text and its review: a sheet that goes out and comes back, whatever officers typed, on both databases."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator

import pytest
import xlsxwriter
from sqlalchemy import select, update

from app.conversations.inbound import receive
from app.conversations.sessions import Turn, begin
from app.errors import UsageError
from app.review import free_text
from app.sheets import hand_sheet
from app.sheets.xlsx import scan
from app.store import free_text as stored
from app.store.conversations import Changes
from app.store.conversations import write as keep
from app.store.database import Database
from app.store.tables import RESPONSE, AuditEntry, Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.review.texts import ALMA, Desk
from tests.world import arrive, message, officer, reword, sealed

HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    '"comillas", y; punto',
    "dos\nlíneas",
    "🙂 ñ \u202eabc",
    "'=1",
    "'",
    "a\rb",
    "\x01\x1b",
    "سلام",
    "=" * 1600,
    "reviewed,ok",
    "\t=1",
]


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Iterator[Desk]:
    with database.transaction() as tx:
        yield Desk(tx, vault, clock)


def test_three_decisions(desk: Desk) -> None:
    desk.tells("Expliqué el motivo", "Le expliqué a Juana", "En la calle 5, Juana")
    sheet = desk.sheet()
    shown = [sheet[0][name] for name in ("text", "question", "variable", "reviewed")]
    assert shown == ["Expliqué el motivo", "¿Qué pasó?", "story", ""]
    sheet[0]["reviewed"] = " OK "
    sheet[1] |= {"reviewed": "redact", "redacted_text": "Le expliqué a [nombre]"}
    sheet[2]["reviewed"] = "withhold"
    taken = desk.take(sheet)
    assert (taken.counts, taken.faults) == ({"ok": 1, "redact": 1, "withhold": 1}, [])
    assert desk.readable() == ["Expliqué el motivo", "Le expliqué a [nombre]", None]
    assert [row["reviewed"] for row in desk.sheet()] == ["ok", "redact", "withhold"]
    assert desk.sheet("x.csv", reviewed=True) == desk.sheet()
    entry = desk.tx.execute(select(AuditEntry.actor, AuditEntry.detail)).all()[-1]
    assert (entry.actor, json.loads(entry.detail)["redact"]) == ("claims to be Sara", 1)
    assert "Juana" not in entry.detail
    again = desk.take(desk.sheet())
    assert (sum(again.counts.values()), again.unchanged) == (0, 3)


def test_only_what_waits(desk: Desk) -> None:
    desk.tells("uno", "dos")
    sheet = desk.sheet()
    sheet[0]["reviewed"] = "ok"
    taken = desk.take(sheet)
    assert (taken.open, taken.counts["ok"]) == (1, 1)
    assert [row["text"] for row in desk.sheet(reviewed=False)] == ["dos"]


def test_what_was_not_understood_is_reviewed_too(desk: Desk) -> None:
    changes = Changes()
    begin(Turn(desk.tx, desk.library, changes, desk.clock()), officer(desk.tx, desk.alma), "reporte")
    keep(desk.tx, changes)
    for reply in ("depende de Juana", "quién sabe"):
        arrive(desk.tx)
        receive(desk.tx, desk.library, [message(desk.vault, ALMA, reply)], desk.clock())
    assert [row["text"] for row in desk.sheet()] == ["quién sabe"]


@pytest.mark.parametrize("name", ["hoja.csv", "hoja.xlsx"])
def test_whatever_was_typed_comes_back_unharmed(desk: Desk, name: str) -> None:
    desk.tells(*HOSTILE)
    sheet = desk.sheet(name)
    for row, text in zip(sheet, HOSTILE, strict=True):
        row |= {"reviewed": "redact", "redacted_text": hand_sheet.guarded(hand_sheet.cell_of(text)).strip() or "x"}
    taken = desk.take(sheet)
    assert taken.faults == []
    assert [one.raw for one in stored.texts(desk.tx)] == HOSTILE, "the answers are as they were"
    again = desk.sheet(name)
    assert desk.take(again).unchanged == len(HOSTILE)
    assert (desk.readable()[0], desk.readable()[4], desk.readable()[5]) == (HOSTILE[0], HOSTILE[4], HOSTILE[5])


def test_no_cell_is_a_formula(desk: Desk) -> None:
    desk.tells(*HOSTILE)
    rows = free_text.sheet_rows(desk.tx)
    plain = hand_sheet.write("a.csv", free_text.HEADERS, rows, {}).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(plain, newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    book = hand_sheet.write("a.xlsx", free_text.HEADERS, rows, {"reviewed": free_text.DECISIONS})
    odd = scan(book, "texts")
    assert (odd.formulas, odd.errors) == ({}, {})
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"&quot;ok,redact,withhold&quot;" in parts.read(
            "xl/worksheets/sheet1.xml"
        ) or b'"ok,redact,withhold"' in parts.read("xl/worksheets/sheet1.xml")


def test_an_error_in_a_cell_to_fill_in_is_a_mistake_and_what_an_officer_wrote_is_none() -> None:
    content = "response_id,text,redacted_text\n1,#N/A,#¡REF!\n2,=A1,'=A1\n3,x,=A1\n".encode()
    assert [str(fault) for fault in hand_sheet.read("r.csv", content)[1]] == [
        "row 2, column redacted_text: has the spreadsheet's error #¡REF!: correct the formula, or write the value",
        "row 4, column redacted_text: has the formula =… without a result: open the file in a spreadsheet and save it, or write the value",
    ]


def test_a_formula_that_a_reviewer_typed_is_a_mistake() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("texts")
        sheet.write_row(0, 0, ["response_id", "reviewed"])
        sheet.write_formula(1, 1, "=1+1", None, 2)
    _, faults = hand_sheet.read("a.xlsx", content.getvalue())
    assert [(fault.row, fault.column) for fault in faults] == [(2, "reviewed")]


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"reviewed": "maybe"}, "reviewed", "ok, redact or withhold"),
        ({"reviewed": "redact"}, "redacted_text", "is empty"),
        ({"reviewed": "ok", "redacted_text": "x"}, "redacted_text", "only redact"),
        ({"redacted_text": "x"}, "reviewed", "is empty beside"),
        ({"reviewed": "ok", "text": "otra cosa"}, "text", "was edited"),
        ({"reviewed": "ok", "mark": "x"}, "mark", "export the sheet again"),
        ({"reviewed": "ok", "response_id": "99999"}, "response_id", "no such text"),
        ({"reviewed": "ok", "response_id": "²"}, "response_id", "not a response id"),
        ({"reviewed": "redact", "redacted_text": "x" * 10_001}, "redacted_text", "at most 10,000"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_nothing_is_taken(
    desk: Desk, change: dict[str, str], column: str, said: str
) -> None:
    desk.tells("uno", "dos")
    sheet = desk.sheet()
    sheet[0]["reviewed"] = "ok"
    sheet[1] |= change
    (fault,) = desk.take(sheet).faults
    assert (fault.row, fault.column) == (3, column)
    assert said in fault.text
    assert desk.readable() == [None, None]


def test_headers_and_rows_that_cannot_be(desk: Desk) -> None:
    desk.tells("uno")
    sheet = desk.sheet()
    assert "'mark'" in desk.take([{name: cell for name, cell in sheet[0].items() if name != "mark"}]).faults[0].text
    (fault,) = desk.take([sheet[0], sheet[0]]).faults
    assert (fault.row, fault.text) == (3, "is in row 2 already")
    assert free_text.import_table(desk.tx, [], "Sara", desk.clock()).faults


def test_who_was_slower_meets_a_conflict(desk: Desk) -> None:
    desk.tells("uno")
    mine, theirs = desk.sheet(), desk.sheet()
    theirs[0]["reviewed"] = "withhold"
    desk.take(theirs, by="Teo")
    mine[0]["reviewed"] = "ok"
    (fault,) = desk.take(mine).faults
    assert fault.text == "Teo has decided withhold meanwhile: export the sheet again"
    mine = desk.sheet()
    mine[0]["reviewed"] = "ok"
    assert desk.take(mine).counts["ok"] == 1


def test_a_text_that_has_changed_meanwhile_is_a_conflict(desk: Desk) -> None:
    desk.tells("uno")
    sheet = desk.sheet()
    sheet[0]["reviewed"] = "ok"
    reword(desk.tx, "uno", "Juana")
    (fault,) = desk.take(sheet).faults
    assert (fault.column, fault.text) == ("mark", "is not of this text as it is now: export the sheet again")


def test_a_corrected_answer_needs_a_review_of_its_own(desk: Desk) -> None:
    desk.tells("uno")
    sheet = desk.sheet()
    sheet[0]["reviewed"] = "ok"
    desk.take(sheet)
    row = dict(desk.tx.execute(select(RESPONSE).where(Response.variable == "story")).mappings().one())
    key = row.pop("id")
    desk.tx.execute(update(Response).where(Response.id == key).values(status="superseded"))
    first = desk.tx.execute(select(Response.inbound_id).where(Response.variable == "contact_any")).scalar_one()
    desk.tx.execute(
        RESPONSE.insert(), sealed(desk.tx, Response, row | {"words": '["dos, Juana"]', "inbound_id": first})
    )
    assert desk.readable() == ["uno", None]
    assert [row["text"] for row in desk.sheet(reviewed=False)] == ["dos, Juana"]


def test_who_reviews_has_a_name() -> None:
    assert free_text.check_name(" Sara  Ruiz ") == "Sara Ruiz"
    for name in ("", "  ", "x" * 101, "a\x00"):
        with pytest.raises(UsageError):
            free_text.check_name(name)


def test_a_file_of_another_kind() -> None:
    with pytest.raises(UsageError, match=r"must end in \.csv or \.xlsx"):
        hand_sheet.read("a.txt", b"")
