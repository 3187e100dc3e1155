"""One person under two numbers: names of the same words, or of some of them."""

from sqlalchemy import Connection, select

from app.roster.alike import alike
from app.store.database import Database
from app.store.tables import AuditEntry
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, published


def test_names_of_the_same_words_are_found_across_cohorts(database: Database, vault: Vault, clock: StillClock) -> None:
    names = ("Alma Rivera", "RIVERA Alma", "Alma María Rivera Soto", "Alma", "Bruno Rivera", "Pérez José", "Jose Perez")
    with database.transaction() as tx:
        published(tx, clock())
        for place, name in enumerate(names, 1):
            enrol(tx, vault, clock(), f"+5255555501{place:02}", name=name)
        assert _found(tx, vault, clock) == [
            ("Alma Rivera", "RIVERA Alma"),
            ("Alma Rivera", "Alma María Rivera Soto"),
            ("RIVERA Alma", "Alma María Rivera Soto"),
            ("Pérez José", "Jose Perez"),
        ]
        entry = tx.execute(select(AuditEntry.detail).where(AuditEntry.action == "officers alike")).scalar_one()
        assert "Rivera" not in entry


def _found(tx: Connection, vault: Vault, clock: StillClock) -> list[tuple[str, str]]:
    return [(one.name, other.name) for one, other in alike(tx, vault, "Padrón repetido", clock(), "cli: Sara")]
