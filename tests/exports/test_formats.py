"""Each format by itself: what is written is read back by somebody else's library, hostile text and all, and twice the same bytes."""

import csv
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from app.errors import ConfigurationError, ExternalError, UsageError
from app.exports.columns import Column, Kind
from app.exports.formats import FORMATS, Sheet, writer
from app.exports.formats.as_csv import safe
from app.exports.writers import replacing

COLUMNS = (
    Column("row_id", "Key", Kind.integer),
    Column("told", "Lo que se escribió", Kind.text),
    Column("answer", "Answer", Kind.number, {0: "No", 1: "Sí"}, extended=True),
    Column("flag", "Flag", Kind.integer, {0: "no", 1: "yes"}),
    Column("at", "Moment", Kind.utc),
    Column("local", "Moment, local", Kind.local),
    Column("word", "Word"),
)
ROWS = [
    [1, "hola", 1, 1, "2026-03-02T16:05:09Z", "2026-03-02 10:05:09", "ok"],
    [2, None, ".d", 0, None, None, None],
    [3, "ñ🙂" * 800, 0.5, None, "1955-03-02T16:00:01Z", "1955-03-02 10:00:01", "x"],
    [70_000, "=1+1", None, 1, "2026-03-02T16:05:09Z", None, "a b"],
    [3_000_000_000, "-5", ".m", 1, None, None, ""],
]

Read = Callable[[Path], list[Any]]


def sheet(rows: list[list[Any]] = ROWS, columns: tuple[Column, ...] = COLUMNS) -> Sheet:
    return Sheet("prueba", "a row", ("row_id",), columns, [rows[:2], rows[2:]] if len(rows) > 2 else [rows])


def written(folder: Path, ending: str, rows: list[list[Any]] = ROWS, columns: tuple[Column, ...] = COLUMNS) -> Path:
    path = folder / f"prueba.{ending}"
    writer(ending)(path, sheet(rows, columns))
    return path


# -- the texts of the column `told`, as each format gives them back ---------------------------------------------------


def from_csv(path: Path) -> list[Any]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["told"] for row in csv.DictReader(file)]


def from_lines(path: Path) -> list[Any]:
    return [json.loads(line)["told"] for line in path.read_bytes().split(b"\n") if line]


def from_workbook(path: Path) -> list[Any]:
    book = load_workbook(str(path))
    return [row[1] for row in book.get_sheet_by_index(0).to_python()[1:]]


def from_stata(path: Path) -> list[Any]:
    return list(pyreadstat.read_dta(str(path))[0]["told"])


def from_spss(path: Path) -> list[Any]:
    return list(pyreadstat.read_sav(str(path))[0]["told"])


def from_parquet(path: Path) -> list[Any]:
    return list(pq.read_table(path)["told"].to_pylist())


READERS: dict[str, Read] = {
    "csv": from_csv,
    "jsonl": from_lines,
    "xlsx": from_workbook,
    "dta": from_stata,
    "sav": from_spss,
    "parquet": from_parquet,
}


def expected(ending: str, text: str) -> str:
    match ending:
        case "csv":
            return str(safe(text))
        case "xlsx" | "dta":
            return text.replace("\0", "␀")
        case "sav":  # SPSS pads texts with spaces
            return text.replace("\0", "␀").rstrip(" ")
        case _:
            return text


def test_every_format_has_a_reader_here() -> None:
    assert set(READERS) == set(FORMATS)


HOSTILE = st.one_of(
    st.sampled_from(
        [
            '=HYPERLINK("http://x")',
            "+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "'",
            '"',
            '""',
            ",",
            ";",
            'a,b"c"\nd',
            "\n",
            "a\rb",
            "a\r\nb",
            "\0",
            "a\0b",
            "🙂👮🏽‍♀️",
            "\u202eabc",
            "שלום עולם",
            "مرحبا",
            "ñ" * 1600,
            "🙂" * 1600,
            ".d",
            "-5",
            "NULL",
            "NA",
            "nan",
            "1e5",
            "_x0041_",
            "{=1}",
            "http://example.mx",
            " a ",
            "#N/A",
            "\ufeff",
            "\u2028",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=60),
)


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(HOSTILE, min_size=1, max_size=8))
def test_hostile_text_survives(tmp_path: Path, ending: str, texts: list[str]) -> None:
    if ending == "xlsx":  # characters that XML has not are nobody's words
        texts = ["".join(char for char in text if char >= " " or char in "\t\n\r\0") for text in texts]
        texts = [text for text in texts if "\ufffe" not in text and "\uffff" not in text]
    rows = [[place, text, 1, 1, None, None, "x"] for place, text in enumerate(texts)]
    found = READERS[ending](written(tmp_path, ending, rows))
    assert found == [expected(ending, text) for text in texts]


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_rows_are_the_same_bytes_at_another_time(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written(tmp_path, ending).read_bytes()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100_000)
    time.sleep(1.1 if ending == "sav" else 0)  # its library asks the system itself
    assert written(tmp_path, ending).read_bytes() == first


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_without_rows(tmp_path: Path, ending: str) -> None:
    assert READERS[ending](written(tmp_path, ending, [])) == []


