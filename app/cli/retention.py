"""`trato retention`: what the terms of the programmes' key `retention` take out next. The running service does it; this changes nothing."""

from typing import Annotated

import typer

from app.cli._common import installation, library_of, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.custody import retention as rules
from app.wording import Sentence

HEADERS = (
    Sentence("programme"),
    Sentence("kind"),
    Sentence("table"),
    Sentence("kept for (days)"),
    Sentence("rows over"),
)


def retention(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show how long each programme keeps what, and how much is over by now. Changes nothing.

    The service takes it out once a day: see docs/rights.md.
    """
    with installation() as place, place.database.reading() as tx:
        found = [
            (term.programme, term.kind, term.table.name, term.keep.days, rows)
            for term, rows in rules.due(tx, library_of(tx), system_clock())
        ]
    if as_json:
        names = ("programme", "kind", "table", "days", "rows")
        show_json({"terms": [dict(zip(names, row, strict=True)) for row in found]})
    elif found:
        show_table(HEADERS, found)
    else:
        tell(
            Sentence(
                "no programme has a term: everything is kept until it is erased (`retention` of a flow file sets terms)"
            )
        )
