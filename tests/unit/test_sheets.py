"""Sheets as they come: encodings told apart, errors and formulas without a result, rows out of sight, headers below a title or on
another sheet, and categories in several spellings."""

import io
import zipfile
from collections.abc import Mapping

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.sheets.cell_mistakes import as_typed, mistake
from app.sheets.columns import ColumnNames
from app.sheets.encodings import decode, repaired
from app.sheets.spellings import alike, unseen
from app.sheets.table_in_file import FoundTable, Hidden, Wanted, find

NAMES = (
    "Alma Muñoz",
    "Bruno Ibáñez",
    "JOSÉ RODRÍGUEZ",
    "GÓMEZ PÉREZ",
    "Íñigo Peña",
    "JESÚS NÚÑEZ",
    "Ángel Argüello",
    "ÓSCAR ÁVILA",
    "ÚRSULA",
    "María José",
)

# -- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("mac_roman", "MacRoman"),
        ("cp850", "code page 850"),
    ],
)
@pytest.mark.parametrize("text", [*NAMES, "\n".join(NAMES)])
def test_an_encoding_is_known_by_the_signs_of_names(text: str, codec: str, name: str) -> None:
    found = decode(f"{text}, 55".encode(codec))
    assert (found.text, found.encoding, found.is_repaired) == (f"{text}, 55", name, False)


def test_a_sheet_without_any_accent_is_utf_8() -> None:
    assert decode(b"nombre,telefono\nAlma,55").encoding == "UTF-8"


def misread(text: str, codec: str) -> str:
    """A text saved as UTF-8 and opened as something else. Windows reads the bytes that 1252 does not have as control characters."""
    return "".join(
        chr(byte) if codec == "cp1252" and byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else bytes([byte]).decode(codec)
        for byte in text.encode()
    )


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "mac_roman", "cp850"])
@pytest.mark.parametrize("name", NAMES)
def test_letters_encoded_twice_or_three_times_are_repaired(name: str, codec: str) -> None:
    once = misread(name, codec)
    assert repaired(once) == repaired(misread(once, codec)) == name
    assert decode(once.encode()).is_repaired


@pytest.mark.parametrize("text", [*NAMES, "Nº 3, “ESPAÑ”", "SÃO PAULO", "Ñ—Ñ", "1ª", "30°"])
def test_text_in_order_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text(content: bytes) -> None:
    assert isinstance(decode(content).text, str)


# -- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "#N/A",
        "#REF!",
        "#¡REF!",
        "#VALUE!",
        "#¡VALOR!",
        "#¿NOMBRE?",
        "#NAME?",
        "#DIV/0!",
        "#¡DIV/0!",
        "#N/D",
        "#¡NUM!",
        "#NULL!",
        "#¡NULO!",
        "#ref!",
        "#SPILL!",
        "#¡DESBORDAMIENTO!",
        "#ERROR!",
        "Err:502",
        "########",
    ],
)
def test_an_error_is_named_as_it_stands(cell: str) -> None:
    assert mistake(cell) == f"has the spreadsheet's error {cell}: correct the formula, or write the value"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("=DATE(2026,3,2)", "=DATE(…)"), ("= FECHA(2026;3;2)", "=FECHA(…)"), ("=Hoja2!A5", "=…"), ('="Alma "&B2', "=…")],
)
def test_a_formula_is_named_without_what_is_in_it(cell: str, shown: str) -> None:
    assert mistake(cell) == (
        f"has the formula {shown} without a result: open the file in a spreadsheet and save it, or write the value"
    )


@pytest.mark.parametrize("cell", ["", "norte", "#1", "# 12", "#norte", "=", "Error", "-", "Err", "N/A"])
def test_other_cells_are_no_mistake(cell: str) -> None:
    assert mistake(cell) is None


def test_text_by_force_is_as_it_was_typed() -> None:
    cells = ['="5555550101"', "=5555550101", "'5555550101", '="a ""b"""', "=A1", "5555550101"]
    assert [as_typed(cell) for cell in cells] == ["5555550101"] * 3 + ['a "b"', "=A1", "5555550101"]


# -- spellings --------------------------------------------------------------------------------------------------------


def groups(*values: str, counts: Mapping[str, int] | None = None) -> list[tuple[str, ...]]:
    return [found.values for found in alike(counts or dict.fromkeys(values, 1))]


def test_spellings_of_one_category() -> None:
    assert groups("Centro 1", "centro 1", "Centro  1", "CENTRO-1", "Centro\u00a01", "centro1") == [
        ("Centro 1", "centro 1", "centro1", "CENTRO-1", "Centro\u00a01", "Centro  1")
    ]
    assert groups("Pena", "Peña", "sur") == [("Peña", "Pena")]
    assert groups("norte\u200b", "norte") == [("norte", "norte\u200b")]
    assert groups(counts={"norte": 1, "NORTE": 7}) == [("NORTE", "norte")], "the most frequent is the proposal"


@pytest.mark.parametrize(
    "values", [("A+", "A-"), ("1.5", "15"), ("1 11", "11 1"), ("01", "1"), ("norte", "sur"), ("1/2", "1-2")]
)
def test_categories_that_signs_tell_apart(values: tuple[str, str]) -> None:
    assert groups(*values) == []


def test_signs_that_nobody_sees() -> None:
    assert [unseen(text) for text in ("norte\u200b", "a\ufeffb", "\u202a55", "á\nb\t", "norte ")] == [
        "U+200B",
        "U+FEFF",
        "U+202A",
        None,
        None,
    ]


# -- the table in a file ----------------------------------------------------------------------------------------------

WANTED = Wanted(
    ColumnNames({"name": ("nombre",), "phone": ("telefono",), "cohort": ("cohorte",)}), [("name",), ("phone",)], {}
)
HEADERS = ["nombre", "teléfono", "cohorte"]


