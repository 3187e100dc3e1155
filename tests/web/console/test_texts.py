"""The catalogue: every text in both languages, none missing, none that nobody uses."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from app.channels.causes import Cause
from app.exports.columns import MISSING
from app.exports.formats import FORMATS, PACKAGES
from app.exports.tables import TABLES
from app.flows.engine.events import SessionOutcome
from app.flows.language.definition import Level
from app.flows.tryouts import Press
from app.people.roles import SCOPES, Role
from app.review.free_text import DECISIONS
from app.roster.uploads import LISTS
from app.scheduler.first_steps import StepCode
from app.sending.announcing import Fate
from app.sheets.table_in_file import Hidden
from app.store.announcements import AnnouncementStatus
from app.store.case_list import Order, Which
from app.store.cases import CaseOutcome, CaseReason
from app.store.failures import EXPIRED
from app.store.funnel import Stage
from app.store.holds import Hold
from app.store.officer_list import Standing
from app.store.tables import ContactStatus, MediaStatus, MessageStatus, NudgeStatus
from app.store.uploads import UploadKind, UploadStatus
from app.web.console import behind, texts, today
from app.web.console.texts import LANGUAGES, Texts, catalogue

APP = Path(__file__).parents[3] / "app"
CONSOLE = APP / "web" / "console"
SOURCES = [*(APP / "web").glob("*.py"), *CONSOLE.glob("*.py"), *CONSOLE.glob("templates/*.html")]
NAMED = re.compile(r"""\bt(?:exts_for\(request\))?\(\s*["']([a-z_]+\.[a-z0-9_.]+)["']""")
COUNTED = re.compile(r"""\bt\.counted\(\s*["']([a-z_.]+)["']""")
FAMILIES = {
    "reason": CaseReason,
    "outcome": CaseOutcome,
    "which": Which,
    "empty": Which,
    "order": Order,
    "role": Role,
    "hold": [*Hold, "cohort", "stopped"],
    "status": MessageStatus,
    "file": MediaStatus,
    "cause": [*Cause, EXPIRED],
    "cure": [*Cause, EXPIRED],
    "calendar": NudgeStatus,
    "stage": [*today.SHOWN, behind.SKIPPED],
    "reached": Stage,
    "contact": ContactStatus,
    "level": Level,
    "decision": DECISIONS,
    "scope": SCOPES,
    "step": StepCode,
    "channel": ["whatsapp", "sms"],
    "press": Press,
    "token": ["valid", "expired", "revoked", "disabled"],
    "review": ["waiting", "closed", "reviewed", "changed", "redaction", "voice_note"],
    "format": [*FORMATS, *PACKAGES],
    "table": [one.name for one in TABLES],
    "fate": Fate,
    "notice_status": AnnouncementStatus,
    "standing": Standing,
    "rows": LISTS,
    "hidden": ["unsaid", *Hidden],
    "working": [UploadStatus.checking, UploadStatus.importing],
    "uploaded": UploadKind,
    "month": range(1, 13),
    "weekday": range(1, 8),
    "protocol": range(1, 7),
    "ended": SessionOutcome,
    "code": MISSING,
    "takes": ["number", "date", "time"],
}
"""Texts that are named by a member of an enumeration."""
RAISING = [
    "cases/*.py",
    "roster/leaving.py",
    "roster/numbers.py",
    "roster/story.py",
    "roster/leave.py",
    "roster/cohorts.py",
    "sending/announcing.py",
    "sending/composing.py",
    "roster/uploads.py",
    "roster/identities.py",
    "tryouts/*.py",
    "alerting/trying.py",
    "people/accounts.py",
    "people/passwords.py",
    "people/tokens.py",
    "store/cohorts.py",
    "store/audit_chain.py",
    "review/coding.py",
    "review/correcting.py",
    "exports/package.py",
    "exports/report/sample.py",
    "web/forms.py",
    "conversations/drafting.py",
    "exports/attributes.py",
    "web/console/*.py",
]


def raised() -> dict[str, set[str]]:
    """The codes of the errors that the use cases of pages raise, each with the facts that it has."""
    found: dict[str, set[str]] = {}
    for pattern in RAISING:
        for file in APP.glob(pattern):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"UsageError", "ConflictError"}:
                    if "--" in ast.unparse(node.args[0]) and len(node.args) == 1:
                        continue  # about an option of a command
                    assert len(node.args) == 2, f"{file.name}:{node.lineno}: an error without a code has no words here"
                    for code in ast.walk(node.args[1]):
                        if isinstance(code, ast.Constant) and isinstance(code.value, str):
                            found.setdefault(code.value, set()).update(str(one.arg) for one in node.keywords)
    return found


def used() -> set[str]:
    """The keys of texts that pages name, in full or by a family."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
    found = set(NAMED.findall(text)) | set(re.findall(r'"(frame\.(?!html)[a-z_]+)"', text))
    found |= {f"{key}.{number}" for key in COUNTED.findall(text) for number in ("one", "many")}
    return found | {f"{family}.{member}" for family, members in FAMILIES.items() for member in members}


def test_every_text_that_a_page_names_is_there() -> None:
    assert used() - catalogue().keys() == set()


def test_no_text_is_there_that_nothing_names() -> None:
    free = ("done.", "missing.", "did.", "became.", "skip.", "leave.", "said.", "field.", "error.", "part.", "by.")
    assert {key for key in catalogue().keys() - used() if not key.startswith(free)} == set()


@pytest.mark.parametrize("key", catalogue())
def test_a_text_is_there_in_each_language_with_the_same_facts(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    facts = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in texts.values()]
    assert facts[0] == facts[1]


def test_every_error_of_a_use_case_has_words_with_facts_that_it_has() -> None:
    codes = raised()
    assert len(codes) > 40
    for code, facts in codes.items():
        for text in catalogue()[f"error.{code}"].values():
            assert {name for _, name, _, _ in Formatter().parse(text) if name} <= facts, code
    others = {
        "other",
        "choose_campaign",
        "no_reason",
        "no_table",
        "nothing_wanted",
        "agreed_already",
        "asks_no_consent",
    }  # told by more than one call
    assert {key.removeprefix("error.") for key in catalogue() if key.startswith("error.")} - codes.keys() == others


def test_every_act_says_that_it_is_done() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in CONSOLE.glob("*.py"))
    named = set(re.findall(r'_handler\(_\w+, (?:Permission\.\w+, )?"(\w+)"', text))
    named |= {f"{what}_{how}" for what in ("all", "cohort") for how in ("stopped", "goes_on")}  # today.py
    named |= {one or other for one, other in re.findall(r'visit\.go\(.+, "(\w+)"\)|_done\(\s*visit, "(\w+)"', text)}
    assert {key.removeprefix("done.") for key in catalogue() if key.startswith("done.")} == named


def test_spanish_is_for_everybody_who_has_not_chosen() -> None:
    assert Texts()("frame.pending") == "Pendientes"
    assert Texts("en").counted("pending.messages", 2) == "2 messages"


def test_a_key_stands_in_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('"x.y" = {es = "x", en = "x"}\n', encoding="utf-8")
    monkeypatch.setattr(texts, "_CATALOGUE", tmp_path)
    with pytest.raises(ValueError, match="another file has"):
        catalogue.__wrapped__()
