"""The identity of an officer: the name, and the data that the programme declares under `identity`, sealed together. Also its correction by a
person: the audit log keeps the person, the name of the datum and the reason, never the datum itself."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from app.errors import UsageError
from app.flows.language.nearby import unknown
from app.roster import cells
from app.store import addresses, audit, contacts, enrolment, keys
from app.store.sealing import NAME as COLUMN
from app.store.vault import Vault
from app.wording import Sentence

NAME = "nombre"
"""The name among the data of an identity."""


def sealed(vault: Vault, contact: int, identity: Mapping[str, str]) -> bytes:
    """An identity as it is stored."""
    return vault.seal(json.dumps(identity, ensure_ascii=False, sort_keys=True), COLUMN.context(contact))


def opened(vault: Vault, contact: int, stored: bytes) -> dict[str, str]:
    """An identity as people see it; empty if it cannot be opened."""
    try:
        found: dict[str, str] = json.loads(vault.readable(stored, COLUMN.context(contact)) or "{}")
    except ValueError:
        return {}
    return found


def correct(
    tx: Connection,
    vault: Vault,
    study_id: str,
    name: str,
    text: str,
    declared: Collection[str],
    reason: str,
    now: datetime,
    actor: str,
) -> bool:
    """Correct the name or another datum of an officer's identity; an empty text takes the datum away, never the name. False if it is so already.
    Raises UsageError for an unknown study id, an officer without identity, a datum that is not `declared`, an invalid text, and without a
    reason."""
    why, contact = audit.reason(reason), addresses.known(tx, study_id)
    keys.check(tx, vault)
    known = (NAME, *declared)
    if name not in known:
        fault = Sentence("--field {name}: not a datum of the identity", name=name)
        raise UsageError(unknown(fault, name, known, else_list=len(known), stop=True), "no_datum")
    value = _checked(name, text.strip())
    contacts.lock(tx, [contact])
    stored = enrolment.identities(tx, [contact]).get(contact)
    if stored is None:
        raise UsageError(Sentence("this officer has no identity any more"), "no_identity")
    before = opened(vault, contact, stored)
    if not before:
        raise UsageError(
            Sentence(
                "the identity cannot be opened: trato officers mend {officer} --from-roster FILE",
                officer=study_id.strip().upper(),
            ),
            "identity_lost",
        )
    after = {**before, name: value} if value else {one: other for one, other in before.items() if one != name}
    if after == before:
        return False
    enrolment.replace_identity(tx, contact, sealed(vault, contact, after))
    audit.record(tx, now, actor, "officers correct", f"contact:{contact}", {"field": name, "reason": why})
    return True


def _checked(name: str, text: str) -> str:
    if not text and name == NAME:
        raise UsageError(Sentence("an officer has a name: trato erase takes it away"), "bad_datum")
    try:
        return cells.as_name(text) if name == NAME else cells.as_attribute(text) if text else ""
    except ValueError as error:
        raise UsageError(Sentence("{name} {error}", name=name, error=error.args[0]), "bad_datum") from None
