"""The corpora of replies are read as well as the design asks, kind by kind."""

from pathlib import Path

import pytest

from app.cli.corpus import Corpus, Labelled, Verdict, load
from app.errors import UsageError
from app.flows.replies.forms import Form, Kind, Parsed, Unparsed

FOLDER = Path(__file__).parent.parent / "replies"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_read_right_and_hardly_ever_wrongly_accepted(file: Path) -> None:
    verdicts = load(file).judged()
    right = sum(verdict.right for verdict in verdicts) / len(verdicts)
    assert right >= 0.98, [verdict.reply.text for verdict in verdicts if not verdict.right]
    wrong = [verdict.reply.text for verdict in verdicts if verdict.wrongly_accepted]
    assert len(wrong) <= 0.005 * len(verdicts), wrong


def test_the_corpus_is_large_and_asks_for_restraint_too() -> None:
    replies = load(FOLDER / "corpus.yaml").replies
    assert len(replies) >= 400
    assert {reply.form.kind for reply in replies} >= set(Kind) - {Kind.media}
    assert sum(not reply.acceptable for reply in replies) > len(replies) / 5
    labels: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for reply in replies:
        label = reply.value, reply.missing
        assert labels.setdefault((reply.section, reply.text), label) == label, reply.text


def test_a_verdict_tells_wrong_acceptances_from_silence() -> None:
    form = Form(Kind.number)
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
    from_nothing = Corpus(at=load(FOLDER / "corpus.yaml").at, replies=())
    assert from_nothing.judged() == []
