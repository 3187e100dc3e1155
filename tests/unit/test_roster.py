"""Rosters read: files as people send them, headers as they write them, and every mistake with its place."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.loader import load
from app.flows.shifts import Shift
from app.roster.cells import as_zone, typed
from app.roster.dates import as_date
from app.roster.enrolment import campaign_of
from app.roster.rows import Roster, column_names, read_roster
from app.sheets.columns import mapping, mapping_lines
from app.sheets.faults import Fault
from app.sheets.table_files import BOUNDS, read_table
from app.wording import SPANISH, into
from tests.shares import asserted, mostly
from tests.world import PROGRAMME

FIELDS = "fields: [sexo, sector, supervisor_trained]\n"


@pytest.fixture(scope="module")
def programme() -> Programme:
    loaded = load(PROGRAMME + FIELDS, "prueba.yaml")
    assert loaded.programme is not None
    return loaded.programme


def rows(text: str) -> list[list[str]]:
    return read_table("padron.csv", text.encode())


# -- files ------------------------------------------------------------------------------------------------------------

CELLS = [["nombre", "teléfono"], ["Íñigo Peña", "55 5555 0101"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_csv_as_programs_write_it(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in CELLS)
    assert read_table("padron.csv", text.encode(encoding)) == CELLS
    assert read_table("padron.csv", f"sep={delimiter}\n{text}".encode(encoding)) == CELLS


def test_cells_with_signs_in_them() -> None:
    assert rows('nombre,teléfono\n"Peña, ""Íñigo""",1') == [["nombre", "teléfono"], ['Peña, "Íñigo"', "1"]]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("padron.csv", b'nombre,tel\n"Ana"x,1', "cannot be read as CSV"),
        ("padron.csv", b"a\x00b", "is not a CSV file"),
        ("padron.xlsx", b"no", "cannot be read as a spreadsheet"),
        ("padron.csv", b"PK\x03\x04no", "cannot be read as a spreadsheet"),
        ("padron.csv", b" " * 50_000_001, "is larger than 50 MB"),
        ("padron.xls", b"\xd0\xcf\x11\xe0no", "is of an old kind of spreadsheet"),
        ("padron.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        ("padron.ods", b"PK\x03\x04", "cannot be read as a spreadsheet"),
        ("padron.csv", b"a\n" * (BOUNDS.rows + 1), "something in row 250001, and a table has at most 250,000 rows"),
        ("padron.csv", b"," * BOUNDS.columns, "something in row 1, and"),
        ("padron.csv", (b"," * 99 + b"\n") * 50_001, "something in row 50001, and"),
    ],
)
def test_what_is_no_table(name: str, content: bytes, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        read_table(name, content)


CSV = st.lists(
    st.lists(st.sampled_from(["nombre", "Peña", "", '"a,b"', "55 5555 0101", "\t", '"', "=1"]), max_size=4), max_size=5
).map(lambda found: "\n".join(",".join(row) for row in found))


@mostly(0.2)
@given(
    st.one_of(CSV.map(str.encode), CSV.map(lambda text: text.encode("latin-1")), st.binary(max_size=300)),
    st.sampled_from(["padron.csv", "padron.csv", "padron.xlsx", "padron.xls"]),
)
def test_no_file_is_a_fault_of_ours(content: bytes, name: str) -> None:
    with suppress(UsageError):
        assert all(isinstance(cell, str) for row in read_table(name, content) for cell in row)
        asserted()


def spreadsheet(*sheet_rows: str, first: str = "") -> bytes:
    """A minimal XLSX: cells are `<c>` elements as a spreadsheet program writes them. `first` is a state of another sheet, before
    it: visible or hidden."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    body = "".join(f'<row r="{place}">{cells}</row>' for place, cells in enumerate(sheet_rows, 1))
    other = f'<sheet name="Notas" sheetId="2" state="{first}" r:id="r3"/>' if first else ""
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{other}<sheet name="Hoja1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/><Relationship Id="r3" Type="{office}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1">{text_cell("A1", "otra cosa")}</row></sheetData></worksheet>',
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
    assert read_table("padron.xlsx", content) == [["Teléfono", "Fecha", "Sí"], ["5555550101", "2026-03-02", "1"]]
    assert read_table("sin_nombre", content)[0][0] == "Teléfono"


def test_a_spreadsheet_has_hours(programme: Programme) -> None:
    """07:00 of a day is a fraction that is never quite exact."""
    content = spreadsheet(
        "".join(
            f'<c r="{column}1" s="2"><v>{value}</v></c>'
            for column, value in (("A", "46083.291666666"), ("B", "46083"), ("C", "46083.0"))
        )
    )
    assert read_table("padron.xlsx", content) == [["2026-03-02 07:00", "2026-03-02", "2026-03-02"]]


@pytest.mark.parametrize("where", ["XFD1048576", "A1048576", "XFD2", "A250001", "GS1", "CV50001"])
def test_a_stray_cell_is_told_before_it_takes_memory(where: str) -> None:
    row = where.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    content = spreadsheet(text_cell("A1", "nombre"))
    content = _with_row(content, f'<row r="{row}"><c r="{where}"><v>1</v></c></row>')
    with pytest.raises(
        UsageError, match=f"there is something in cell {where}, and a table has at most 250,000 rows, 200 columns"
    ):
        read_table("padron.xlsx", content)


def test_empty_cells_with_a_format_are_no_table() -> None:
    empty = "".join(f'<row r="{row}" s="1" customFormat="1"><c r="A{row}" s="1"/></row>' for row in range(2, 60_000))
    assert read_table("padron.xlsx", _with_row(spreadsheet(text_cell("A1", "nombre")), empty)) == [["nombre"]]


def _with_row(content: bytes, xml: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in source.namelist():
            archive.writestr(item, source.read(item).replace(b"</sheetData>", xml.encode() + b"</sheetData>"))
    return file.getvalue()


def test_sheets_by_name() -> None:
    hidden, seen = (
        spreadsheet(text_cell("A1", "nombre"), first="hidden"),
        spreadsheet(text_cell("A1", "nombre"), first="visible"),
    )
    assert read_table("padron.xlsx", hidden) == read_table("padron.xlsx", seen, "Hoja1") == [["nombre"]]
    assert read_table("padron.xlsx", seen) == read_table("padron.xlsx", hidden, "Notas") == [["otra cosa"]]
    with pytest.raises(UsageError, match=r"padron.xlsx has no sheet 'hoja1'; it has: Notas, Hoja1"):
        read_table("padron.xlsx", seen, "hoja1")
    with pytest.raises(UsageError, match=r"only a spreadsheet has sheets; padron\.csv is not one"):
        read_table("padron.csv", b"nombre", "Hoja1")


# -- headers and cells ------------------------------------------------------------------------------------------------


def one(programme: Programme, header: str, row: str, **options: str) -> Roster:
    return read_roster(rows(f"{header}\n{row}\n"), programme, **options)


def test_a_whole_row(programme: Programme) -> None:
    found = one(
        programme,
        "Nombre,TELÉFONO,Canal,Cohorte,Zona,Fecha_Taller,Idioma,sexo,sector,supervisor_trained,Consentimiento,Correo",
        "Íñigo Peña,044 55 5555 0101,SMS,norte,Tijuana,2/3/2026,EN,H,01,1,01/03/2026,x@example.org",
    )
    assert found.faults == ()
    (entry,) = found.entries
    assert (entry.row, entry.name, entry.number, entry.channel, entry.cohort) == (
        2,
        "Íñigo Peña",
        "+525555550101",
        "sms",
        "norte",
    )
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


HEADER = "nombre,telefono,cohorte,canal,zona,idioma,fecha_taller,consentimiento,turno,entra"


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
        ("Alma,5555550101,a,,Etc/GMT+6,,,", "zona", "is not a time zone"),
        ("Alma,5555550101,a,,,fr,,", "idioma", "must be one of es-MX, en"),
        ("Alma,5555550101,a,,,,31/02/2026,", "fecha_taller", "(day, month, year), got 31/02/2026"),
        ("Alma,5555550101,a,,,,,ok", "consentimiento", "must be the date on which consent was given"),
        ("Alma,5555550101,a,,,,,,24x48,", "entra", "is empty: a shift takes its hours"),
        ("Alma,5555550101,a,,,,,,,2026-03-02 7:00", "turno", "is empty: a shift takes its hours"),
        (
            "Alma,5555550101,a,,,,,,matutino,2026-03-02 7:00",
            "turno",
            "must be the hours of work and of rest, such as 24x48",
        ),
        (
            "Alma,5555550101,a,,,,,,24x48 lunes,2026-03-02 7:00",
            "turno",
            "must be the hours of work and of rest, such as 24x48",
        ),
        (
            "Alma,5555550101,a,,,,,,300x2,2026-03-02 7:00",
            "turno",
            "must be 4 to 72 hours of work and 8 to 168 of rest, got 300x2",
        ),
        ("Alma,5555550101,a,,,,,,24x48,2026-03-02", "entra", "must be a date and an hour such as 2026-03-02 07:00"),
        ("Alma,5555550101,a,,,,,,24x48,2026-03-02 25:00", "entra", "07:00 (day, month, year), got 2026-03-02 25:00"),
        ("Alma,5555550101,a,,,,,,24x48,31/02/2026 07:00", "entra", "must be a date and an hour"),
        ("Alma,5555550101,a,,,,,,24x48,2026-03-02 15:00 p.m.", "entra", "must be a date and an hour"),
        ("Alma,5555550101,a,,,,,,,,5", "", "more cells than there are columns"),
    ],
)
def test_a_mistake_has_its_row_and_column_and_says_what_is_expected(
    programme: Programme, row: str, column: str, text: str
) -> None:
    found = one(programme, HEADER, row)
    assert found.entries == ()
    (fault,) = found.faults
    assert (fault.row, fault.column) == (2, column)
    assert text in fault.text


@pytest.mark.parametrize(
    "cell", ["5555550101", "55-5555-0101", "55 5555 01", "55.55.0101", "Alma Rivera", "ayer", "+52 55 5555 0101"]
)
def test_what_may_be_a_number_or_a_name_is_not_repeated_wherever_it_stands(programme: Programme, cell: str) -> None:
    (fault,) = one(programme, HEADER, f"Alma,5555550102,a,,,,{cell},").faults
    assert fault.column == "fecha_taller"
    assert "got" not in fault.text


def test_every_mistake_is_listed_and_none_repeats_a_name_or_a_number(programme: Programme) -> None:
    text = f"{HEADER}\nÍñigo {{Peña}},55 5555 01,a,fax,,,,\n\nIñigo,5555550101,a,,,,,\nBruno,+52 1 55 5555 0101,a,,,,ayer,\nCelia,5555550101,a,,,,,\n"
    found = read_roster(rows(text), programme)
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (2, "canal"),
        (2, "nombre"),
        (2, "telefono"),
        (5, "fecha_taller"),
        (6, "telefono"),
    ]
    assert found.faults[-1].text == "the same number as in row 4"
    shown = " ".join(map(str, found.faults))
    assert not any(word in shown for word in ("igo", "Bruno", "Celia", "5555", "ayer"))


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("nombre,telefono", ["there is no column 'cohorte' (or give --cohort)"]),
        ("nombre,telefno,cohorte", ["there is no column 'telefono'; is it 'telefno'?"]),
        (
            "nombre,telefono,celular,cohorte",
            ["means the same as column telefono: keep one of them, or leave one out by a mapping ('celular=')"],
        ),
        ("nombre,telefono,cohorte,turno", ["there is no column 'entra': a shift takes both columns"]),
        ("nombre,telefono,cohorte,entra", ["there is no column 'turno': a shift takes both columns"]),
        ("", ["the first row must have the names of the columns"]),
    ],
)
def test_headers_that_will_not_do(programme: Programme, header: str, faults: list[str]) -> None:
    assert [fault.text for fault in one(programme, header, "Alma,5555550101").faults] == faults


@pytest.mark.parametrize(
    ("hours", "start"),
    [
        ("24x48", "2026-03-02 07:00"),
        ("24 X 48 hrs", "2026-03-02T07:00"),
        ("24 por 48", "02/03/2026 7:00"),
        ("24/48", "2 de marzo de 2026, 7:00 hrs"),
        ("24x48", "02/03/2026 07:00:00 a. m."),
        ("24x48", "2026-03-02 07:00:00"),
    ],
)
def test_a_shift(programme: Programme, hours: str, start: str) -> None:
    (entry,) = one(
        programme, "nombre;telefono;cohorte;zona;Turno;Entra", f"Alma;5555550101;a;Tijuana;{hours};{start}"
    ).entries
    assert entry.shift == Shift(24, 48, datetime.fromisoformat("2026-03-02 07:00"), "America/Tijuana")


def test_a_field_of_the_programme_is_no_shift() -> None:
    loaded = load(PROGRAMME + "fields: [turno, entra]\n", "prueba.yaml").programme
    assert loaded is not None
    (entry,) = one(loaded, "nombre,telefono,cohorte,turno", "Alma,5555550101,a,matutino").entries
    assert (entry.shift, entry.attributes) == (None, {"turno": "matutino"})


def test_an_attribute_with_codes_takes_no_other_value() -> None:
    loaded = load(
        PROGRAMME + "fields: {sector: {codes: {Norte: 1, Sur: 2}}, grado: {codes: {'1': 1, '2': 2}}}\n", "prueba.yaml"
    ).programme
    assert loaded is not None
    (entry,) = one(loaded, "nombre,telefono,cohorte,sector,grado", "Alma,5555550101,a,Norte,2").entries
    assert entry.attributes == {"sector": "Norte", "grado": 2}
    (fault,) = one(loaded, "nombre,telefono,cohorte,sector", "Alma,5555550101,a,norte").faults
    assert (fault.row, fault.column) == (2, "sector")
    assert "has no code in the programme's file. Did you mean Norte?" in fault.text


# -- columns by another name ------------------------------------------------------------------------------------------


def mapped(programme: Programme, *texts: str) -> dict[str, str]:
    return mapping([("--map", text) for text in texts], column_names(programme))


def test_columns_by_another_name(programme: Programme) -> None:
    given = mapped(
        programme, "Teléfono personal=phone", "Elemento = nombre", "Placa=sector", "Número=", "Región=cohorte"
    )
    table_ = rows("Número;TELEFONO PERSONAL;elemento;Placa;Región;sector\n77;5555550101;Alma;9;norte;x\n")
    (fault,) = read_roster(table_, programme, mapped=given).faults
    assert fault == Fault(
        1, "sector", "means the same as column Placa: keep one of them, or leave one out by a mapping ('sector=')"
    )
    found = read_roster(table_, programme, mapped={**given, **mapped(programme, "sector=")})
    assert [(entry.name, entry.number, entry.cohort, entry.attributes) for entry in found.entries] == [
        ("Alma", "+525555550101", "norte", {"sector": 9})
    ]
    assert found.ignored == ()


def test_a_fault_names_the_column_as_it_is_called_here(programme: Programme) -> None:
    found = read_roster(
        rows("Elemento,Cel,cohorte\nAlma,55,a\n"), programme, mapped=mapped(programme, "Elemento=name", "Cel=phone")
    )
    assert [str(fault) for fault in found.faults] == ["row 2, column Cel: the number is too short"]


def test_a_mapping_of_a_column_that_is_not_there(programme: Programme) -> None:
    found = read_roster(
        rows("nombre,telefono,cohorte,Placas\nAlma,5555550101,a,9\n"),
        programme,
        mapped=mapped(programme, "Placa=sector"),
    )
    assert found.faults == (Fault(1, "", "there is no column 'placa', which a mapping names. Did you mean placas?"),)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["Placa"], "--map: write it as COLUMN=MEANING"),
        (["=phone"], "--map: write it as COLUMN=MEANING"),
        (["Placa=sectr"], "--map: a column cannot mean 'sectr'. Did you mean sector? It can be: name, phone, "),
        (["Placa=sector", "PLACA=sexo"], "--map: the column 'PLACA' is given two meanings"),
    ],
)
def test_a_mapping_with_a_mistake(programme: Programme, texts: list[str], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        mapped(programme, *texts)
    assert str(raised.value).startswith(said)


def test_a_mapping_file_has_a_line_for_each_column(programme: Programme) -> None:
    content = "# Padrón de Cancún\n\nTeléfono=phone\nA=B = sector\nPlaca=placa\n".encode()
    pairs = mapping_lines("columnas.txt", content)
    assert pairs[:2] == [("columnas.txt:3", "Teléfono=phone"), ("columnas.txt:4", "A=B = sector")]
    with pytest.raises(UsageError, match=r"^columnas\.txt:5: a column cannot mean 'placa'"):
        mapping(pairs, column_names(programme))
    with pytest.raises(UsageError, match="save it as text in UTF-8"):
        mapping_lines("columnas.txt", b"\xff\xfe")


def test_a_roster_of_nobody(programme: Programme) -> None:
    assert read_roster(rows("nombre,telefono,cohorte\n,,\n"), programme).faults == (
        Fault(2, "", "there are no officers below the headers"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02",
        "02/03/2026",
        "2/3/26",
        "2-3-2026",
        "2.3.2026",
        "2 de marzo de 2026",
        "2 mar 2026",
        "2026-03-02 00:00:00",
    ],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert as_date(text) == "2026-03-02"


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("America/Tijuana", "America/Tijuana"),
        ("america/cancun", "America/Cancun"),
        ("Cancún", "America/Cancun"),
        ("CDMX", "America/Mexico_City"),
        ("Ciudad de México", "America/Mexico_City"),
        ("ciudad juárez", "America/Ciudad_Juarez"),
    ],
)
def test_zones_by_name_or_city(text: str, zone: str) -> None:
    assert as_zone(text) == zone


def test_attributes_are_numbers_only_if_nothing_is_lost() -> None:
    assert [typed(text) for text in ("1", "0", "-3", "01", "1.0", "+1", "12345678901", "norte")] == [
        1,
        0,
        -3,
        "01",
        "1.0",
        "+1",
        "12345678901",
        "norte",
    ]


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_no_table_is_a_fault_of_ours(cells: list[list[str]]) -> None:
    loaded = load(PROGRAMME + FIELDS, "prueba.yaml").programme
    assert loaded is not None
    found = read_roster([HEADER.split(","), *cells], loaded)
    assert bool(found.faults) != bool(found.entries)


# -- consent on paper -------------------------------------------------------------------------------------------------

PAPER = "nombre,telefono,cohorte,zona,consentimiento,version del aviso,comprobante de consentimiento"
EVENING = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""The first of March in Mexico, the second in UTC."""


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (
            "Alma,5555550101,a,,2030-02-01,,",
            "consentimiento",
            "is in the future: write the day on which consent was given",
        ),
        ("Alma,5555550101,a,,2026-03-02,,", "consentimiento", "is in the future"),
        ("Alma,5555550101,a,,,papel 2,", "consentimiento", "is empty: a consent on paper takes the date"),
        ("Alma,5555550101,a,,,,carpeta 3", "consentimiento", "is empty: a consent on paper takes the date"),
        (f"Alma,5555550101,a,,2026-03-01,{'x' * 101},", "version del aviso", "is longer than 100 characters"),
    ],
)
def test_mistakes_in_a_consent_on_paper(programme: Programme, row: str, column: str, text: str) -> None:
    (fault,) = read_roster(rows(f"{PAPER}\n{row}\n"), programme, now=EVENING).faults
    assert (fault.row, fault.column) == (2, column)
    assert text in fault.text


