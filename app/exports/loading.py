"""Scripts that load what was written, with labels and missing codes: `load.do` for Stata, `load.R` for R without packages, `load.py`
for pandas. Made from the columns, so that they fit the files beside them."""

import json
from collections.abc import Sequence
from pathlib import Path

from app.exports.columns import MISSING, Column, Kind
from app.exports.describing import Described
from app.exports.writers import Written, write_text

_CODES = " ".join(MISSING)


def write_loaders(folder: Path, tables: Sequence[Described]) -> list[Written]:
    """Write the scripts for which there are files: Stata's needs .dta or CSV, R's CSV, Python's CSV or Parquet."""
    endings = {file.name.rpartition(".")[2] for table in tables for file in table.files}
    written = []
    if endings & {"dta", "csv"}:
        written.append(write_text(folder, "load.do", stata(tables, "dta" if "dta" in endings else "csv")))
    if "csv" in endings:
        written.append(write_text(folder, "load.R", r(tables)))
    if endings & {"parquet", "csv"}:
        written.append(write_text(folder, "load.py", python(tables, "parquet" if "parquet" in endings else "csv")))
    return written


# -- Stata ----------------------------------------------------------------------------------------------------------


def stata(tables: Sequence[Described], ending: str) -> str:
    """A do-file that loads one table."""
    body = "".join(_stata_table(table, ending) for table in tables)
    return _STATA_HEAD.format(first=tables[0].name, names=" ".join(table.name for table in tables)) + body


_STATA_HEAD = """\
* Loads a table of this export: do load.do TABLE
* From another folder: do FOLDER/load.do TABLE FOLDER
* TABLE is one of: {names}
version 14
args table folder
if "`table'" == "" local table {first}
if "`folder'" == "" local folder .
local tables {names}
if !`: list table in tables' {{
    display as error "there is no table `table'; there is: {names}"
    exit 111
}}
"""


def _stata_table(table: Described, ending: str) -> str:
    lines = [f'use "`folder\'/{table.name}.dta", clear'] if ending == "dta" else _stata_csv(table)
    body = "".join(f"    {line}\n" for line in lines)
    return f'if "`table\'" == "{table.name}" {{\n{body}}}\n'


def _stata_csv(table: Described) -> list[str]:
    # Everything as text first: Stata would take .d for a text, and 007 for a number.
    options = (
        'varnames(1) case(preserve) stringcols(_all) encoding("utf-8") bindquotes(strict) maxquotedrows(unlimited)'
    )
    # `clear` alone takes away the value labels of a table that was loaded before, too.
    lines = ["clear", f'import delimited using "`folder\'/{table.name}.csv", clear {options}']
    for column in table.columns:
        name = column.name
        if column.is_moment:
            lines += [
                f'generate double _moment = clock(subinstr(substr({name}, 1, 19), "T", " ", 1), "YMDhms")',
                f"drop {name}",
                f"rename _moment {name}",
                f"format {name} %tc",
            ]
        elif column.is_number:
            lines.append(f"generate double _number = real({name})")
            if column.extended:
                lines += [
                    f"foreach code in {_CODES} {{",
                    f"    replace _number = .`code' if {name} == \".`code'\"",
                    "}",
                ]
            lines += [f"drop {name}", f"rename _number {name}", *_stata_labels(column)]
        lines.append(f"label variable {name} {_stata_text(column.label)}")
    return [*lines, f"order {' '.join(column.name for column in table.columns)}", f"isid {' '.join(table.key)}"]


def _stata_labels(column: Column) -> list[str]:
    pairs = [f"{value} {_stata_text(text)}" for value, text in sorted(column.values.items())]
    if column.extended:
        pairs += [f".{code} {_stata_text(text)}" for code, text in MISSING.items()]
    if not pairs:
        return []
    return [f"label define {column.name} {' '.join(pairs)}", f"label values {column.name} {column.name}"]


def _stata_text(text: str) -> str:
    """A text between quotes, on one line and without what Stata would take for a quote, a macro, or a block's beginning or end."""
    text = " ".join(text.split()).replace("{", "(").replace("}", ")")
    return '`"' + text.replace("`", "'").replace("$", "\\$").replace('"', "'") + "\"'"


# -- R --------------------------------------------------------------------------------------------------------------


_R_HEAD = """\
# Loads a table of this export as a data frame: source("load.R"); responses <- load_table("responses")
# Missing codes of a number become NA; which code it was stands in a column of its own, NAME_missing.
here <- if (exists("export_folder")) export_folder else local({
  sourced <- Filter(is.character, lapply(sys.frames(), function(frame) frame$ofile))
  if (length(sourced)) normalizePath(dirname(sourced[[length(sourced)]])) else "."
})
tables <- list(
"""

