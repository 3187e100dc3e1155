"""What a person does about a table that cannot be read as it is: by an option of the command, or by a control of the page of an upload."""

from dataclasses import dataclass

from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Remedies:
    """Parts of sentences: to read another sheet; to decide about rows that are hidden or struck out; to name the cohort of rows without one."""

    sheet: str
    hidden: str
    cohort: str


OPTIONS = Remedies(
    Sentence("--sheet names the sheet"),
    Sentence("give --hidden include, or --hidden skip to leave them out"),
    Sentence("or give --cohort"),
)
"""Those of the commands."""

CONTROLS = Remedies(
    Sentence("“Sheet” under “Columns and options” chooses it"),
    Sentence("choose under “Rows that are hidden or struck out”"),
    Sentence("or write one under “Cohort of rows that name none”"),
)
"""Those of the page, by the labels that it has."""
