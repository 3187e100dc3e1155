"""The pages of the codes: their blocks are run, every code has a page, and the index has every page."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.flows.checks import CHECKS, ERRORS, LINTS
from app.flows.checks.base import Check
from app.flows.checks.launch import FOR_LAUNCH
from app.flows.language.problems import Severity
from app.flows.loader import launch, lint, load
from tests.excerpts import whole
from tests.lint_pages import INDEX, PAGES, WITH_BLOCKS, Page

ROOT = Path(__file__).parent.parent.parent

_OF_WHOLE_FILES = {"yaml-encoding", "yaml-limit", "yaml-empty", "too-long", "duplicate-programme", "file-name"}
_OF_TRANSCRIPTS = {"unknown-programme", "unknown-variant", "unknown-variable", "bad-moment", "talk-block", "talk-line"}
_OF_CONVERSATIONS = {"missing-value", "too-many-steps", "too-many-calls", "step-gone"}
"""Failures that the engine records. They are no codes of `trato check`."""


def _codes(excerpt: str, severity: Severity | None) -> set[str]:
    loaded = load(whole(excerpt), "f.yaml")
    return {problem.code for problem in (*loaded.problems, *lint(loaded)) if severity in (None, problem.severity)}


_LAUNCH = {check.code for check in FOR_LAUNCH}


@pytest.mark.parametrize("page", [page for page in WITH_BLOCKS if page.code not in _LAUNCH], ids=lambda page: page.code)
def test_the_first_block_has_this_fault_only_and_the_second_none(page: Page) -> None:
    # Errors are asked for alone: an example of one need not be wise in everything else.
    severity = page.severity if page.severity is Severity.error else None
    assert _codes(page.fails, severity) == {page.code}
    assert _codes(page.passes, severity) == set()
    assert isinstance(YAML(typ="safe", pure=True).load(whole(page.passes)), dict), "another reader of YAML takes it"


@pytest.mark.parametrize("check", FOR_LAUNCH, ids=lambda check: check.code)
def test_what_a_launch_lacks_is_reported_for_the_first_block_only(check: Check) -> None:
    page = next(page for page in PAGES if page.code == check.code)
    fails, passes = (load(whole(block), "f.yaml") for block in (page.fails, page.passes))
    assert (fails.problems, passes.problems) == ((), ())
    assert check.code in {problem.code for problem in launch(fails)}
    assert check.code not in {problem.code for problem in launch(passes)}
    if check.severity is Severity.error:
        assert check.code in {problem.code for problem in launch(load(whole(""), "f.yaml"))}, (
            "and where there is nothing at all"
        )


def test_every_page_has_its_blocks() -> None:
    assert {page.code for page in PAGES} - {page.code for page in WITH_BLOCKS} == _OF_WHOLE_FILES | _OF_TRANSCRIPTS


def _reported_before_checks() -> set[str]:
    """The codes that no check has: literals of `app/flows` with a hyphen, those of the models' errors, and `empty`."""
    written = {"empty"}
    for file in (ROOT / "app" / "flows").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "fault"
                and isinstance(node.args[0], ast.Constant)
            ):
                written.add(str(node.args[0].value))
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written.update(re.findall(r"\A[a-z]+(?:-[a-z]+)+\Z", node.value))
    assert {"duration", "yaml-limit", "talk-line"} <= written
    return written - {check.code for check in (*CHECKS, *FOR_LAUNCH)} - _OF_CONVERSATIONS


def test_every_code_has_a_page_with_its_severity_and_every_page_a_code() -> None:
    severities = dict.fromkeys(_reported_before_checks(), Severity.error)
    severities |= {check.code: check.severity for check in (*CHECKS, *FOR_LAUNCH)}
    assert {page.code: page.severity for page in PAGES} == severities
    assert all(len(text) > 20 for page in PAGES for text in (page.about, page.spanish))


def test_every_check_has_a_code_of_its_own() -> None:
    codes = [check.code for check in (*CHECKS, *FOR_LAUNCH)]
    assert len(codes) == len(set(codes))
    assert set(codes) - _LAUNCH == {check.code for check in (*ERRORS, *LINTS)}


def test_every_code_reported_in_the_broken_files_has_a_page() -> None:
    expected = (ROOT / "tests" / "broken" / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split()[1] for line in expected} <= {page.code for page in PAGES}


def test_the_index_has_every_page_once_with_its_severity() -> None:
    lines = [line for line in INDEX.read_text(encoding="utf-8").splitlines() if line.startswith("| [")]
    rows = [re.fullmatch(r"\| \[([a-z-]+)\]\(\1\.md\) \| (error|warning) \| (.+) \|", line) for line in lines]
    assert [row and (row[1], row[2]) for row in rows] == [(page.code, page.severity.value) for page in PAGES]
    assert all(row and len(row[3]) > 20 for row in rows)
