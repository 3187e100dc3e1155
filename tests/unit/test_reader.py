"""The one reader of tables: rows, converters, and mistakes with their places."""

from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import MORE_CELLS, Reader
from app.wording import SPANISH, into

NAMES = ColumnNames({"count": ("cuantos",), "note": ("nota",)})


def reader(*headers: str) -> Reader:
    return Reader(Columns.of(headers, NAMES))


def as_count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("must be a number")
    return int(text)


def test_cells_are_converted_by_their_columns() -> None:
    rows = reader("Nota", "¿Cuántos?").rows([["Nota", "¿Cuántos?"], [" x ", "3"], ["", " "], ["y"]])
    assert [(row.number, row.text("note"), row.value("count", as_count, 0)) for row in rows] == [
        (2, "x", 3),
        (4, "y", 0),
    ]


def test_every_mistake_has_its_row_and_its_header_as_written() -> None:
    found = reader("Nota", "¿Cuántos?")
    faulty = []
    for row in found.rows([[], ["x", "tres"], ["", "3", "4"], ["x", ""], ["", "5"]]):
        row.value("count", as_count, 0, required=True)
        faulty.append((row.number, row.is_faulty))
    assert faulty == [(2, True), (4, True), (5, False)]
    assert found.faults == [
        Fault(2, "¿Cuántos?", "must be a number"),
        Fault(3, "", MORE_CELLS),
        Fault(4, "¿Cuántos?", "is empty"),
    ]


def test_a_column_that_is_not_there_is_empty() -> None:
    (row,) = reader("Nota").rows([["Nota"], ["x"]])
    assert (row.cell("count"), row.value("count", as_count, 7)) == ("", 7)


def test_cells_that_are_not_text_keep_their_type() -> None:
    (row,) = reader("Nota").rows([["Nota"], [2.5]])
    assert row.converted("note", row.cell("note"), lambda cell: cell, None) == 2.5


def test_a_fault_is_read_in_two_languages() -> None:
    assert str(Fault(3, "Nota", "is empty")) == "row 3, column Nota: is empty"
    assert into(Fault(3, "Nota", "está vacía").located, SPANISH) == "fila 3, columna Nota: está vacía"
    assert into(Fault(3, "", "no es de ningún lugar").located, SPANISH) == "fila 3: no es de ningún lugar"
    assert str(Fault(0, "", "t.xlsx: falta")) == "t.xlsx: falta"
