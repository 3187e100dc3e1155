"""Cells of a roster as spreadsheets write them: dates, telephone numbers, names and categories."""

import pytest

from app.flows.language.definition import Programme
from app.flows.loader import load
from app.roster import leave
from app.roster.cells import as_attribute, as_cohort, as_name, as_number
from app.roster.dates import as_date, as_moment
from app.roster.rows import Roster, read_roster, wanted
from app.sheets.table_in_file import find
from tests.world import PROGRAMME

# -- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "02-mar-26",
        "02/mar/2026",
        "2-mar.-26",
        "02-MAR-2026",
        "lunes, 2 de marzo de 2026",
        "lunes 2 de marzo del 2026",
        "lun 2 mar 2026",
        "02/03/2026 0:00",
        "02/03/2026 12:00:00 a. m.",
        "02/03/2026 12:00:00 a.\u00a0m.",
        "02/03/2026, 0:00:00",
        "02/03/2026 18:30",
        "2026-03-02T00:00:00Z",
        "2026-03-02T00:00:00.000",
        "2026-03-02T00:00:00.000Z",
        "2026-03-02T00:00:00-06:00",
        "20260302",
        "2026/3/2",
        "2.º de marzo de 2026",
        "Mar 2, 2026",
    ],
)
def test_dates_as_spreadsheets_write_them(text: str) -> None:
    assert as_date(text) == "2026-03-02"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("46083", "looks like a spreadsheet's day number, 2026-03-02:"),
        ("46083.0", "looks like a spreadsheet's day number, 2026-03-02:"),
        ("46083.2916666667", "looks like a spreadsheet's day number, 2026-03-02 07:00:"),
        ("martes, 2 de marzo de 2026", "says martes, but 2026-03-02 is a lunes"),
        ("2026-03-02T18:30:00Z", r"has an hour of a time zone \(Z\)"),
        ("12:00:00 a. m.", "must be a date such as"),
        ("00/01/1900", "must be a date such as"),
        ("0", "must be a date such as"),
        ("99999", "must be a date such as"),
        ("13/13/2026", "must be a date such as"),
        ("2 de marzo", "must be a date such as"),
        ("5555550101", "must be a date such as"),
    ],
)
def test_what_is_no_date_is_called_what_it_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        as_date(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("02-mar-26 7:00", "2026-03-02T07:00"),
        ("lunes, 2 de marzo de 2026 7:00 hrs", "2026-03-02T07:00"),
        ("02/03/2026 12:00:00 a. m.", "2026-03-02T00:00"),
        ("02/03/2026 12:00 p. m.", "2026-03-02T12:00"),
        ("2026-03-02T07:00:00.000", "2026-03-02T07:00"),
    ],
)
def test_hours_as_spreadsheets_write_them(text: str, moment: str) -> None:
    assert as_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-02T06:00:00.000Z", "2026-03-02"),
        ("2026-03-03T05:59:59.123Z", "2026-03-02"),
        ("2026-03-02T00:00:00Z", "2026-03-02"),
        ("2026-03-02T18:30:00-06:00", "2026-03-02"),
        ("2026-03-02T18:30:00+14", "2026-03-01"),
    ],
)
def test_an_hour_with_a_zone_is_of_the_officers_day(text: str, day: str) -> None:
    assert as_date(text, "America/Mexico_City") == day


def test_an_hour_with_a_zone_is_that_of_the_officers_clock() -> None:
    assert as_moment("2026-03-02T13:00:00Z", "America/Mexico_City") == "2026-03-02T07:00"
    with pytest.raises(ValueError, match=r"has the hour of a time zone \(Z\): write it by the officer's own clock"):
        as_moment("2026-03-02T07:00:00Z")


def test_the_midnight_of_a_spreadsheet_is_a_whole_day_of_leave() -> None:
    texts = ("02/03/2026 0:00", "02/03/2026 12:00:00 a. m.", "2026-03-02T00:00:00Z", "2026-03-02 00:00:00")
    assert {leave.as_wall(text) for text in texts} == {"2026-03-02"}
    assert leave.as_wall("2026-03-02 00:00") == "2026-03-02T00:00", "as `trato leave list` shows an hour"


# -- telephones -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["5555550101.0", "5555550101,00", "55 5555 0101", "+52 1 55 5555 0101", "Cel. 5555550101", "tel: 55-5555-0101"],
)
def test_numbers_as_spreadsheets_write_them(text: str) -> None:
    assert as_number(text) == "+525555550101"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5555550101 / 5555550102", "has two numbers"),
        ("(55) 5555 0101 / 0102", "has two numbers"),
        ("5555550101/02", "has two numbers"),
        ("5555550101 y 5555550102", "has two numbers"),
        ("5555550101, 5555550102", "has two numbers"),
        ("5555550101\n5555550102", "has two numbers"),
        ("5555550101 5555550102", "has two numbers"),
        ("5555550101 ext. 123", "has an extension"),
        ("5555550101 x12", "has an extension"),
        ("55 5555 0101 extensión 4", "has an extension"),
        ("55 5555 0101 #4", "has an extension"),
        ("5.55555E+09", "Excel has shortened the number"),
        ("555555.01", "the number is too short"),
    ],
)
def test_numbers_that_are_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        as_number(text)


# -- names and categories ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Íñigo Peña", "D'Angelo Núñez-Mora", "Ma. José (Pepa)", "Mª José", "Oficial 2", "Ana / Anita", "O’Hara", "Łukasz Ørsted", "Ana – Anita"],
)  # fmt: skip
def test_names(text: str) -> None:
    assert as_name(text) == text


def test_a_name_has_single_spaces_and_whole_letters() -> None:
    assert as_name("Alma\u00a0 Mun\u0303oz") == "Alma Muñoz"
    assert as_cohort("Pe\u0301njamo") == "Pénjamo"


