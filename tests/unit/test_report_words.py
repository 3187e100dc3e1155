"""The report's words: both languages, and every word that the templates and figures ask for."""

import re
from pathlib import Path

from app import scheduler
from app.exports.report import words
from app.exports.statistics.dispositions import Disposition
from app.flows.language.reports_and_scores import ScoreKind

ROOM = Path(words.__file__).parent
SCHEDULER = Path(scheduler.__file__).parent


def test_every_word_is_in_both_languages_with_the_same_values() -> None:
    for key, texts in words.WORDS.items():
        assert list(texts) == ["es", "en"], key
        es, en = texts.values()
        assert es, key
        assert en, key
        assert re.findall(r"\{\w+\}", es) == re.findall(r"\{\w+\}", en), key


def test_every_word_is_used_and_every_word_that_is_used_is_there() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")]
        if path.name != "words.py"
    )
    asked = set(re.findall(r"words\(f?[\"']([\w-]+)[\"']", text))
    assert asked - words.WORDS.keys() - {"by_", "act_"} == set()
    unused = {key for key in words.WORDS if not re.search(rf"[\"']{re.escape(key)}[\"']", text)}
    built = {
        key
        for key in unused
        if key.startswith(("reason_", "act_", "by_", "no_", "planned", "sent", "delivered", "replied", "completed"))
    }
    built |= {name for kind in ScoreKind for name in (kind.value, f"{kind.value}_note")}
    built |= {disposition.name for disposition in Disposition}
    assert unused - built - {"chi-square", "fisher", "F", "wald", "wave", "week", "hour"} == set()


def test_every_reason_for_which_a_flow_is_not_sent_has_words() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SCHEDULER.glob("*.py"))
    given = set(re.findall(r'(?:Skip\(|Wait\([^"]*|return |reason = [^"\n]*|else )"([a-z]+(?:_[a-z]+)*)"', text))
    assert given >= {"quiet_hours", "drawn_nothing", "held", "sender_paused", "cap", "holiday"}
    assert {
        word
        for word in (given | {"leave", "on_duty", "rest"}) - {"skipped", "whatsapp"}
        if f"reason_{word}" not in words.WORDS
    } == set()
