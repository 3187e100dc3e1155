"""The corpora of replies are read as well as the design asks, kind by kind."""

import json
from pathlib import Path

import pytest

from app.errors import UsageError
from app.flows.replies.forms import AnswerKind, Form, Parsed, Unparsed
from tests.replies.__main__ import main
from tests.replies.corpus import ENOUGH_RIGHT, FILES, TOO_MANY_WRONG, Corpus, Labelled, Verdict, load

CORPUS = Path(__file__).parent.parent / "replies" / "corpus.yaml"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_read_right_and_hardly_ever_wrongly_accepted(file: Path) -> None:
    verdicts = load(file).judged()
    right = sum(verdict.right for verdict in verdicts) / len(verdicts)
    assert right >= ENOUGH_RIGHT, [verdict.reply.text for verdict in verdicts if not verdict.right]
    wrong = [verdict.reply.text for verdict in verdicts if verdict.wrongly_accepted]
    assert len(wrong) <= TOO_MANY_WRONG * len(verdicts), wrong


def test_the_corpus_is_large_and_asks_for_restraint_too() -> None:
    replies = load(CORPUS).replies
    assert len(replies) >= 400
    assert {reply.form.kind for reply in replies} >= set(AnswerKind) - {AnswerKind.media}
    assert sum(not reply.acceptable for reply in replies) > len(replies) / 5
    labels: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for reply in replies:
        label = reply.value, reply.missing
        assert labels.setdefault((reply.section, reply.text), label) == label, reply.text


def test_a_verdict_tells_wrong_acceptances_from_silence() -> None:
    form = Form(AnswerKind.number)
    two = Parsed(2, None, "2", "number", 1.0)
    missing = Parsed(None, None, "No sé", "missing", 1.0, "d")
    assert Verdict(Labelled("", form, "2", value="2"), two).right
    assert Verdict(Labelled("", form, "3", value="3"), two).wrongly_accepted
    assert Verdict(Labelled("", form, "x"), two).wrongly_accepted
    assert Verdict(Labelled("", form, "no sé", missing="d"), missing).right
    assert Verdict(Labelled("", form, "no sé"), missing).wrongly_accepted
    silent = Verdict(Labelled("", form, "2", value="2"), Unparsed("no_match"))
    assert not silent.right
    assert not silent.wrongly_accepted


@pytest.mark.parametrize(
    "text", ["", "at: x", "at: '2026-03-11T10:00:00-06:00'\nsections: [{name: a, as: nothing}]", "a: [", "- 1"]
)
def test_what_is_no_corpus_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "corpus.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"corpus\.yaml is not a corpus"):
        load(file)


def test_an_empty_corpus_is_read() -> None:
    from_nothing = Corpus(at=load(CORPUS).at, replies=())
    assert from_nothing.judged() == []


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError):
        main(["/nowhere.yaml"])


def test_the_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(CORPUS)]) == 0
    report = capsys.readouterr().out
    assert "median" in report
    assert "total" in report
    assert main([str(CORPUS), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["microseconds"]) == {"median", "slowest", "of_300_characters", "of_1600_characters"}
    assert found["replies"] >= 400


def test_a_corpus_that_is_read_badly_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "at: '2026-03-11T10:00:00-06:00'\nsections: [{name: a, as: yes_no, understood: {1: 'no'}}]", encoding="utf-8"
    )
    assert main([str(bad)]) == 1
    assert "«no» → 0 by label, expected 1" in capsys.readouterr().out