@pytest.mark.parametrize(
    "text",
    [
        "Mu–oz",
        "MuÃ±oz",
        "Mu±oz",
        "Mu?oz",
        "Mu\ufffdoz",
        "Mu¥oz",
        "Mu√±oz",
        "Mu_oz",
        "Muº oz¿",
        "Mu*oz",
        "Alma 😀",
        "Mu¤oz",
    ],
)
def test_signs_that_no_name_has(text: str) -> None:
    with pytest.raises(ValueError, match=r"^has a sign that no name has"):
        as_name(text)


@pytest.mark.parametrize("convert", [as_cohort, as_attribute, as_name])
def test_signs_that_nobody_sees_are_refused(convert: object) -> None:
    with pytest.raises(ValueError, match=r"^has a sign that nobody sees \(U\+200B\)"):
        convert("nor\u200bte")  # type: ignore[operator]


# -- whole rosters ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programme() -> Programme:
    loaded = load(PROGRAMME + "fields: [sector, turno_asignado]\n", "prueba.yaml").programme
    assert loaded is not None
    return loaded


def roster(programme: Programme, text: str, encoding: str = "utf-8") -> Roster:
    table = find("padron.csv", text.encode(encoding), wanted(programme, {}))
    return read_roster(table.rows, programme, header=table.header)


HEADER = "nombre,telefono,cohorte,fecha_taller,consentimiento,sector\n"


def test_an_error_is_a_fault_in_every_column_that_is_used(programme: Programme) -> None:
    found = roster(programme, f"{HEADER}#REF!,#N/A,#¿NOMBRE?,#N/A,=HOY(),#¡REF!\nAlma,5555550101,a,,,\n")
    assert found.entries == ()
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (2, column) for column in ("cohorte", "consentimiento", "fecha_taller", "nombre", "sector", "telefono")
    ]
    assert {fault.text.split(":")[0] for fault in found.faults} == {
        "has the spreadsheet's error #REF!",
        "has the spreadsheet's error #N/A",
        "has the spreadsheet's error #¿NOMBRE?",
        "has the spreadsheet's error #¡REF!",
        "has the formula =HOY(…) without a result",
    }


def test_faults_below_a_title_have_the_rows_of_the_file(programme: Programme) -> None:
    found = roster(programme, f"Padrón,,,,,\n,,,,,\n{HEADER}Alma,5555550101,a,,,\nBruno,55,a,,,\n")
    assert [(fault.row, fault.column, fault.text) for fault in found.faults] == [
        (5, "telefono", "the number is too short")
    ]


def test_a_day_number_is_named_in_a_consent_too(programme: Programme) -> None:
    (fault,) = roster(programme, f"{HEADER}Alma,5555550101,a,,46083,\n").faults
    assert (fault.column, fault.text.split(":")[0]) == (
        "consentimiento",
        "looks like a spreadsheet's day number, 2026-03-02",
    )


def test_a_cohort_in_several_spellings_is_a_fault_with_a_proposal(programme: Programme) -> None:
    rows = "".join(
        f"Alma,555555010{place},{cohort},,,\n"
        for place, cohort in enumerate(["Centro 1", "centro 1", "Centro  1", "CENTRO-1", "Centro 1", "sur"])
    )
    (fault,) = roster(programme, HEADER + rows).faults
    assert str(fault) == (
        "row 3, column cohorte: one cohort in several spellings: 'Centro 1' (row 2), 'centro 1' (row 3), 'CENTRO-1' (row 5), "
        "'Centro  1' (row 4); write 'Centro 1' in all rows"
    )


def test_an_attribute_in_several_spellings_is_a_warning_with_a_proposal(programme: Programme) -> None:
    rows = "".join(
        f"Alma,555555010{place},a,,,{sector}\n" for place, sector in enumerate(["norte", "Norte", "norte", "7", "07"])
    )
    found = roster(programme, HEADER + rows)
    assert (len(found.entries), found.faults) == (5, ())
    assert [str(one) for one in found.warnings] == [
        "column sector: 'norte' and 'Norte' may be one value: write 'norte'"
    ]


def test_numbers_that_a_spreadsheet_rounded_are_a_warning(programme: Programme) -> None:
    found = roster(programme, f"{HEADER}Alma,525550000000,a,,,\nBruno,5215560000000,a,,,\nCelia,5555500000,a,,,\n")
    assert len(found.entries) == 3
    assert [(one.row, one.column) for one in found.warnings] == [(2, "telefono"), (3, "telefono")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman", "cp850"])
def test_a_sample_shows_whether_letters_are_right(programme: Programme, encoding: str) -> None:
    found = roster(programme, f"{HEADER}Alma,5555550101,a,,,\nBruno Ibáñez,5555550102,a,,,\n", encoding)
    assert (found.sample, found.faults) == ("Bruno Ibáñez", ())


def test_a_name_that_cannot_be_read_right_is_the_sample_if_there_is_no_other(programme: Programme) -> None:
    mixed = f"{HEADER}Muñoz,5555550101,a,,,\n".encode() + "Peña,5555550102,a,,,\n".encode("cp1252")
    table = find("padron.csv", mixed, wanted(programme, {}))
    found = read_roster(table.rows[:2], programme)
    assert ([fault.column for fault in found.faults], found.sample) == (["nombre"], "MuÃ±oz")
    assert read_roster(table.rows, programme).sample == "Peña"


def test_rows_of_blanks_that_nobody_sees_are_no_rows(programme: Programme) -> None:
    found = roster(programme, f"{HEADER}Alma,5555550101,a,,,\n \u00a0, ,\u200b, , , \n")
    assert (len(found.entries), found.faults) == (1, ())
