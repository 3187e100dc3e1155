"""The documentation pages of the codes, made from the checks themselves."""

from app.flows.checks import CHECKS
from app.flows.checks.base import Rule
from app.flows.checks.reading import READING

RULES: tuple[Rule, ...] = (*READING, *(check.rule for check in CHECKS))
"""Every code that `trato check` and `trato test` can report."""

_MADE = "<!-- Made by `trato check --docs docs/lints`. -->"


def pages() -> dict[str, str]:
    """The pages by file name, with the index as README.md."""
    return {"README.md": _index(), **{f"{rule.id}.md": _page(rule) for rule in RULES}}


def _index() -> str:
    lines = [
        "# What `trato check` and `trato test` report",
        "",
        "An *error* keeps a file from being published. A *warning* does so with `--strict`.",
        "",
        "| code | | what it means |",
        "|---|---|---|",
        *(f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {_first(rule)} |" for rule in sorted(RULES, key=_by_id)),
        "",
        _MADE,
    ]
    return "\n".join(lines) + "\n"


def _by_id(rule: Rule) -> str:
    return rule.id


def _first(rule: Rule) -> str:
    """The first paragraph, in one line."""
    return " ".join(rule.about.split("\n\n")[0].split()).replace("|", "\\|")


def _page(rule: Rule) -> str:
    parts = [f"# {rule.id}", f"*{rule.severity}*", rule.about]
    if rule.fails:
        parts += ["This is reported:", _code(rule.fails), "This is right:", _code(rule.passes)]
    return "\n\n".join([*parts, _MADE]) + "\n"


def _code(excerpt: str) -> str:
    return f"```yaml\n{excerpt.rstrip()}\n```"
