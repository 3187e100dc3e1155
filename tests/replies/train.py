"""`python -m tests.replies.train`: trains the model of `app.flows.replies.model` on the labelled messages of this folder and
writes its weights.

A line of `labelled/` is a message, or several: of `(a|b)` one is taken. The blind sets that are spent and the part `build` of
`safety.yaml` belong to it; what is read once does not. `--without second --to FILE` holds a source out:
`python -m tests.replies.blind second --weights FILE` then reads messages that the model does not know.
"""

import argparse
import json
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from random import Random
from zlib import compress

import numpy as np
from ruamel.yaml import YAML
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags

from app.flows.replies.fold import fold
from app.flows.replies.model import BUCKETS, CLASSES, WEIGHTS, bucket, features, looked_at
from app.flows.replies.patterns import line_of
from tests.replies.corpus import SAFETY

HERE = Path(__file__).parent
LABELLED, BLIND = HERE / "labelled", HERE / "blind"
REST = "rest"
OF_A_LINE = 24
SEED = 15
WRITTEN, OF_LINE = 10.0, 3.0
"""The weights of a message that was written by itself, and of one of many that a line stands for."""
SHRINK = 5e-7
"""How much large weights cost."""
ROUNDS = 200
RARE = 6.0
"""The logarithm of a rarity of 1: one message in 400."""

_CHOICE = re.compile(r"\(([^()]*)\)")
_OF_ACT = {"crisis": "crisis", "serious": "serious", "leave": "leave", "leave_maybe": "perhaps"}

Labelled = tuple[str, str, float]
"""A message, its class, and how much it counts."""


def corpus(without: Collection[str] = ()) -> list[Labelled]:
    """Every message with its class, each text once, without what is in some sources at all."""
    found: dict[str, Labelled] = {}
    held_out = {text for name in without for text, *_ in SOURCES[name]()}
    for name, messages in SOURCES.items():
        for message in messages() if name not in without else ():
            found.setdefault(message[0], message)
    return [message for text, message in found.items() if text not in held_out]


def digest(messages: list[Labelled]) -> str:
    """The fingerprint of a corpus."""
    return sha256(json.dumps(messages, ensure_ascii=False).encode()).hexdigest()[:16]


def _labelled(source: str) -> Iterator[Labelled]:
    for label in (*CLASSES, REST):
        for line in (LABELLED / source / f"{label}.txt").read_text(encoding="utf-8").splitlines():
            texts = _spelt_out(line)
            for text in texts:
                yield text, label, WRITTEN if len(texts) == 1 else OF_LINE


def _spelt_out(line: str) -> list[str]:
    """Some of the messages that a line stands for, always the same ones."""
    parts, random = _CHOICE.split(line), Random(line)
    found: set[str] = set()
    for _ in range(3 * OF_A_LINE if len(parts) > 1 else 1):
        text = "".join(random.choice(part.split("|")) if place % 2 else part for place, part in enumerate(parts))
        found.add(" ".join(text.split()).replace(" ,", ","))
        if len(found) == OF_A_LINE:
            break
    return sorted(found - {""})