def test_a_consent_on_paper_of_today(programme: Programme) -> None:
    row = "Alma,5555550101,a,,2026-03-01,papel 2,carpeta 3"
    (entry,) = read_roster(rows(f"{PAPER}\n{row}\n"), programme, now=EVENING).entries
    assert (entry.consent_version, entry.consent_proof) == ("papel 2", "carpeta 3")


def test_a_field_of_the_programme_goes_before_the_columns_of_a_paper() -> None:
    source = PROGRAMME.replace("notices:", "fields: [version_del_aviso]\nnotices:", 1)
    loaded = load(source, "prueba.yaml").programme
    assert loaded is not None
    (entry,) = read_roster(rows("nombre,telefono,cohorte,version_del_aviso\nAlma,5555550101,a,b\n"), loaded).entries
    assert (entry.attributes, entry.consent_version) == ({"version_del_aviso": "b"}, "")


# -- the campaign -----------------------------------------------------------------------------------------------------


def test_the_campaign_of_a_roster(programme: Programme) -> None:
    assert campaign_of(programme, None) == campaign_of(programme, "seguimiento") == "seguimiento"
    assert campaign_of(programme.model_copy(update={"campaigns": {}}), None) is None
    two = programme.model_copy(
        update={"campaigns": {**programme.campaigns, "otra": programme.campaigns["seguimiento"]}}
    )
    assert campaign_of(two, "otra") == "otra"
    for code, text in (
        (None, "elija una campaña: seguimiento, otra"),
        ("x", "el programa no tiene la campaña x; tiene: seguimiento, otra"),
    ):
        with pytest.raises(UsageError) as refused:
            campaign_of(two, code)
        assert (into(refused.value.text, SPANISH), refused.value.code) == (text, "choose_campaign")
