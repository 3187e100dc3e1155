"""A spreadsheet of the texts of flow files for translators and reviewers: one row a text, one column a language, and beside each the
number of SMS, counted as it is typed. Columns that must not change are locked, without a password. `text_rows.py` reads it again."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from app.flows.language.definition import Programme
from app.flows.reviews import review_of
from app.flows.segments import DOUBLE, GSM, measure
from app.flows.texts import FlowText
from app.sheets.marks import Mark, digest

SHEET, HELP = "Textos", "Instrucciones"
FILE, PLACE, KIND, CONTEXT, COMMENTS, MARK = "Archivo", "Lugar", "Tipo", "Contexto", "Comentarios", "Huella"
LENGTH, SMS = "Caracteres", "SMS"
PURPOSE, EVIDENCE, LAWYER, CONFIRMED = "Para qué es", "De dónde sale", "Qué debe confirmar un abogado", "Confirmó"
REVIEW = (PURPOSE, EVIDENCE, LAWYER, CONFIRMED)
"""Columns of the programme's `reviews`; a programme without any has none of them."""

_WIDTHS = {
    FILE: 15,
    PLACE: 30,
    KIND: 14,
    CONTEXT: 42,
    PURPOSE: 36,
    EVIDENCE: 36,
    LAWYER: 36,
    CONFIRMED: 20,
    COMMENTS: 36,
}
_TEXT_WIDTH, _FIGURE_WIDTH, _HELP_WIDTH = 52, 10, 80
_LINE, _TALLEST = 15, 400
"""Points. Some programs do not fit rows to their text, so each row gets its height here."""

_LONGEST = 1600
"""Characters of a text that are counted for its SMS: longer ones are never sent."""

_HELP = """\
Cómo usar esta hoja
La hoja «Textos» tiene una fila por cada texto que leen las personas. Escriba sólo en las celdas blancas: las columnas de \
idioma y «Comentarios». Las celdas grises están bloqueadas para que no se cambien por accidente.
Corrija o traduzca el texto en su celda. Para un renglón nuevo dentro de la celda, use Alt+Enter.
Lo que está entre llaves dobles, como {{ nombre }}, lo llena el sistema: déjelo igual y en el lugar que convenga.
Para quitar una traducción, vacíe su celda. El texto en el idioma del programa no puede quedar vacío.
Puede filtrar las filas y ocultar columnas. No agregue filas, no cambie los títulos de las columnas y no quite la columna \
oculta «Huella»: por ella se sabe qué cambió. Un texto sin fila se queda como está.
«Caracteres» y «SMS» se calculan al escribir, sin contar las opciones que se agregan a una pregunta. Un SMS lleva 160 \
caracteres, o 153 si son varios. Con una sola á, í, ó o ú, un emoji o comillas tipográficas, lleva 70, o 67 (é, ñ, ü, ¿ y ¡ no \
cuestan más).
Si el contexto dice «plantilla de WhatsApp», el texto ya fue aprobado: un cambio obliga a pedir la aprobación de nuevo.
«Confirmó» dice quién confirmó un texto y cuándo; está vacío si nadie. Para confirmarlo, escriba su nombre y la fecha en \
«Comentarios»: quien coordina los pone en el archivo.
Cuando termine, guarde el archivo como libro de Excel (.xlsx) y devuélvalo a quien coordina. Nada se publica en ese momento: \
antes se revisa cada texto y se muestra qué cambió."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The texts of one flow file, with its name."""

    file: str
    programme: Programme
    entries: tuple[FlowText, ...]
    languages: tuple[str, ...]


