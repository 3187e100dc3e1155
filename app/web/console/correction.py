"""One answer of an officer, for the researcher who finds a wrong value: what the data have, what the officer said, a form to correct it with
a reason, and the log of its corrections, the last of which can be taken back. Without the officer's words."""

from collections.abc import Callable

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.people.roles import Permission
from app.review import correcting
from app.review.correcting import LONGEST_REASON
from app.roster import story
from app.store import addresses, audit
from app.web import forms
from app.web.console.visit import Handler, Visit
from app.wording import into

HERE = "/console/officers"
_TICKED = "new:"
"""Before the value in the name of a ticked option, where an answer has several."""


async def answer(visit: Visit) -> Response:
    """The page of an answer."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    study_id, _ = _place(visit)

    def read(tx: Connection) -> correcting.Shown:
        found = _found(visit, tx)
        detail = {"words": False, "moments": 1}
        contact = addresses.known(tx, study_id)
        audit.record(tx, visit.now, visit.actor.label, story.SHOWN, f"contact:{contact}", detail)
        return found

    found = await visit.write(read)
    counting = [one.id for one in found.log if one.undone_at is None]
    return visit.page(
        "answer.html",
        HERE,
        status,
        found=found,
        refused=into(found.refused, visit.t.language),
        last=counting[-1] if counting else None,
        most=LONGEST_REASON,
        error=error,
        typed=visit.fields if error else {},
    )


def _place(visit: Visit) -> tuple[str, int]:
    """The study id and the number of the answer in the address. Raises UsageError for what is no number."""
    parts = visit.request.path_params
    response = forms.number(parts["response"], 15)
    if response is None:
        raise UsageError("an answer has a number", "no_answer_of")
    return parts["study_id"], response


def _found(visit: Visit, tx: Connection) -> correcting.Shown:
    """The answer, if the person may read and correct it."""
    study_id, response = _place(visit)
    visit.require(Permission.answers, story.programme_of(tx, study_id))
    return correcting.look(tx, study_id, response)


# -- acts -------------------------------------------------------------------------------------------------------------


def _correct(visit: Visit, tx: Connection) -> None:
    response, fields, person = _found(visit, tx).answer.response, visit.fields, visit.actor
    ticked = [name.removeprefix(_TICKED) for name in fields if name.startswith(_TICKED)]
    new = fields.get("new", "").strip() or " ".join(ticked)
    why, old = fields.get("why", ""), fields.get("old") or None
    correcting.add(tx, response, new, why, person.name, visit.now, actor=person.label, old=old)


def _take_back(visit: Visit, tx: Connection) -> None:
    number = forms.number(visit.fields.get("number", ""), 15)
    if number is None or number not in [one.id for one in _found(visit, tx).log]:
        raise UsageError("no such correction of this answer", "undone_already")
    correcting.undo(tx, number, visit.actor.name, visit.now, actor=visit.actor.label)


def _handler(act: Callable[[Visit, Connection], None], done: str) -> Handler:
    async def handle(visit: Visit) -> Response:
        study_id, response = _place(visit)
        try:
            await visit.write(lambda tx: act(visit, tx))
        except UsageError as error:
            if error.code in {"unknown_officer", "no_answer_of"}:
                raise
            return await _page(visit, *visit.refused(error))
        return visit.go(f"{HERE}/{study_id}/answers/{response}", done)

    return handle


HANDLERS: dict[str, Handler] = {
    "GET /console/officers/{study_id}/answers/{response}": answer,
    "POST /console/officers/{study_id}/answers/{response}": _handler(_correct, "answer_corrected"),
    "POST /console/officers/{study_id}/answers/{response}/take-back": _handler(_take_back, "taken_back"),
}
"""The handlers of an answer, by their routes."""
