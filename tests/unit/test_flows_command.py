"""`trato flows`: texts go out as a spreadsheet and come back; what people and programs do to spreadsheets in between is noticed, told
with row and column, and never half imported."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import main
from app.flows.loader import load
from app.flows.segments import measure
from app.sheets.marks import Mark, Mismatch, visible
from app.sheets.table_files import BOUNDS
from app.sheets.xlsx import NoSheet, read_sheet, scan
from app.sheets.xlsx_xml import NotXlsx
from app.translation.text_import import compare, drafts, flow_texts
from app.translation.text_rows import read
from app.translation.text_sheet import spreadsheet
from tests.programmes import FIRST
from tests.world import PROGRAMME

TWO = (
    PROGRAMME.replace("languages: [en]", "languages: [nah, en]")
    .replace("text: Gracias.", "text: {es-MX: Gracias., nah: Tlazohcamati.}  # se cierra")
    .replace("  help: Ayuda del programa.", "  # Lo primero\n  help: >-\n    Ayuda\n    del programa.")
)
HISTORY = "flows.reporte.steps.historia.text"
END = "flows.reporte.steps.fin.text"


@dataclass(frozen=True)
class Formula:
    text: str
    result: object = ""


@dataclass
class Desk:
    """A translator's desk: a flow file, and its spreadsheet as rows of cells that can be changed."""

    file: Path
    sheet: Path
    rows: list[list[object]] = field(default_factory=list)

    def column(self, name: str) -> int:
        return self.rows[0].index(name)

    def number(self, place: str) -> int:
        """The row of a place, as the spreadsheet counts."""
        return next(number for number, row in enumerate(self.rows, 1) if row[self.column("Lugar")] == place)

    def put(self, place: str, column: str, value: object) -> int:
        number = self.number(place)
        self.rows[number - 1][self.column(column)] = value
        return number

    def save(self, name: str = "Textos") -> None:
        self.sheet.write_bytes(_written(self.rows, name))

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main.app, ["flows", "import", str(self.sheet), str(self.file), *words])

    def imported(self, *words: str) -> Result:
        """The result of importing the rows as they are now."""
        self.save()
        return self.run(*words)

    @property
    def text(self) -> str:
        return self.file.read_bytes().decode()