@pytest.mark.parametrize("ending", FORMATS)
def test_a_table_with_a_column_of_nothing(tmp_path: Path, ending: str) -> None:
    rows = [[place, None, None, None, None, None, None] for place in range(3)]
    assert not any(READERS[ending](written(tmp_path, ending, rows)))


# -- Stata and SPSS ---------------------------------------------------------------------------------------------------


def test_stata_has_labels_missing_codes_and_moments(tmp_path: Path) -> None:
    path = written(tmp_path, "dta")
    data, about = pyreadstat.read_dta(str(path), user_missing=True)
    assert about.column_names_to_labels["told"] == "Lo que se escribió"
    assert about.variable_value_labels["answer"] == {
        0: "No",
        1: "Sí",
        "d": "does not know",
        "n": "not applicable",
        "r": "refused",
        "s": "skipped by the flow's logic",
        "m": "never answered",
        "o": "other",
        "u": "applicable, but not needed, as the officer says",
    }
    assert about.variable_value_labels["flag"] == {0: "no", 1: "yes"}
    assert list(data["answer"][:3]) == [1, "d", 0.5]
    assert math.isnan(data["answer"][3])
    assert data["answer"][4] == "m"
    assert list(data["row_id"]) == [1, 2, 3, 70_000, 3_000_000_000]
    assert str(data["at"][0]) == "2026-03-02 16:05:09"
    assert str(data["local"][2]) == "1955-03-02 10:00:01"
    assert pd.isna(data["at"][1])
    assert about.file_label.startswith("Trato: prueba")


def test_pandas_reads_the_same_of_stata(tmp_path: Path) -> None:
    path = written(tmp_path, "dta")
    with pd.io.stata.StataReader(path, convert_missing=True, convert_categoricals=False, convert_dates=False) as reader:
        data = reader.read()
        assert reader.variable_labels()["answer"] == "Answer"
        assert reader.value_labels()["flag"] == {0: "no", 1: "yes"}
    assert [str(cell) for cell in data["answer"]] == ["1.0", ".d", "0.5", ".", ".m"]
    assert list(data["told"]) == ["hola", "", "ñ🙂" * 800, "=1+1", "-5"]
    plain = pd.read_stata(path, convert_categoricals=False)
    assert str(plain["at"][0]) == "2026-03-02 16:05:09"
    assert list(plain["flag"].fillna(-1)) == [1, 0, -1, 1, 1]


@pytest.mark.parametrize(
    ("least", "most"),
    [
        (-127, 100),
        (-128, 100),
        (0, 101),
        (-32_767, 32_740),
        (0, 32_741),
        (0, 2_147_483_620),
        (0, 2_147_483_621),
        (-1, 2**52),
    ],
)
def test_whole_numbers_of_every_width_are_whole_in_stata(tmp_path: Path, least: int, most: int) -> None:
    path = written(tmp_path, "dta", [[least, "", None, None, None, None, ""], [most, "", 1, 0, None, None, ""]])
    assert list(pd.read_stata(path, convert_categoricals=False)["row_id"]) == [least, most]
    assert list(pyreadstat.read_dta(str(path))[0]["row_id"]) == [least, most]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Column("a" * 33, "x"), "33 characters"),
        (Column("año", "x"), "cannot be the name"),
        (Column("if", "x"), "cannot be the name"),
        (Column("str5", "x"), "cannot be the name"),
        (Column("x", "l" * 81), "label of x has 81"),
        (Column("x", "x", Kind.number, {2_147_483_621: "Sí"}), "x has the value 2147483621"),
    ],
)
def test_what_stata_would_rename_or_cut_is_refused_before_anything_is_written(
    tmp_path: Path, column: Column, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        written(tmp_path, "dta", [[1, 1]], (COLUMNS[0], column))
    assert not list(tmp_path.iterdir())


def test_spss_has_labels_and_missing_codes(tmp_path: Path) -> None:
    path = written(tmp_path, "sav")
    data, about = pyreadstat.read_sav(str(path), user_missing=True)
    assert list(data["answer"].fillna(0)) == [1, -9991, 0.5, 0, -9995]
    assert about.variable_value_labels["answer"][-9991] == "does not know"
    assert about.missing_ranges["answer"] == [{"lo": -9997, "hi": -9991}]
    assert about.column_names_to_labels["answer"] == "Answer"
    assert str(data["at"][0]) == "2026-03-02 16:05:09"
    assert list(pyreadstat.read_sav(str(path))[0]["answer"].fillna(-1)) == [1, -1, 0.5, -1, -1]


def test_a_label_that_is_too_long_for_spss_is_shortened_between_characters(tmp_path: Path) -> None:
    columns = (COLUMNS[0], Column("x", "x", Kind.number, {1: "a" + "ñ" * 100, 2: "b" * 120}))
    _, about = pyreadstat.read_sav(str(written(tmp_path, "sav", [[1, 1]], columns)))
    assert about.variable_value_labels["x"] == {1.0: "a" + "ñ" * 58 + "…", 2.0: "b" * 120}


def test_a_value_that_spss_would_take_for_a_missing_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="stands for a missing code"):
        written(tmp_path, "sav", [[1, "", -9991, 1, None, None, ""]])