def spreadsheet(listed: Sequence[Listed]) -> bytes:
    """The texts of these files as an XLSX file."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        _Sheet(book, book.add_worksheet(SHEET), listed).write()
        _help(book)
    return stream.getvalue()


def _help(book: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
    sheet = book.add_worksheet(HELP)
    sheet.set_column(0, 0, _HELP_WIDTH)
    sheet.hide_gridlines(2)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, line in enumerate(_HELP.split("\n")):
        sheet.set_row(row, _LINE * (_lines(line, _HELP_WIDTH) + 1))
        sheet.write_string(row, 0, line, wrapped if row else book.add_format({"bold": True, "font_size": 14}))
    sheet.protect()


@dataclass(slots=True)
class _Sheet:
    book: Any
    sheet: Any
    listed: Sequence[Listed]
    reviewed: bool = field(init=False)
    about: list[str] = field(init=False)
    columns: list[str] = field(init=False)
    formats: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        languages = dict.fromkeys(language for item in self.listed for language in item.languages)
        texts = [column for one in languages for column in (one, f"{LENGTH} {one}", f"{SMS} {one}")]
        self.reviewed = any(item.programme.reviews for item in self.listed)
        self.about = [FILE, PLACE, KIND, CONTEXT, *(REVIEW if self.reviewed else ())]
        self.columns = [*self.about, *texts, COMMENTS, MARK]
        cell = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D9D9D9"}
        locked = cell | {"bg_color": "#F2F2F2", "font_color": "#595959"}
        self.formats = {
            name: self.book.add_format(form)
            for name, form in {
                "open": cell | {"locked": False, "num_format": "@"},  # as text: a number or a date stays as it is typed
                "locked": locked,
                "figure": locked | {"align": "right"},
                "header": cell | {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"},
                "open_header": cell | {"bold": True, "bg_color": "#C55A11", "font_color": "#FFFFFF"},
            }.items()
        }

    def write(self) -> None:
        self.layout()
        rows = [(item, entry) for item in self.listed for entry in item.entries]
        for row, (item, entry) in enumerate(rows, 1):
            self.row(row, item, entry)
        self.sheet.autofilter(0, 0, len(rows), len(self.columns) - 2)
        self.sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})

    def layout(self) -> None:
        """Write headers; set widths, panes and the print layout."""
        self.sheet.set_row(0, 2 * _LINE)
        self.book.define_name("GSM", _constant("".join(sorted(GSM | DOUBLE))))
        for column, header in enumerate(self.columns):
            figure = header.startswith((LENGTH, SMS))
            open_ = header == COMMENTS or (not figure and header not in (*_WIDTHS, MARK))
            width = _FIGURE_WIDTH if figure else _WIDTHS.get(header, _TEXT_WIDTH)
            self.sheet.set_column(column, column, width, None, {"hidden": header == MARK})
            self.sheet.write_string(0, column, header, self.formats["open_header" if open_ else "header"])
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_landscape()
        self.sheet.set_paper(1)  # letter
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)

    def row(self, row: int, item: Listed, entry: FlowText) -> None:
        texts = [_lines(text, _TEXT_WIDTH) for text in entry.texts.values()]
        spare = 0 if entry.fixed or len(item.languages) == 1 else 1  # a translation may be longer
        about = [
            item.file,
            entry.place,
            entry.kind,
            entry.context,
            *(self.review(item, entry) if self.reviewed else ()),
        ]
        high = [_lines(text, _WIDTHS[header]) for header, text in zip(self.about[1:], about[1:], strict=True)]
        self.sheet.set_row(row, min(_TALLEST, _LINE * max(*high, max(texts) + spare)))
        for column, text in enumerate(about):
            self.sheet.write_string(row, column, text, self.formats["locked"])
        for language in self.columns[len(self.about) : -2 : 3]:
            allowed = language in item.languages and (not entry.fixed or language == item.programme.language)
            self.text(row, self.columns.index(language), entry.texts.get(language, ""), allowed=allowed)
        self.sheet.write_blank(row, len(self.columns) - 2, None, self.formats["open"])
        mark = Mark(item.programme.programme, {one: digest(entry.texts.get(one, "")) for one in item.languages})
        self.sheet.write_string(row, len(self.columns) - 1, mark.stamped(entry.place), self.formats["locked"])

    def review(self, item: Listed, entry: FlowText) -> tuple[str, ...]:
        """The cells of REVIEW."""
        told = review_of(item.programme, entry.place)
        confirmed = f"{told.confirmed_by}, {told.confirmed_on}" if told.confirmed_by else ""
        return told.purpose or "", told.evidence or "", told.lawyer or "", confirmed

    def text(self, row: int, column: int, text: str, *, allowed: bool) -> None:
        """One text with its figures."""
        if not allowed:
            for place in range(column, column + 3):
                self.sheet.write_blank(row, place, None, self.formats["locked"])
            return
        self.sheet.write_string(row, column, text, self.formats["open"])
        cell = f"{xlsxwriter.utility.xl_rowcol_to_cell(row, column, col_abs=True)}"
        length, segments = len(text.encode("utf-16-le")) // 2, measure(text).segments
        self.sheet.write_formula(
            row, column + 1, f'=IF({cell}="","",LEN({cell}))', self.formats["figure"], length if text else ""
        )
        self.sheet.write_formula(row, column + 2, _segments(cell), self.formats["figure"], segments if text else "")


def _lines(text: str, width: int) -> int:
    """The approximate number of lines of a text in a column."""
    return sum(-(-len(line) // width) or 1 for line in text.split("\n"))


def _constant(text: str) -> str:
    """A text as a constant of a formula, without line breaks."""
    return '="' + "".join(text.split("\n")).replace("\r", "").replace("\f", "").replace('"', '""') + '"'


def _segments(cell: str) -> str:
    """The formula for the number of SMS of a cell: as in `flows/segments.py`, except for a character divided between two."""
    letters = f'MID(SUBSTITUTE({cell},CHAR(10)," "),ROW({HELP}!$1:${_LONGEST}),1)'
    twice = ",".join(f'"{char}"' for char in sorted(DOUBLE - {"\f"}))
    size = f'(LEN({cell})+SUMPRODUCT(LEN({cell})-LEN(SUBSTITUTE({cell},{{{twice}}},""))))'
    plain = f"IF({size}<=160,1,ROUNDUP({size}/153,0))"
    odd = (
        f'SUMPRODUCT(({letters}<>"")*ISERROR(FIND({letters},GSM)))'  # looking for nothing is an error in some programs
    )
    rich = f"IF(LEN({cell})<=70,1,ROUNDUP(LEN({cell})/67,0))"
    return f'=IF({cell}="","",IF({odd}>0,{rich},{plain}))'
