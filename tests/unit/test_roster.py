"""Rosters read: files as people send them, headers as they write them, and every mistake with its place."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UsageError
from app.flows.definition import Programme
from app.flows.loader import load
from app.services.roster import Fault, Read, read
from app.services.roster_cells import as_date, as_zone, typed
from app.services.sheet import table
from tests.world import PROGRAMME

FIELDS = "fields: [sexo, sector, supervisor_trained]\n"


@pytest.fixture(scope="module")
def programme() -> Programme:
    loaded = load(PROGRAMME + FIELDS, "prueba.yaml")
    assert loaded.programme is not None
    return loaded.programme


def rows(text: str) -> list[list[str]]:
    return table("padron.csv", text.encode())


# -- files ------------------------------------------------------------------------------------------------------------

CELLS = [["nombre", "teléfono"], ["Íñigo Peña", "55 5555 0101"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_csv_as_programs_write_it(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in CELLS)
    assert table("padron.csv", text.encode(encoding)) == CELLS
    assert table("padron.csv", f"sep={delimiter}\n{text}".encode(encoding)) == CELLS


def test_cells_with_signs_in_them() -> None:
    assert rows('nombre,teléfono\n"Peña, ""Íñigo""",1') == [["nombre", "teléfono"], ['Peña, "Íñigo"', "1"]]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("padron.csv", b'nombre,tel\n"Ana"x,1', "cannot be read as CSV"),
        ("padron.csv", b"a\x00b", "is not a CSV file"),
        ("padron.xlsx", b"no", "cannot be read as a spreadsheet"),
        ("padron.csv", b"PK\x03\x04no", "cannot be read as a spreadsheet"),
        ("padron.csv", b" " * 20_000_001, "is larger than 20 MB"),
    ],
)
def test_what_is_no_table(name: str, content: bytes, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        table(name, content)


@given(st.binary(max_size=300), st.sampled_from(["padron.csv", "padron.xlsx", "padron.xls"]))
def test_no_file_is_a_fault_of_ours(content: bytes, name: str) -> None:
    with suppress(UsageError):
        assert all(isinstance(cell, str) for row in table(name, content) for cell in row)


def spreadsheet(*sheet_rows: str) -> bytes:
    """A minimal XLSX: cells are `<c>` elements as a spreadsheet program writes them."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    body = "".join(f'<row r="{place}">{cells}</row>' for place, cells in enumerate(sheet_rows, 1))
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Hoja1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return file.getvalue()


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_spreadsheet_with_numbers_dates_and_checks() -> None:
    content = spreadsheet(
        text_cell("A1", "Teléfono") + text_cell("B1", "Fecha") + text_cell("C1", "Sí"),
        '<c r="A2"><v>5555550101</v></c><c r="B2" s="1"><v>46083</v></c><c r="C2" t="b"><v>1</v></c>',
    )
    assert table("padron.xlsx", content) == [["Teléfono", "Fecha", "Sí"], ["5555550101", "2026-03-02", "1"]]
    assert table("sin_nombre", content)[0][0] == "Teléfono"


# -- headers and cells ------------------------------------------------------------------------------------------------


def one(programme: Programme, header: str, row: str, **options: str) -> Read:
    return read(rows(f"{header}\n{row}\n"), programme, **options)


def test_a_whole_row(programme: Programme) -> None:
    found = one(
        programme,
        "Nombre,TELÉFONO,Canal,Cohorte,Zona,Fecha_Taller,Idioma,sexo,sector,supervisor_trained,Consentimiento,Correo",
        "Íñigo Peña,044 55 5555 0101,SMS,norte,Tijuana,2/3/2026,EN,H,01,1,01/03/2026,x@example.org",
    )
    assert found.faults == ()
    (entry,) = found.entries
    assert (entry.row, entry.name, entry.number, entry.channel, entry.cohort) == (2, "Íñigo Peña", "+525555550101", "sms", "norte")
    assert (entry.timezone, entry.language, entry.dates) == ("America/Tijuana", "en", {"workshop_date": "2026-03-02"})
    assert entry.attributes == {"sexo": "H", "sector": "01", "supervisor_trained": 1}
    assert entry.consented_at == datetime(2026, 3, 1, 20, tzinfo=UTC), "noon in Tijuana"
    assert entry.stated == {"channel", "timezone", "language"}
    assert found.ignored == ("Correo",)


def test_what_a_row_need_not_say(programme: Programme) -> None:
    (entry,) = one(programme, "name;phone", "Alma;5555550101", cohort="sur").entries
    assert (entry.channel, entry.timezone, entry.language) == ("whatsapp", "America/Mexico_City", "es-MX")
    assert (entry.cohort, entry.stated, entry.dates, entry.consented_at) == ("sur", frozenset(), {}, None)


@pytest.mark.parametrize("header", ["teléfono", "TELEFONO", "Celular", "phone", "Número de teléfono", "WhatsApp"])
def test_headers_in_the_words_of_a_roster(programme: Programme, header: str) -> None:
    assert one(programme, f"Nombre,{header}", "Alma,5555550101", cohort="sur").faults == ()


HEADER = "nombre,telefono,cohorte,canal,zona,idioma,fecha_taller,consentimiento"


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (",5555550101,a,,,,,", "nombre", "is empty"),
        ("A{{x}},5555550101,a,,,,,", "nombre", "must be a name"),
        ("Alma,,a,,,,,", "telefono", "is empty"),
        ("Alma,55,a,,,,,", "telefono", "too short"),
        ("Alma,5.25555E+11,a,,,,,", "telefono", "format the column as text"),
        ("Alma,5555550101,,,,,,", "cohorte", "is empty"),
        ("Alma,5555550101,a,fax,,,,", "canal", "must be whatsapp or sms"),
        ("Alma,5555550101,a,,Tijuna,,,", "zona", "did you mean America/Tijuana"),
        ("Alma,5555550101,a,,Etc/GMT+6,,,", "zona", "is no time zone"),
        ("Alma,5555550101,a,,,fr,,", "idioma", "must be one of es-MX, en"),
        ("Alma,5555550101,a,,,,31/02/2026,", "fecha_taller", "must be a date"),
        ("Alma,5555550101,a,,,,,ok", "consentimiento", "must be the date on which consent was given"),
        ("Alma,5555550101,a,,,,,,5", "", "more cells than there are columns"),
    ],
)
def test_a_mistake_has_its_row_and_column_and_says_what_is_expected(programme: Programme, row: str, column: str, text: str) -> None:
    found = one(programme, HEADER, row)
    assert found.entries == ()
    (fault,) = found.faults
    assert (fault.row, fault.column) == (2, column)
    assert text in fault.text


def test_every_mistake_is_listed_and_none_repeats_a_name_or_a_number(programme: Programme) -> None:
    text = f"{HEADER}\nÍñigo {{Peña}},55 5555 01,a,fax,,,,\n\nIñigo,5555550101,a,,,,,\nBruno,+52 1 55 5555 0101,a,,,,ayer,\nCelia,5555550101,a,,,,,\n"
    found = read(rows(text), programme)
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (2, "canal"), (2, "nombre"), (2, "telefono"), (5, "fecha_taller"), (6, "telefono"),
    ]
    assert found.faults[-1].text == "the same number as in row 4"
    shown = " ".join(map(str, found.faults))
    assert not any(word in shown for word in ("igo", "Bruno", "Celia", "5555", "ayer"))


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("nombre,telefono", ["there is no column 'cohorte' (or give --cohort)"]),
        ("nombre,telefno,cohorte", ["there is no column 'telefono'; did you mean it by 'telefno'?"]),
        ("nombre,telefono,celular,cohorte", ["means the same as column telefono: keep one of them"]),
        ("", ["the first row must have the names of the columns"]),
    ],
)
def test_headers_that_will_not_do(programme: Programme, header: str, faults: list[str]) -> None:
    assert [fault.text for fault in one(programme, header, "Alma,5555550101").faults] == faults


def test_a_roster_of_nobody(programme: Programme) -> None:
    assert read(rows("nombre,telefono,cohorte\n,,\n"), programme).faults == (Fault(2, "", "there are no officers below the headers"),)


@pytest.mark.parametrize(
    "text",
    ["2026-03-02", "02/03/2026", "2/3/26", "2-3-2026", "2.3.2026", "2 de marzo de 2026", "2 mar 2026", "2026-03-02 00:00:00"],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert as_date(text) == "2026-03-02"


@pytest.mark.parametrize(
    ("text", "zone"),
    [("America/Tijuana", "America/Tijuana"), ("america/cancun", "America/Cancun"), ("Cancún", "America/Cancun"),
     ("CDMX", "America/Mexico_City"), ("Ciudad de México", "America/Mexico_City"), ("ciudad juárez", "America/Ciudad_Juarez")],
)
def test_zones_by_name_or_city(text: str, zone: str) -> None:
    assert as_zone(text) == zone


def test_attributes_are_numbers_only_if_nothing_is_lost() -> None:
    assert [typed(text) for text in ("1", "0", "-3", "01", "1.0", "+1", "12345678901", "norte")] == [
        1, 0, -3, "01", "1.0", "+1", "12345678901", "norte",
    ]


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_no_table_is_a_fault_of_ours(cells: list[list[str]]) -> None:
    loaded = load(PROGRAMME + FIELDS, "prueba.yaml").programme
    assert loaded is not None
    found = read([HEADER.split(","), *cells], loaded)
    assert bool(found.faults) != bool(found.entries)