_R_FUNCTION = """
)
load_table <- function(name = names(tables)[1], folder = here) {
  columns <- tables[[name]]
  data <- read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character", na.strings = "",
                   encoding = "UTF-8", check.names = FALSE, comment.char = "")
  names(data) <- names(columns)  # without the mark that a file for Excel begins with
  for (column in names(columns)) {
    cells <- data[[column]]
    about <- columns[[column]]
    if (about$kind == "utc") data[[column]] <- as.POSIXct(cells, format = "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")
    if (about$kind == "local") data[[column]] <- as.POSIXct(cells, format = "%Y-%m-%d %H:%M:%S", tz = "UTC")
    if (about$kind %in% c("integer", "number")) {
      code <- ifelse(grepl("^[.][a-z]$", cells), cells, NA)
      data[[column]] <- as.numeric(ifelse(is.na(code), cells, NA))
      if (about$extended) data[[paste0(column, "_missing")]] <- code
      if (length(about$values)) attr(data[[column]], "labels") <- setNames(about$values, utf8(names(about$values)))
    }
    attr(data[[column]], "label") <- utf8(about$label)
  }
  data
}
utf8 <- function(texts) {  # whatever the language of this machine is
  Encoding(texts) <- "UTF-8"
  texts
}
"""


def r(tables: Sequence[Described]) -> str:
    """A script of R without packages: `load_table("responses")`."""
    lists = ",\n".join(f"  {table.name} = list(\n{_r_columns(table)}\n  )" for table in tables)
    return f"{_R_HEAD}{lists}{_R_FUNCTION}"


def _r_columns(table: Described) -> str:
    return ",\n".join(
        f"    `{column.name}` = list(kind = '{column.kind.value}', extended = {'TRUE' if column.extended else 'FALSE'},"
        f" label = {json.dumps(column.label, ensure_ascii=False)}, values = {_r_values(column)})"
        for column in table.columns
    )


def _r_values(column: Column) -> str:
    pairs = [f"{json.dumps(text, ensure_ascii=False)} = {value}" for value, text in sorted(column.values.items())]
    return f"c({', '.join(pairs)})"


# -- Python ---------------------------------------------------------------------------------------------------------

_PYTHON = '''"""Loads a table of this export as a pandas data frame: `from load import load; responses = load("responses")`. Missing codes
of a number become NaN; which code it was stands in a column of its own, `NAME_missing`."""

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
NUMBERS = {numbers}
EXTENDED = {extended}
UTC = {utc}
LOCAL = {local}
KEYS = {keys}


def load(table={first!r}):
    """One of: {names}."""
{read}


if __name__ == "__main__":
    for name in KEYS:
        data = load(name)
        print(name, *data.shape, "key is unique" if not data.duplicated(KEYS[name]).any() else "KEY IS NOT UNIQUE")
'''

_READ_CSV = """    path = FOLDER / f"{table}.csv"
    data = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig", lineterminator="\\n")
    for column in EXTENDED[table]:
        data[f"{column}_missing"] = data[column].where(data[column].str.fullmatch(r"\\.[a-z]", na=False))
    for column in NUMBERS[table]:
        data[column] = pd.to_numeric(data[column].where(~data[column].str.fullmatch(r"\\.[a-z]", na=False)))
    for column in UTC[table]:
        data[column] = pd.to_datetime(data[column], format="%Y-%m-%dT%H:%M:%SZ", utc=True)
    for column in LOCAL[table]:
        data[column] = pd.to_datetime(data[column], format="%Y-%m-%d %H:%M:%S")
    return data"""

_READ_PARQUET = '    return pd.read_parquet(FOLDER / f"{table}.parquet")'


def python(tables: Sequence[Described], ending: str) -> str:
    """A module of Python that needs pandas."""

    def named(kinds: set[Kind]) -> dict[str, list[str]]:
        return {table.name: [column.name for column in table.columns if column.kind in kinds] for table in tables}

    return _PYTHON.format(
        numbers=named({Kind.integer, Kind.number}),
        utc=named({Kind.utc}),
        local=named({Kind.local}),
        extended={table.name: [column.name for column in table.columns if column.extended] for table in tables},
        keys={table.name: list(table.key) for table in tables},
        first=tables[0].name,
        names=", ".join(table.name for table in tables),
        read=_READ_CSV if ending == "csv" else _READ_PARQUET,
    )