def found(
    content: bytes, name: str = "padron.xlsx", hidden: Hidden | None = None, sheet: str | None = None
) -> FoundTable:
    return find(name, content, WANTED, hidden=hidden, sheet=sheet)


def workbook(**sheets: list[list[str]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return stream.getvalue()


def test_a_header_below_a_title_is_found_and_said() -> None:
    table = found(b"Padr\xf3n de oficiales;;\n;;\nnombre;tel\xe9fono;cohorte\nAlma;55;a\n", "padron.csv")
    assert (table.header, table.rows[3]) == (3, ["Alma", "55", "a"])
    assert table.notes == ("the headers are in row 3", "the file is read as Windows-1252")


def test_a_title_with_commas_does_not_choose_the_delimiter() -> None:
    text = "Padrón, turno 1, 2026\nnombre;teléfono;cohorte\nAlma;55;a\nBruno;56;a\n"
    assert found(text.encode(), "padron.csv").rows[2] == ["Alma", "55", "a"]


def test_a_table_on_another_sheet_is_found_and_said() -> None:
    content = workbook(Instrucciones=[["Llene la hoja 2"]], Datos=[["Padrón"], HEADERS, ["Alma", "55", "a"]])
    table = found(content)
    assert (table.header, table.notes) == (2, ("the headers are in row 2 of the sheet 'Datos'",))
    assert table.warnings == ()


def test_a_second_table_is_not_passed_over_in_silence() -> None:
    content = workbook(Norte=[HEADERS, ["Alma", "55", "a"]], Notas=[["x"]], Sur=[HEADERS, ["Bruno", "56", "b"]])
    table = found(content)
    assert (table.rows[1][0], table.notes) == ("Alma", ())
    assert [str(warning) for warning in table.warnings] == [
        "there is such a table in 'Sur' too, which is not read: --sheet names the sheet"
    ]
    assert found(content, sheet="Sur").warnings == ()


def out_of_sight() -> bytes:
    """Row 3 is hidden, row 4 filtered out, a cell of row 5 struck out, part of row 6 struck out; row 8 is hidden and empty."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet, gone = book.add_worksheet(), book.add_format({"font_strikeout": True})
        for place, row in enumerate([HEADERS, ["Alma", "51", "a"], ["Bruno", "52", "a"], ["Celia", "53", "b"]]):
            sheet.write_row(place, 0, row)
        sheet.write_row(4, 0, ["Dora", "54", "a"], gone)
        sheet.write_rich_string(5, 0, gone, "Elena", " Fina")
        sheet.write_row(5, 1, ["55", "a"])
        sheet.autofilter(0, 0, 5, 2)
        sheet.filter_column(2, "x == a")
        for row in (2, 3, 7):
            sheet.set_row(row, options={"hidden": True})
    return stream.getvalue()


def test_rows_out_of_sight_have_to_be_decided() -> None:
    table = found(out_of_sight())
    said = "2 rows are hidden or filtered out (rows 3, 4) and 2 rows are struck out (rows 5, 6)"
    assert [str(fault) for fault in table.faults] == [
        f"{said}: give --hidden include, or --hidden skip to leave them out"
    ]
    skipped, included = found(out_of_sight(), hidden=Hidden.skip), found(out_of_sight(), hidden=Hidden.include)
    assert [row[0] for row in skipped.rows if row] == ["nombre", "Alma"]
    assert [row[0] for row in included.rows if row and row[0]] == [
        "nombre",
        "Alma",
        "Bruno",
        "Celia",
        "Dora",
        "Elena Fina",
    ]
    assert (skipped.notes, included.notes) == ((f"{said}: left out",), (f"{said}: included",))
    assert skipped.faults == included.faults == ()


def sheet_of(*cells: str, book: str = "") -> bytes:
    """A sheet with the headers and one row of these cells, as XML; `book` is more of the workbook."""
    made = workbook(Hoja1=[HEADERS])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(stream, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                text = text.replace("</sheetData>", f'<row r="2">{"".join(cells)}</row></sheetData>')
            if name.endswith("workbook.xml"):
                text = text.replace(' fullCalcOnLoad="1"', book)
            archive.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="C2" t="e"><f>VLOOKUP(A2,Otra!A:B,2,0)</f><v>#N/A</v></c>', "#N/A"),
        ('<c r="C2" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="C2"><f>DATE(2026,3,2)</f><v/></c>', "=DATE(2026,3,2)"),
        ('<c r="C2"><f>DATE(2026,3,2)</f></c>', "=DATE(2026,3,2)"),
        ('<c r="C2" t="str"><f>A1</f></c>', "=A1"),
        ('<c r="C2" t="str"><f>A1</f><v></v></c>', ""),
        ('<c r="C2" t="str"><f>A1</f><v>norte</v></c>', "norte"),
        ('<c r="C2"><f>A1</f><v>0</v></c>', "0"),
        ('<c r="C2"><f>A1</f><v>7</v></c>', "7"),
    ],
)
def test_a_cell_shows_its_error_or_the_formula_that_has_no_result(cell: str, text: str) -> None:
    rows = found(sheet_of('<c r="A2" t="str"><v>Alma</v></c>', cell)).rows
    assert (rows[1][0], dict(enumerate(rows[1])).get(2, "")) == ("Alma", text)


def test_a_zero_of_a_program_that_cannot_calculate_is_no_result() -> None:
    cell = '<c r="C2"><f>DATE(2026,3,2)</f><v>0</v></c>'
    assert found(sheet_of(cell, book=' fullCalcOnLoad="1"')).rows[1][2] == "=DATE(2026,3,2)"
