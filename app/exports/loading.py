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
    names = " ".join(table.name for table in tables)
    head = (
        f'* Loads a table of this export: do load.do TABLE\n* TABLE is one of: {names}\nversion 14\nargs table\n'
        f'if "`table\'" == "" local table {tables[0].name}\n'
    )
    body = "".join(_stata_table(table, ending) for table in tables)
    return head + body


def _stata_table(table: Described, ending: str) -> str:
    lines = [f'use "{table.name}.dta", clear'] if ending == "dta" else _stata_csv(table)
    body = "".join(f"    {line}\n" for line in lines)
    return f'if "`table\'" == "{table.name}" {{\n{body}}}\n'


def _stata_csv(table: Described) -> list[str]:
    # Everything as text first: Stata would take .d for a text, and 007 for a number.
    options = 'varnames(1) case(preserve) stringcols(_all) encoding("utf-8") bindquotes(strict) maxquotedrows(unlimited)'
    lines = [f'import delimited using "{table.name}.csv", clear {options}']
    for column in table.columns:
        name = column.name
        if column.is_moment:
            lines += [
                f'generate double _moment = clock(subinstr(substr({name}, 1, 19), "T", " ", 1), "YMDhms")', f"drop {name}",
                f"rename _moment {name}", f"format {name} %tc",
            ]
        elif column.is_number:
            lines.append(f"generate double _number = real({name})")
            if column.extended:
                lines += [f"foreach code in {_CODES} {{", f'    replace _number = .`code\' if {name} == ".`code\'"', "}"]
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
    return '`"' + text.replace("`", "'").replace("$", "\\$").replace('"', "'") + "\"'"


# -- R --------------------------------------------------------------------------------------------------------------


_R_HEAD = """\
# Loads a table of this export as a data frame: source("load.R"); responses <- load_table("responses")
# Missing codes of a number become NA; which code it was stands in a column of its own, NAME_missing.
here <- if (exists("export_folder")) export_folder else "."
tables <- list(
"""

_R_FUNCTION = """
)
load_table <- function(name = names(tables)[1], folder = here) {
  columns <- tables[[name]]
  data <- read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character", na.strings = "",
                   fileEncoding = "UTF-8-BOM", check.names = FALSE, comment.char = "")
  for (column in names(columns)) {
    cells <- data[[column]]
    about <- columns[[column]]
    if (about$kind == "utc") data[[column]] <- as.POSIXct(cells, format = "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")
    if (about$kind == "local") data[[column]] <- as.POSIXct(cells, format = "%Y-%m-%d %H:%M:%S", tz = "UTC")
    if (about$kind %in% c("integer", "number")) {
      code <- ifelse(grepl("^[.][a-z]$", cells), substr(cells, 2, 2), NA)
      data[[column]] <- as.numeric(ifelse(is.na(code), cells, NA))
      if (about$extended) data[[paste0(column, "_missing")]] <- code
      if (length(about$values)) attr(data[[column]], "labels") <- about$values
    }
    attr(data[[column]], "label") <- about$label
  }
  data
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

_READ_CSV = """    data = pd.read_csv(FOLDER / f"{table}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig", lineterminator="\\n")
    for column in EXTENDED[table]:
        data[f"{column}_missing"] = data[column].where(data[column].str.fullmatch(r"\\.[a-z]"), "").str.removeprefix(".")
    for column in NUMBERS[table]:
        data[column] = pd.to_numeric(data[column].where(~data[column].str.fullmatch(r"\\.[a-z]"), ""), errors="coerce")
    for column in UTC[table]:
        data[column] = pd.to_datetime(data[column].replace("", None), format="%Y-%m-%dT%H:%M:%SZ", utc=True)
    for column in LOCAL[table]:
        data[column] = pd.to_datetime(data[column].replace("", None), format="%Y-%m-%d %H:%M:%S")
    return data"""

_READ_PARQUET = '    return pd.read_parquet(FOLDER / f"{table}.parquet")'


def python(tables: Sequence[Described], ending: str) -> str:
    """A module of Python that needs pandas."""

    def named(kinds: set[Kind]) -> dict[str, list[str]]:
        return {table.name: [column.name for column in table.columns if column.kind in kinds] for table in tables}

    return _PYTHON.format(
        numbers=named({Kind.integer, Kind.number}), utc=named({Kind.utc}), local=named({Kind.local}),
        extended={table.name: [column.name for column in table.columns if column.extended] for table in tables},
        keys={table.name: list(table.key) for table in tables}, first=tables[0].name,
        names=", ".join(table.name for table in tables), read=_READ_CSV if ending == "csv" else _READ_PARQUET,
    )