def _blind(source: str) -> Iterator[Labelled]:
    for file in (BLIND / source / "others.jsonl", BLIND / source / "answers.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            row = json.loads(line)
            label = _OF_ACT.get(row["act"], REST)
            if row["purpose"] != "fact" and row["want"] == 0:
                continue  # «ya no quiero mensajes» is a no to an invitation only
            if label != REST or not _OF_ACT.keys() & set(row["also_act"]) or row.get("hard_negative"):
                yield row["text"], label, WRITTEN


def _safety() -> Iterator[Labelled]:
    part = YAML(typ="safe", pure=True).load(SAFETY.read_text(encoding="utf-8"))["build"]
    for name, texts in part.items():
        for text in texts.splitlines():
            yield text, REST if name == "hard" else name, WRITTEN


SOURCES: dict[str, Callable[[], Iterator[Labelled]]] = {
    "first": partial(_blind, "first"),
    "second": partial(_blind, "second"),
    "third": partial(_blind, "third"),
    "fourth": partial(_blind, "fourth"),
    "fifth": partial(_blind, "fifth"),
    "sixth": partial(_blind, "sixth"),
    "seventh": partial(_blind, "seventh"),
    "eighth": partial(_blind, "eighth"),
    "safety": _safety,
    "builder": partial(_labelled, "builder"),
    "lessons": partial(_labelled, "lessons"),
    "writers": partial(_labelled, "writers"),
    "later": partial(_labelled, "later"),
    "harder": lambda: chain(_blind("harder"), _labelled("harder")),
}
"""The messages by who wrote them: the seven blind sets, which are spent; the model's builders, whose `lessons` came after the misses of the
second and the later sets; two writers who had seen neither sets nor model; `later` ones, of whose messages each third was read by a model
that knew the others, to choose the shares; and `harder` ones, asked for kinds that earlier ones had not thought of. What one source holds tells how well the model that knows the others reads it."""


def trained(messages: list[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """The weights by class and bucket, and the biases: softmax regression beside a class `rest` of weight 0."""
    counted, wanted = matrix([text for text, *_ in messages]), _wanted([label for _, label, _ in messages])
    rare = _rarity(counted)
    counted = (counted @ diags(rare)).tocsr()
    counts = np.array([count for *_, count in messages])
    counts /= counts.sum()
    size = BUCKETS * len(CLASSES)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[:size].reshape(BUCKETS, -1), flat[size:]
        scores = counted @ weights + bias
        highest = np.maximum(scores.max(axis=1, keepdims=True), 0.0)
        odds = np.exp(scores - highest)
        whole = odds.sum(axis=1, keepdims=True) + np.exp(-highest)
        logs = np.log(whole[:, 0]) + highest[:, 0] - (scores * wanted).sum(axis=1)
        error = (odds / whole - wanted) * counts[:, None]
        slope = np.concatenate([(counted.T @ error + SHRINK * weights).ravel(), error.sum(axis=0)])
        return float(logs @ counts + SHRINK / 2 * (weights**2).sum()), slope

    found = minimize(loss, np.zeros(size + len(CLASSES)), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return found[:size].reshape(BUCKETS, -1) * rare[:, None], found[size:]


def _rarity(counted: csr_matrix) -> np.ndarray:
    """How much each bucket may say: what few messages have says more, as the square of the logarithm of their share."""
    having = np.asarray((counted > 0).sum(axis=0)).ravel()
    return np.asarray((np.log(counted.shape[0] / (having + 1)) / RARE) ** 2)


def matrix(texts: list[str]) -> csr_matrix:
    """The features of each text, counted, shrunk by their number's root."""
    rows, columns, values = [], [], []
    for place, text in enumerate(texts):
        found = [bucket(feature) for feature in features(looked_at(line_of(fold(text))))]
        rows += [place] * len(found)
        columns += found
        values += [1 / np.sqrt(len(found) or 1)] * len(found)
    return csr_matrix((values, (rows, columns)), shape=(len(texts), BUCKETS))


def _wanted(labels: list[str]) -> np.ndarray:
    return np.array([[float(label == name) for name in CLASSES] for label in labels])


def packed(weights: np.ndarray, bias: np.ndarray, corpus_digest: str) -> bytes:
    """The file of the weights, as `model.unpacked` reads it."""
    unit = float(f"{np.abs(weights).max() / 127:.6g}")
    head = {"corpus": corpus_digest, "unit": unit, "bias": [round(float(value), 4) for value in bias]}
    return json.dumps(head).encode() + b"\n" + compress(np.rint(weights / unit).astype(np.int8).tobytes(), 9)


def main() -> None:
    """Train and write the file."""
    parser = argparse.ArgumentParser(prog="python -m tests.replies.train", description=__doc__)
    parser.add_argument("--without", action="append", default=[], choices=SOURCES, help="a source to hold out")
    parser.add_argument("--to", type=Path, default=WEIGHTS, help="the file to write")
    given = parser.parse_args()
    messages = corpus(given.without)
    weights, bias = trained(messages)
    given.to.write_bytes(packed(weights, bias, digest(messages)))
    print(f"{len(messages)} messages, {given.to.stat().st_size // 1024} KiB in {given.to}")  # noqa: T201


if __name__ == "__main__":
    main()
