"""The codes that come before any check: what YAML and the models forbid. They are found by `source.py`, `explain.py` and
`loader.py`; here they are documented. An empty example means that the fault is of the whole file, not of an excerpt."""

from app.flows.checks.base import Rule
from app.flows.language.problems import Severity


def _rule(code: str, about: str, fails: str = "", passes: str = "") -> Rule:
    return Rule(code, Severity.error, about, fails, passes)


def _step(text: str) -> str:
    return f"flows:\n  aviso:\n    title: Aviso\n    kind: tip\n    steps:\n{text}"


_SAY = _step("      - say: hola\n        text: Buen día.\n")
_ASK = "      - ask: util\n        text: ¿Le sirvió?\n        answer: "
_PLAN = """\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {{from: "{}", to: "20:00"}}
    slots:
      - {{weeks: {}, {}from: [ejemplo]}}
"""

_FOLLOW = """\
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {{from: "10:00", to: "20:00"}}
    followups:
      repaso: {{when: {{flow: ejemplo, {}}}, after: 1d, from: [ejemplo]}}
"""

READING: tuple[Rule, ...] = (
    _rule(
        "yaml-syntax",
        """\
The file is not valid YAML from here on.

Most often it is one of these:

- a text with a colon and a space, or one that begins with `"`, `[`, `{`, `@`, `-`, `*`, `&`, `!` or `%`, needs quotes around all
  of it;
- quotes, `{` or `[` that are opened are never closed;
- a key has no colon, or no space behind its colon, or a dash no space behind it;
- a line is not indented like those it belongs to, or its indentation has tabs or the non-breaking spaces of a word processor;
- quotes, dashes or bullets were typed by a word processor: YAML knows only `"`, `'` and `-`.

Only the first such place can be reported: what comes after it cannot be read.""",
        "title: Ejemplo: el taller\n",
        'title: "Ejemplo: el taller"\n',
    ),
    _rule(
        "yaml-encoding",
        """\
The file is not UTF-8, or has a character that nobody sees: a control character, a zero-width space, a separator of lines that
a word processor left.

Save the file again as UTF-8: in Windows Notepad under *Save as*, *Encoding*; in VS Code at the bottom right. A character that
nobody sees is best deleted together with those around it, and these typed again.""",
    ),
    _rule(
        "yaml-limit",
        """\
The file is larger, longer or more deeply nested than anything that a person writes: more than 750 kB, 40,000 keys and values
or 50 levels.

Divide it into several programmes, each in a file of its own.""",
    ),
    _rule("yaml-empty", "There is nothing in the file."),
    _rule(
        "yaml-documents",
        "A line with `---` begins a second document. One file is one programme.",
        "title: Uno\n---\n",
        "title: Uno\n",
    ),
    _rule(
        "yaml-alias",
        """\
Anchors (`&`) and aliases (`*`) are not used. To write something once, use `answers`, `call` or `repeat`.

A text that begins with `&` or `*` needs quotes.""",
        "title: *Ejemplo*\n",
        'title: "*Ejemplo*"\n',
    ),
    _rule(
        "yaml-tag",
        "Tags (`!`) are not used. A text that begins with `!` needs quotes.",
        "title: !Ojo con esto\n",
        'title: "!Ojo con esto"\n',
    ),
    _rule(
        "yaml-key",
        "A key is not a plain name. A text that begins with `{` or `[` needs quotes.",
        _step("      - say: hola\n        text: {{ nombre }}, buen día.\n"),
        _step('      - say: hola\n        text: "{{ nombre }}, buen día."\n'),
    ),
    _rule(
        "yaml-duplicate-key",
        "The same key twice in one place. Only one of the two would count.",
        "title: Uno\ntitle: Dos\n",
        "title: Uno\n",
    ),
    _rule(
        "unknown-key",
        "There is no such key here. Nothing is ignored: a misspelt key would change nothing, silently.",
        _SAY.replace("text", "texto"),
        _SAY,
    ),
    _rule("missing-key", "A key that must be there is missing.", _SAY.replace("    title: Aviso\n", ""), _SAY),
    _rule(
        "wrong-type",
        "A value is of another kind than it must be: a number where a text is needed, a text for a list.",
        _SAY.replace("Buen día.", "911"),
        _SAY.replace("Buen día.", '"911"'),
    ),
    _rule(
        "wrong-value", "A value is none of those that are possible here.", _SAY.replace("kind: tip", "kind: tips"), _SAY
    ),
    _rule(
        "wrong-name",
        """\
A name is not written as names are: a small letter without accent first, then small letters, digits and `_`, at most 32 in
all. Names become columns in the data. Languages are written `es-MX`.""",
        _SAY.replace("hola", "Saludo inicial"),
        _SAY,
    ),
    _rule("empty", "Something that must be written is empty.", _SAY.replace("Buen día.", '""'), _SAY),
    _rule(
        "too-long",
        """\
A text or a list is longer than anything that makes sense: a text of more than 4,000 characters, a title or another wording of
an option of more than 200, a name of more than 64; more than 500 steps in a flow, 50 items in a `repeat`, 26 options in a list.

Shorten it, or divide it.""",
    ),
    _rule(
        "out-of-range",
        "A number is too small or too large.",
        _step(_ASK + "yes_no\n        tries: 9\n"),
        _step(_ASK + "yes_no\n        tries: 3\n"),
    ),
    _rule(
        "scale-range",
        "The points of a scale go from 0 to 10 at most, upward, and each label belongs to one of them.",
        _step(_ASK + "{scale: {max: 99}}\n"),
        _step(_ASK + "{scale: {max: 5}}\n"),
    ),
    _rule(
        "step-kind",
        "A step is exactly one of `say`, `ask`, `branch`, `set`, `call`, `end`, `repeat`.",
        _SAY.replace("say: hola", "dice: hola"),
        _SAY,
    ),
    _rule(
        "answer-kind",
        """\
An answer is exactly one of `yes_no`, `choice`, `multi`, `number`, `scale`, `text`, `date`, `time`, `media`.""",
        _step(_ASK + "{missing: [d]}\n"),
        _step(_ASK + "{yes_no: {}, missing: [d]}\n"),
    ),
    _rule(
        "condition",
        """\
A condition looks at one thing (`step`, `var` or `field`) and says what it must be (`is`, `in`, `at_least`, `at_most`,
`answered`), or joins others by `all`, `any` or `not`.""",
        _step(_ASK + "yes_no\n      - say: bien\n        text: Bien.\n        when: {step: util}\n"),
        _step(_ASK + "yes_no\n      - say: bien\n        text: Bien.\n        when: {step: util, is: si}\n"),
    ),
    _rule(
        "duration",
        "A duration is a number and a unit: `m` minutes, `h` hours, `d` days, `w` weeks.",
        _SAY.replace("    steps", "    expires: 2 días\n    steps"),
        _SAY.replace("    steps", "    expires: 2d\n    steps"),
    ),
    _rule(
        "hour",
        "An hour of the day is written in 24 hours: `09:30`, `19:00`.",
        _PLAN.format("9 am", 1, "per_week: 1, "),
        _PLAN.format("09:00", 1, "per_week: 1, "),
    ),
    _rule(
        "weeks",
        "Weeks are one number or two, `1-4`, counted from 1.",
        _PLAN.format("09:00", "4-1", "per_week: 1, "),
        _PLAN.format("09:00", "1-4", "per_week: 1, "),
    ),
    _rule(
        "window",
        "The window of a campaign ends after it begins, on the same day.",
        _PLAN.format("21:00", 1, "per_week: 1, "),
        _PLAN.format("09:00", 1, "per_week: 1, "),
    ),
    _rule(
        "pace",
        """\
A slot has exactly one of `per_week`, `every`, `days` and `on`. `weeks` says from when to when, except with `days`, which are
counted from the beginning themselves. `every` is whole days or weeks: the hour is the window's.""",
        _PLAN.format("09:00", 1, ""),
        _PLAN.format("09:00", 1, "every: 2w, "),
    ),
    _rule(
        "slot-flows",
        "A slot has either flows that take turns, under `from`, or a `draw` between choices, which goes without `pick`.",
        _PLAN.format("09:00", 1, "per_week: 1, draw: {nada: {p: 1}}, "),
        _PLAN.format("09:00", 1, "per_week: 1, "),
    ),
    _rule(
        "recurrence",
        "`on` names at least one of `month`, `day`, `week`, `day_of_week`.",
        _PLAN.format("09:00", 1, "on: {}, "),
        _PLAN.format("09:00", 1, "on: {day_of_week: mon}, "),
    ),
    _rule(
        "moment",
        "`at` has either `after_shift` or `before_shift`.",
        _PLAN.format("09:00", 1, "per_week: 1, at: {}, "),
        _PLAN.format("09:00", 1, "per_week: 1, at: {after_shift: 1h-3h}, "),
    ),
    _rule(
        "between",
        "Between how long and how long is two durations with a hyphen, such as `1h-3h`.",
        _PLAN.format("09:00", 1, "per_week: 1, at: {after_shift: 1h}, "),
        _PLAN.format("09:00", 1, "per_week: 1, at: {after_shift: 1h-3h}, "),
    ),
    _rule(
        "happening",
        """\
`when`, of a follow-up, names a `flow`: then it is that this flow was completed. With `step` and `is` or `in`, it is that this was
answered; with `wrong: true`, that the answer was wrong.""",
        _FOLLOW.format("step: util"),
        _FOLLOW.format("wrong: true"),
    ),
    _rule(
        "unknown-programme",
        "A transcript file names, under `programme`, a programme that is not in the folder of its flows.",
    ),
    _rule("unknown-variant", "A transcript names, under `variant`, one that its flow does not have."),
    _rule("unknown-variable", "Under `expect`, a transcript names a variable that no question records."),
    _rule(
        "bad-moment",
        """\
`at`, in a transcript, is a local date and time such as `2026-03-02 10:00`, without an offset. The officer's `timezone` says where.""",
    ),
    _rule(
        "talk-block",
        """\
The `talk` of a transcript is a block: `talk: |`, and the conversation in the lines below, each further in than `talk`.""",
    ),
    _rule(
        "talk-line",
        """\
A line of a `talk` cannot be read. It begins with one of these:

| | |
|---|---|
| `<` | what the service says; more lines of it stand two spaces further in |
| `>` | what the officer writes; also `> [button si]` and `> [media image/jpeg]` |
| `(+24h)` | time passes |
| `(sms)`, `(whatsapp)` | the channel from here on |
| `#` | a remark |""",
    ),
    _rule("duplicate-programme", "Two files have the same `programme`. One file is one programme."),
)
