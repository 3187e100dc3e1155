"""The officers of a benchmark, all in one cohort of a database that is made for it."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from app.channels.addresses import canonical
from app.store.tables import ADDRESS, COHORT, CONTACT, IDENTITY
from app.store.vault import Vault

ACCOUNT = "AC" + "0" * 32
OURS = "+525555550000"
SECRET = "a secret that only benchmarks have"  # noqa: S105


def numbers(size: int) -> list[str]:
    """So many numbers of officers."""
    return [f"+5255{10_000_000 + place}" for place in range(size)]


def enrol(tx: Connection, phones: Sequence[str], now: datetime) -> list[int]:
    """One officer for each number, who has just written by WhatsApp. Gives their ids, in that order."""
    vault = Vault(SECRET)
    cohort = tx.execute(
        insert(COHORT).returning(COHORT.c.id),
        {"code": "bench", "programme": "bench", "timezone": "America/Mexico_City", "dates": "{}", "created_at": now},
    ).scalar_one()
    contacts = [
        {
            "study_id": f"B{place:07d}",
            "cohort_id": cohort,
            "language": "es-MX",
            "timezone": "America/Mexico_City",
            "channel": "whatsapp",
            "status": "active",
            "attributes": "{}",
            "dates": "{}",
            "created_at": now,
        }
        for place in range(len(phones))
    ]
    rows = tx.execute(insert(CONTACT).returning(CONTACT.c.id, CONTACT.c.study_id), contacts).all()
    ids = {study: key for key, study in rows}
    in_order = [ids[row["study_id"]] for row in contacts]
    name = json.dumps({"nombre": "Alma"})
    tx.execute(
        insert(IDENTITY), [{"contact_id": key, "sealed": vault.seal(name, f"identity:{key}")} for key in in_order]
    )
    tx.execute(
        insert(ADDRESS),
        [
            {
                "contact_id": key,
                "channel": "whatsapp",
                "lookup": vault.lookup(canonical("whatsapp", phone)),
                "sealed": vault.seal(phone, f"address:{key}"),
                "last_inbound_at": now,
                "created_at": now,
            }
            for key, phone in zip(in_order, phones, strict=True)
        ],
    )
    return in_order
