"""A desk for tests of free text: an officer who writes, and a reviewer with a sheet."""

from sqlalchemy import Connection, select

from app.conversations.inbound import receive
from app.conversations.sessions import Turn, begin
from app.review import free_text
from app.sheets import hand_sheet
from app.store import free_text as stored
from app.store.conversations import Changes
from app.store.conversations import write as keep
from app.store.tables import Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published, reword

ALMA = "+525555550101"


class Desk:
    """An officer who writes, and a reviewer with a sheet."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock, source: str = PROGRAMME) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        self.library = published(tx, clock(), source)
        self.alma = enrol(tx, vault, clock(), ALMA)

    def tells(self, *texts: str) -> list[int]:
        for text in texts:
            changes = Changes()
            begin(Turn(self.tx, self.library, changes, self.clock()), officer(self.tx, self.alma), "reporte")
            keep(self.tx, changes)
            for reply in ("sí", "algo"):
                self.clock.advance(minutes=5)
                arrive(self.tx)
                receive(self.tx, self.library, [message(self.vault, ALMA, reply)], self.clock())
            reword(self.tx, "algo", text, as_value=True)
        return list(
            self.tx.execute(select(Response.id).where(Response.variable == "story").order_by(Response.id)).scalars()
        )

    def sheet(self, name: str = "hoja.csv", **wanted: bool) -> list[dict[str, str]]:
        rows = free_text.sheet_rows(self.tx, **wanted)  # type: ignore[arg-type]
        content = hand_sheet.write(name, free_text.HEADERS, rows, {"reviewed": free_text.DECISIONS})
        table, faults = hand_sheet.read(name, content)
        assert not faults
        return [dict(zip(table[0], row, strict=True)) for row in table[1:]]

    def take(self, sheet: list[dict[str, str]], by: str = "Sara") -> free_text.ReviewImport:
        return free_text.import_table(
            self.tx, [list(sheet[0]), *(list(row.values()) for row in sheet)], by, self.clock()
        )

    def readable(self) -> list[str | None]:
        return [text.readable for text in stored.texts(self.tx)]