def test_spss_gets_no_more_rows_than_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exports.formats.as_sav.MOST_ROWS", 3)
    with pytest.raises(UsageError, match="more than 3 rows"):
        written(tmp_path, "sav")
    assert not list(tmp_path.glob("*.sav"))


def test_parquet_has_types_and_missing_codes(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path, "parquet"))
    assert table["answer"].to_pylist() == [1, None, 0.5, None, None]
    assert table["answer_missing"].to_pylist() == [None, ".d", None, None, ".m"]
    assert str(table.schema.field("at").type) == "timestamp[ms, tz=UTC]"
    assert table["at"].to_pylist()[0].isoformat() == "2026-03-02T16:05:09+00:00"
    labels = {b"label": b"Answer", b"values": '{"0": "No", "1": "Sí"}'.encode()}
    assert table.schema.field("answer").metadata == labels


def test_a_workbook_has_numbers_texts_and_no_formula(tmp_path: Path) -> None:
    rows = load_workbook(str(written(tmp_path, "xlsx"))).get_sheet_by_index(0).to_python()
    names = [column.name for column in COLUMNS]
    assert rows[0] == [*names[:3], "answer_missing", *names[3:]]
    assert [row[2:4] for row in rows[1:]] == [[1, ""], ["", ".d"], [0.5, ""], ["", ""], ["", ".m"]]
    assert rows[4][1] == "=1+1"


def test_a_workbook_cuts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="32,767 characters"):
        written(tmp_path, "xlsx", [[1, "x" * 32_768, 1, 1, None, None, ""]])
    monkeypatch.setattr("app.exports.formats.as_xlsx.MOST_ROWS", 3)
    with pytest.raises(UsageError, match="more than 3 rows"):
        written(tmp_path, "xlsx")


# -- what is not there, and what does not fit --------------------------------------------------------------------------


def test_an_unknown_format_and_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"no format 'parket'\. Did you mean parquet"):
        writer("parket")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    monkeypatch.delitem(sys.modules, "app.exports.formats.as_sav", raising=False)
    with pytest.raises(ConfigurationError, match=r"the format sav needs pyreadstat.*pip install '.*\[analysis\]'"):
        writer("sav")


FULL = """
import resource, signal, sys
from pathlib import Path
from app.errors import ExternalError
from app.exports.formats import writer
from app.exports.writers import replacing
sys.path.insert(0, {root!r})
from tests.exports.test_formats import sheet
write = writer({ending!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
rows = [[n, f"{{n * 2654435761 % 2**32:x}}" * 9, n % 7, 1, None, None, "x"] for n in range(5_000)]
try:
    with replacing(Path({path!r})) as partial:
        write(partial, sheet(rows))
except ExternalError as error:
    print(error)
"""


@pytest.mark.parametrize("ending", FORMATS)
def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"prueba.{ending}"
    script = FULL.format(ending=ending, path=str(path), root=str(Path(__file__).parents[2]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert f"{path} cannot be written: " in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), replacing(path) as partial:  # noqa: PT012 - it is what happens inside
        partial.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    path.unlink()
    path.mkdir()
    with pytest.raises(ExternalError, match="cannot be written"), replacing(path) as partial:
        partial.write_text("x")