def _written(rows: list[list[object]], name: str = "Textos") -> bytes:
    """Rows as another program saves them."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name)
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                match cell:
                    case Formula():
                        sheet.write_formula(place, column, cell.text, None, cell.result)
                    case str():
                        sheet.write_string(place, column, cell)
                    case datetime():
                        sheet.write_datetime(place, column, cell.replace(tzinfo=None), date)
                    case _:
                        sheet.write(place, column, cell)
    return stream.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return _desk(tmp_path, TWO)


def _desk(folder: Path, source: str) -> Desk:
    desk = Desk(folder / "taller.yaml", folder / "textos.xlsx")
    desk.file.write_bytes(source.encode())
    _export(desk)
    return desk


def _export(desk: Desk) -> None:
    result = CliRunner().invoke(main.app, ["flows", "export", str(desk.sheet), str(desk.file), "--force"])
    assert result.exit_code == 0, result.output
    desk.rows = [list(row) for row in read_sheet(desk.sheet.read_bytes(), "Textos", BOUNDS)[0]]


# -- out ------------------------------------------------------------------------------------------------------------------


def test_what_a_sheet_has(desk: Desk) -> None:
    assert desk.rows[0] == [
        "Archivo", "Lugar", "Tipo", "Contexto", "es-MX", "Caracteres es-MX", "SMS es-MX", "nah", "Caracteres nah", "SMS nah",
        "en", "Caracteres en", "SMS en", "Comentarios", "Huella",
    ]  # fmt: skip
    row = desk.rows[desk.number(END) - 1]
    assert row[:-1] == [
        "taller.yaml", END, "mensaje", "Reporte. Antes: «¿Qué pasó?»", "Gracias.", 8, 1, "Tlazohcamati.", 13, 1, "", "", "", "",
    ]  # fmt: skip


def test_a_programme_with_reviews_has_them_beside_each_text(tmp_path: Path) -> None:
    source = TWO + (
        "reviews:\n"
        "  flows.reporte: {purpose: Recordar., confirmed_by: Alma Rivera, confirmed_on: '2026-12-01'}\n"
        "  flows.reporte.steps.fin: {lawyer: Nada., evidence: Propia.}\n"
    )
    desk = _desk(tmp_path, source)
    assert desk.rows[0][4:9] == ["Para qué es", "De dónde sale", "Qué debe confirmar un abogado", "Confirmó", "es-MX"]
    assert desk.rows[desk.number(END) - 1][4:9] == [
        "Recordar.",
        "Propia.",
        "Nada.",
        "Alma Rivera, 2026-12-01",
        "Gracias.",
    ]
    assert desk.rows[desk.number("title") - 1][4:8] == ["", "", "", ""]
    desk.put(END, "es-MX", "Gracias por todo.")
    assert desk.imported().exit_code == 0
    assert "Gracias por todo." in desk.text


def test_what_is_not_to_be_changed_is_locked_and_out_of_sight(desk: Desk) -> None:
    with zipfile.ZipFile(desk.sheet) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert b"<t" in archive.read("xl/sharedStrings.xml")
    assert "<sheetProtection " in sheet
    assert "password" not in sheet
    assert '<col min="15" max="15" width="52.7109375" hidden="1"' in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:N' in sheet


def test_figures_are_the_ones_that_are_billed(tmp_path: Path) -> None:
    desk = _desk(tmp_path, FIRST.read_text(encoding="utf-8"))
    for row in desk.rows[1:]:
        text = str(row[4])
        assert row[5:7] == [len(text), measure(text).segments]


@pytest.mark.parametrize("text", ["=SUMA(A1)", "+52 55", "-", "@hoy", "{=1}", "https://example.org", "  =1", "0012"])
def test_text_that_looks_like_a_formula_goes_out_as_text(tmp_path: Path, text: str) -> None:
    source = TWO.replace("text: ¿Qué pasó?", f'text: "{text}"')
    desk = _desk(tmp_path, source)
    assert desk.rows[desk.number(HISTORY) - 1][4] == text
    figures = {column for column, name in enumerate(desk.rows[0]) if str(name).startswith(("Caracteres", "SMS"))}
    assert {column for _, column in scan(desk.sheet.read_bytes(), "Textos").formulas} == figures
    assert desk.run().exit_code == 0
    assert desk.text == source


def test_a_sheet_is_not_overwritten_by_accident(desk: Desk) -> None:
    before = desk.sheet.read_bytes()
    result = CliRunner().invoke(main.app, ["flows", "export", str(desk.sheet), str(desk.file)])
    assert "ya existe" in str(result.exception)
    assert desk.sheet.read_bytes() == before
    result = CliRunner().invoke(main.app, ["flows", "export", str(desk.sheet.with_suffix(".csv")), str(desk.file)])
    assert "must end in .xlsx" in str(result.exception)


# -- and back -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [FIRST.read_text(encoding="utf-8"), TWO, TWO.replace("\n", "\r\n"), "\ufeff" + TWO])
def test_a_sheet_without_edits_changes_no_byte(tmp_path: Path, source: str) -> None:
    desk = _desk(tmp_path, source)
    before = desk.file.stat()
    for again in (desk.run(), desk.imported()):
        assert again.exit_code == 0, again.output
        assert again.output == "Sin cambios: los textos de la hoja son los de los archivos.\n"
    assert desk.text == source
    assert desk.file.stat().st_mtime_ns == before.st_mtime_ns


def test_edits_come_back_and_are_told(desk: Desk) -> None:
    desk.file.chmod(0o640)
    desk.put("notices.help", "es-MX", "Ayuda\u00a0de este programa.  ")
    desk.put(HISTORY, "nah", "¿Tlein panoc?\r\nXicpohua.")
    desk.put(END, "nah", "")
    desk.put("answers.si_no.si.label", "nah", "Quema")
    desk.put(END, "Comentarios", "¿Se queda?")
    result = desk.imported()
    assert result.exit_code == 0, result.output
    assert desk.text == (
        TWO.replace("    Ayuda\n    del programa.", "    Ayuda\n    de este programa.")
        .replace(
            "text: ¿Qué pasó?",
            "text:\n          es-MX: ¿Qué pasó?\n          nah: |-\n            ¿Tlein panoc?\n            Xicpohua.",
        )
        .replace(", nah: Tlazohcamati.", "")
        .replace("si: {label: Sí,", "si: {label: {es-MX: Sí, nah: Quema},")
    )
    assert desk.file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in desk.file.parent.iterdir()) == ["taller.yaml", "textos.xlsx"]
    told = result.output
    assert "texto fijo help\n  cambia: texto\n    - Ayuda del programa.\n    + Ayuda de este programa.\n" in told
    assert "paso historia, se agrega: texto, nah\n    + ¿Tlein panoc? Xicpohua.\n" in told
    assert "paso fin, se quita: texto, nah\n    - Tlazohcamati.\n" in told
    assert "respuesta compartida si_no\n  se agrega: si, texto, nah\n    + Quema\n" in told
    assert "4 cambios." in told
    assert "1 fila tiene comentarios" in told
    assert desk.run().output.splitlines()[-1] == "Sin cambios: los textos de la hoja son los de los archivos."


def test_dry_run_writes_nothing(desk: Desk) -> None:
    desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    result = desk.imported("--dry-run")
    assert result.exit_code == 0
    assert "+ ¿Qué ocurrió?" in result.output
    assert "Se revisó; no se escribió nada (--dry-run)." in result.output
    assert desk.text == TWO


def test_a_link_stays_a_link(desk: Desk) -> None:
    target = desk.file.rename(desk.file.with_name("real.yaml"))
    desk.file.symlink_to(target)
    desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    assert desk.imported().exit_code == 0
    assert desk.file.is_symlink()
    assert "¿Qué ocurrió?" in target.read_text(encoding="utf-8")


def test_a_disk_that_gives_up_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    desk.save()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device", str(desk.file))

    monkeypatch.setattr("app.translation.text_import.os.fsync", full)
    assert str(desk.run().exception) == f"{desk.file} cannot be written: No space left on device"
    assert desk.text == TWO
    assert sorted(path.name for path in desk.file.parent.iterdir()) == ["taller.yaml", "textos.xlsx"]


def test_what_does_not_matter(desk: Desk) -> None:
    """Rows deleted, sorted or empty; columns in another order, of other case, added, or gone where nothing is read from them."""
    desk.put(HISTORY, "nah", "¿Tlein?")
    header, *rows = desk.rows
    rows = [row for row in reversed(rows) if row[1] != "notices.unclear"]
    kept = [header.index(name) for name in ("Huella", "en", "nah", "Lugar", "es-MX")]
    desk.rows = [[row[place] for place in kept] + ["nota"] for row in (header, *rows)]
    desk.rows[0] = [" huella", "EN", "Nah", "LUGAR", "ES_mx", "De Ana"]
    desk.rows.insert(3, [""] * 6)
    desk.rows.append(["", "", "", "", "", "una nota al pie"])
    result = desk.imported()
    assert result.exit_code == 0, result.output
    assert desk.text == TWO.replace("text: ¿Qué pasó?", "text: {es-MX: ¿Qué pasó?, nah: ¿Tlein?}")


# -- both sides -----------------------------------------------------------------------------------------------------------


def test_edited_in_the_sheet_and_in_the_file(desk: Desk) -> None:
    number = desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    desk.put(END, "es-MX", "Muchas gracias.")
    changed = TWO.replace("¿Qué pasó?", "¿Qué sucedió?")
    desk.file.write_text(changed, encoding="utf-8")
    result = desk.imported()
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == (
        f"{desk.sheet}: fila {number}, columna es-MX: {HISTORY} cambió en los dos lados: la hoja dice «¿Qué ocurrió?»; "
        "el archivo dice «¿Qué sucedió?»"
    )
    assert "1 error; no se cambió nada." in result.stderr
    assert "--force" in result.stderr
    assert desk.text == changed
    assert desk.run("--force").exit_code == 0
    assert desk.text == TWO.replace("¿Qué pasó?", "¿Qué ocurrió?").replace("es-MX: Gracias.", "es-MX: Muchas gracias.")


def test_what_only_the_file_has_changed_stays(desk: Desk) -> None:
    changed = TWO.replace("¿Qué pasó?", "¿Qué sucedió?").replace("Tlazohcamati.", "Tlazohcamati miec.")
    desk.file.write_text(changed, encoding="utf-8")
    desk.put("notices.help", "es-MX", "Ayuda.")
    assert desk.imported().exit_code == 0
    assert desk.text == changed.replace("    Ayuda\n    del programa.", "    Ayuda.")


def test_the_same_edit_on_both_sides_is_no_conflict(desk: Desk) -> None:
    desk.put(HISTORY, "es-MX", "¿Qué sucedió?")
    desk.file.write_text(TWO.replace("¿Qué pasó?", "¿Qué sucedió?"), encoding="utf-8")
    assert "Sin cambios" in desk.imported().output


def test_a_place_that_is_gone(desk: Desk) -> None:
    desk.file.write_text(TWO.replace("ask: historia", "ask: relato"), encoding="utf-8")
    assert "Sin cambios" in desk.imported().output
    number = desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    assert f"fila {number}, columna Lugar: «{HISTORY}» ya no está en taller.yaml" in desk.imported().stderr


# -- what is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "column", "value", "text"),
    [
        (HISTORY, "es-MX", "", "está vacía, y el texto en es-MX no puede faltar; era «¿Qué pasó?»"),
        (HISTORY, "es-MX", "\u00a0 \n", "está vacía"),
        (HISTORY, "nah", 12, "tiene un número, «12», y se espera un texto"),
        (HISTORY, "nah", 0.5, "tiene un número, «0.5»"),
        (HISTORY, "nah", True, "tiene un valor lógico, «VERDADERO»"),
        (HISTORY, "nah", datetime(2026, 3, 2, tzinfo=UTC), "tiene una fecha, «2026-03-02»"),
        (HISTORY, "nah", Formula("=SUM(1,2)", 3), "tiene una fórmula, «=SUM(1,2)»"),
        (HISTORY, "nah", Formula("=Hola", "#NAME?"), "tiene una fórmula, «=Hola»"),
        (HISTORY, "nah", "#¡REF!", "tiene un error de la hoja de cálculo, «#¡REF!», y se espera un texto"),
        (HISTORY, "nah", "a\x07b", "tiene un carácter que no se ve (U+0007)"),
        (
            "title",
            "nah",
            "Tlamachtiliztli",
            "«Tlamachtiliztli» no se usa: este texto (título) es uno para todos, en es-MX",
        ),
        (HISTORY, "nah", "Hola, {{ nadie }}", "flows.reporte.steps.historia.text: [undefined-variable]"),
        (HISTORY, "es-MX", "{% if x %}", "[bad-template]"),
        (HISTORY, "nah", "x" * 4001, "4000"),
        ("answers.si_no.no.label", "es-MX", "Sí", ""),
    ],
)
def test_a_cell_that_cannot_be(desk: Desk, place: str, column: str, value: object, text: str) -> None:
    number = desk.put(place, column, value)
    result = desk.imported()
    assert result.exit_code == 1, result.output
    assert f"fila {number}, columna {column}: " in result.stderr
    assert text in result.stderr
    assert "no se cambió nada." in result.stderr
    assert desk.text == TWO


def test_every_mistake_at_once(desk: Desk) -> None:
    desk.put(HISTORY, "es-MX", "")
    desk.put(HISTORY, "nah", 5)
    desk.put(END, "en", Formula("=1+1", 2))
    desk.put("title", "en", "Programme")
    desk.rows.append(["", "", "", "", "Otro texto", *[""] * 10])
    desk.rows.append(["taller.yaml", "flows.otro.text", *[""] * 13])
    desk.rows.append(list(desk.rows[2]))
    desk.file.write_text(TWO.replace("text: ¿Acepta participar?", "text: ¿Acepta?"), encoding="utf-8")
    desk.put("flows.permiso.steps.acepta.text", "es-MX", "¿Participa?")
    result = desk.imported()
    found = [line.partition(": ")[2].partition(": ")[0] for line in result.stderr.splitlines()[:-1]]
    last = len(desk.rows)
    expected = [
        f"fila {desk.number('title')}, columna en",
        f"fila {desk.number('flows.permiso.steps.acepta.text')}, columna es-MX",
        f"fila {desk.number(HISTORY)}, columna es-MX",
        f"fila {desk.number(HISTORY)}, columna nah",
        f"fila {desk.number(END)}, columna en",
        f"fila {last - 2}",
        f"fila {last - 1}, columna Lugar",
        f"fila {last}, columna Lugar",
    ]
    assert found == expected
    assert "8 errores; no se cambió nada." in result.stderr


def _without(name: str) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        place = desk.column(name)
        desk.rows = [[cell for column, cell in enumerate(row) if column != place] for row in desk.rows]

    return change


def _named(name: str, other: object) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        desk.rows[0][desk.column(name)] = other

    return change


def _swapped(desk: Desk) -> None:
    """A column sorted without the others."""
    one, other = desk.rows[3], desk.rows[4]
    one[1], other[1] = other[1], one[1]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_without("Lugar"), "fila 1, columna Lugar: falta esta columna; hay: Archivo, Tipo"),
        (_without("Huella"), "fila 1, columna Huella: falta esta columna"),
        (_without("nah"), "fila 1, columna nah: falta esta columna; si cambió su título, devuélvaselo. Hay: Archivo"),
        (_named("es-MX", "Español"), "fila 1, columna es-MX: falta esta columna; si cambió su título, devuélvaselo"),
        (_named("en", "nah"), "fila 1, columna nah: hay dos columnas con este título"),
        (_named("Lugar", 5), "fila 1, columna Lugar: falta esta columna"),
        (_swapped, "fila 4, columna Lugar: «notices.opted_in» y la columna oculta «Huella» no van juntos"),
    ],
)
def test_columns_that_cannot_be(desk: Desk, change: Callable[[Desk], None], text: str) -> None:
    change(desk)
    result = desk.imported()
    assert (result.exit_code, desk.text) == (1, TWO)
    assert text in result.stderr, result.stderr


def test_a_language_that_the_programme_does_not_have(desk: Desk) -> None:
    for row in desk.rows:
        row.append("")
    desk.rows[0][-1] = "yua"
    assert desk.imported().exit_code == 0
    desk.rows[desk.number(HISTORY) - 1][-1] = "¿Ba'ax?"
    assert (
        "columna yua: «¿Ba'ax?» está en un idioma que el programa no tiene (es-MX, nah, en); agréguelo a languages"
        in (desk.imported().stderr)
    )
    desk.file.write_text(TWO.replace("[nah, en]", "[nah, en, yua]"), encoding="utf-8")
    assert desk.run().exit_code == 0
    assert '{es-MX: ¿Qué pasó?, yua: "¿Ba\'ax?"}' in desk.text or "{es-MX: ¿Qué pasó?, yua: ¿Ba'ax?}" in desk.text


def test_a_programme_that_is_not_there(desk: Desk) -> None:
    number = desk.put(HISTORY, "es-MX", "¿Qué ocurrió?")
    desk.file.write_text(TWO.replace("programme: prueba", "programme: otro"), encoding="utf-8")
    assert f"fila {number}: es del programa prueba, que no está en los archivos indicados" in desk.imported().stderr


def test_of_two_files_both_are_written_or_none(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    first, second = folder / "a.yaml", folder / "b.yaml"
    first.write_text(TWO, encoding="utf-8")
    second.write_text(PROGRAMME.replace("programme: prueba", "programme: segundo"), encoding="utf-8")
    desk.file = folder
    _export(desk)
    rows = [number for number, row in enumerate(desk.rows) if row[1] == HISTORY]
    assert len(rows) == 2
    desk.rows[rows[0]][4] = "¿Qué ocurrió?"
    desk.rows[rows[1]][4] = "¿Qué {{ ocurrió }}?"
    result = desk.imported()
    assert f"fila {rows[1] + 1}, columna es-MX: {HISTORY}: [" in result.stderr
    assert first.read_text(encoding="utf-8") == TWO
    desk.rows[rows[1]][4] = "¿Y qué ocurrió?"
    assert desk.imported().exit_code == 0
    assert "text: ¿Qué ocurrió?" in first.read_text(encoding="utf-8")
    assert "text: ¿Y qué ocurrió?" in second.read_text(encoding="utf-8")


def test_flow_files_with_errors_are_mended_first(desk: Desk) -> None:
    desk.file.write_text(TWO.replace("answer: si_no", "answer: nada"), encoding="utf-8")
    result = desk.run()
    assert (result.exit_code, "unknown-answer" in result.stderr) == (1, True)


def test_warnings_of_the_edits_are_shown_and_no_others(desk: Desk) -> None:
    number = desk.put(HISTORY, "es-MX", "á" * 300)
    desk.put(HISTORY, "nah", "¿Tlein?")
    result = desk.imported("--dry-run")
    warnings = [line for line in result.output.splitlines() if line.startswith("aviso")]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"aviso, fila {number}, columna es-MX: {HISTORY}: [too-many-segments] costs 5 SMS")


# -- files that are no spreadsheets -----------------------------------------------------------------------------------------


def _zip(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


def _stray(row: int, column: int) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("Textos").write(row, column, " ")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "no es un libro de Excel (.xlsx)"),
        (b"Archivo,Lugar\n", "no es un libro de Excel (.xlsx)"),
        (b"PK\x03\x04no", "no es un libro de Excel (.xlsx)"),
        (_zip(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "no es un libro de Excel (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "tiene contraseña o es de un Excel anterior"),
        (bytes(10_000_001), "pesa más de 10 MB"),
        (_written([["Lugar", "Huella"]], "Hoja1"), "no tiene la hoja «Textos»; tiene: Hoja1"),
        (_stray(1_048_575, 16_383), "hay algo escrito muy lejos de los textos (fila 1048576)"),
        (_stray(3, 16_383), "hay algo escrito muy lejos de los textos (columna número 16384)"),
        (_written([]), "falta esta columna; hay: ninguna"),
    ],
)
def test_a_file_that_is_no_sheet_of_texts(desk: Desk, content: bytes, text: str) -> None:
    desk.sheet.write_bytes(content)
    result = desk.run()
    assert result.exit_code == 1
    assert text in result.stderr
    assert desk.text == TWO


def test_a_file_that_is_not_there(desk: Desk) -> None:
    desk.sheet.unlink()
    assert "cannot be read" in str(desk.run().exception)


BOOK = '<x:workbook xmlns:r="r"><x:sheets><x:sheet name="Textos" sheetId="1" r:id="rId7"/></x:sheets></x:workbook>'
RELS = '<Relationships><Relationship Id="rId7" Target="/xl/worksheets/uno.xml"/></Relationships>'


def _xlsx(sheet: str, book: str = BOOK) -> bytes:
    return _zip(**{"xl__workbook.xml": book, "xl___rels__workbook.xml.rels": RELS, "xl__worksheets__uno.xml": sheet})


def test_cells_of_any_writer_are_found() -> None:
    odd = scan(
        _xlsx(
            '<x:worksheet><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c t="e"><x:f>Ho<![CDATA[la]]></x:f><x:v>#NAME?</x:v></x:c></x:row>'
            '<x:row r="4"><x:c r="AB4"><x:f t="shared" si="0"/></x:c><x:c r="XFD4" s="1"/></x:row></x:sheetData></x:worksheet>'
        ),
        "Textos",
    )
    assert odd.formulas == {(0, 1): "=Hola", (3, 27): "="}
    assert odd.errors == {(0, 1): "#NAME?"}
    assert (odd.last_row, odd.last_column) == (0, 1)


@pytest.mark.parametrize(
    "content",
    [
        _xlsx('<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
        _xlsx("<worksheet>"),
        _xlsx("<worksheet/>", "<workbook/>")[:-30],
        _xlsx("<worksheet/>", '<workbook><sheets><sheet name="Textos"/></sheets></workbook>'),
    ],
)
def test_damaged_and_hostile_files(content: bytes) -> None:
    with pytest.raises(NotXlsx):
        scan(content, "Textos")


def test_sheets_that_are_there_are_named() -> None:
    with pytest.raises(NoSheet) as missing:
        scan(_xlsx("<worksheet/>"), "Otra")
    assert missing.value.args == (["Textos"],)


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_content_breaks_the_reading(content: bytes) -> None:
    assert read("t.xlsx", content).faults
    assert read("t.xlsx", b"PK\x03\x04" + content).faults


# -- marks ----------------------------------------------------------------------------------------------------------------


def test_a_mark_belongs_to_its_place() -> None:
    mark = Mark("prueba", {"es-MX": "0123456789ab", "nah": ""})
    assert Mark.read(mark.stamped("title"), "title") == mark
    for text, place in [
        (mark.stamped("title"), "authority"),
        (mark.stamped("title")[:-1], "title"),
        ("", "title"),
        ("a b c", "title"),
    ]:
        with pytest.raises(Mismatch):
            Mark.read(text, place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \r\nb\rc\t\n", "a\nb\nc"), ("a\u00a0b\u202fc", "a b c"), ("a\u2028b\vc", "a\nb\nc"), ("\ufeffa\u200bb\u00adc", "abc"),
        ("“a” — ‘b’…", "“a” — ‘b’…"), ("cafe\u0301", "café"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("=a", "=a"),
    ],
)  # fmt: skip
def test_what_counts_of_a_text(text: str, expected: str) -> None:
    assert visible(text) == expected
    assert visible(expected) == expected


# -- any text -------------------------------------------------------------------------------------------------------------

ODD = (
    "no", "12:30", "2026-01-02", "0123", "- x", "{a: b}", "&a", "*b", "!tag", "a: b", "a # b", "'", '"', "{{ nombre }}", "=SUMA(A1)",
    "+52", "-", "@x", "a\nb", "a\n\nb", "  a  ", "á 👍🏽", "https://example.org", "_x0041_", "<b>&amp;", "x" * 1600, "palabra " * 90, "TRUE",
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(
            ["notices.help", "notices.paused", "answers.si_no.si.label", HISTORY, END, "title", "principles.voz.label"]
        ),
        st.tuples(
            *[st.none() | st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)]
            * 2
        ),
        min_size=1,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_texts_go_out_and_come_back(tmp_path: Path, new: dict[str, tuple[str | None, str | None]]) -> None:
    desk = Desk(tmp_path / "taller.yaml", tmp_path / "textos.xlsx")
    desk.file.write_text(TWO, encoding="utf-8")
    files, _ = flow_texts([desk.file])
    desk.rows = [list(row) for row in read_sheet(spreadsheet([item.listed for item in files]), "Textos", BOUNDS)[0]]
    expected = {}
    for place, column, text in _edits(new):
        if visible(text) and not (place == "title" and column == "nah"):
            desk.put(place, column, text)
            expected[place, column] = visible(text)
    found = compare(read("t.xlsx", _written(desk.rows)).rows, files)
    assert (found.faults, found.conflicts) == ((), ())
    made, refused = drafts(found.edits)
    assert refused == ()
    for draft in made:
        data = load(draft.raw, "t").source
        entries = {entry.place: entry for entry in files[0].entries.values()}
        for (place, column), text in expected.items():
            entry = entries[place]
            value = data.value(entry.path)
            value = value.get("label", value) if isinstance(value, dict) else {"es-MX": value}
            assert visible(value[column]) == text
    assert {(edit.entry.place, edit.language) for edit in found.edits} <= expected.keys()


def _edits(new: dict[str, tuple[str | None, str | None]]) -> Iterator[tuple[str, str, str]]:
    for place, texts in new.items():
        for column, text in zip(("es-MX", "nah"), texts, strict=True):
            if text is not None:
                yield place, column, text
