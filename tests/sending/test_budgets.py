"""A programme's budget, on both databases: at its end nudges wait for the next day or month, and replies go on."""

from sqlalchemy import func, select, update

from app.conversations.library import Library
from app.sending.budgets import BudgetWatch
from app.store import alerts, spending
from app.store.tables import OUTBOUND, Alert, Nudge
from tests.sending.test_pausing import House
from tests.sending.wire import Run, Wire
from tests.world import PROGRAMME, published


def with_budget(wire: Wire, budget: str, source: str = PROGRAMME) -> tuple[Library, BudgetWatch]:
    with wire.database.transaction() as tx:
        library = published(tx, wire.clock(), source.replace("flows:", f"budget: {budget}\nflows:", 1))
    return library, BudgetWatch(library)


def look(wire: Wire, watch: BudgetWatch) -> frozenset[str]:
    with wire.database.transaction() as tx:
        watch.look(tx, wire.clock())
        return spending.over(tx)


def ringing(wire: Wire) -> list[str]:
    with wire.database.reading() as tx:
        return [one.kind for one in alerts.open_alerts(tx)]


def test_nudges_stop_at_the_budget_replies_go_on_and_the_next_day_nothing_is_lost(run: Run) -> None:
    async def work(wire: Wire) -> None:
        _, watch = with_budget(wire, "{day: {segments: 10}}")
        for number in range(7):
            wire.queue(f"nudge {number}", priority=1, channel="sms")
        await wire.send()
        assert look(wire, watch) == frozenset()
        assert ringing(wire) == []
        wire.queue("nudge 7", priority=1, channel="sms")
        await wire.send()
        look(wire, watch)
        assert ringing(wire) == ["budget_nearly_spent"]
        wire.queue("nudge 8", priority=1, channel="sms")
        wire.queue("nudge 9", priority=1, channel="sms")
        await wire.send()
        for _ in range(3):
            assert look(wire, watch)
        assert ringing(wire) == ["budget_spent"]
        with wire.database.reading() as tx:
            assert list(tx.execute(select(Alert.times)).scalars()) == [1, 1], "once for each"
        for number in range(20):
            wire.queue(f"too much {number}", priority=1, channel="sms")
        wire.queue("answer")
        await wire.send()
        assert wire.bodies()[-1] == "answer"
        assert len(wire.bodies()) == 11
        wire.clock.advance(days=1)
        assert look(wire, watch) == frozenset()
        assert ringing(wire) == []
        await wire.send()
        assert len(wire.bodies()) == 31

    run(work)


def test_the_month_counts_earlier_days_and_what_is_not_charged_yet_at_the_mean_price(run: Run) -> None:
    async def work(wire: Wire) -> None:
        _, watch = with_budget(wire, "{month: {price: 1.0}}")
        for _ in range(4):
            wire.queue("uno", priority=1, channel="sms")
        await wire.send()
        assert look(wire, watch) == frozenset(), "nothing is charged yet"
        with wire.database.transaction() as tx:
            tx.execute(update(OUTBOUND).values(price="0.2", price_unit="USD", segments=1))
        wire.clock.advance(days=1)
        assert look(wire, watch) == frozenset()
        wire.queue("dos", priority=1, channel="sms")
        await wire.send()
        with wire.database.transaction() as tx:
            tx.execute(update(OUTBOUND).where(OUTBOUND.c.price.is_(None)).values(segments=1))
        assert look(wire, watch)
        with wire.database.reading() as tx:
            [reading] = spending.readings(tx)
        assert (reading.period, reading.unit, reading.spent, reading.limit) == ("month", "USD", 1.0, 1.0)

    run(work)


def test_another_programme_goes_on_and_an_unlimited_one_is_not_summed(run: Run) -> None:
    async def work(wire: Wire) -> None:
        with wire.database.transaction() as tx:
            spending.save(tx, [], {"other"}, wire.clock())
        wire.queue("nudge", priority=1, channel="sms")
        await wire.send()
        assert wire.bodies() == ["nudge"]
        _, watch = with_budget(wire, "{currency: USD}")
        assert look(wire, watch) == frozenset()
        with wire.database.reading() as tx:
            assert spending.readings(tx) == []

    run(work)


def test_no_flow_begins_while_the_budget_is_spent(run: Run) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        with wire.database.transaction() as tx:
            spending.save(tx, [], {spending.EVERY}, wire.clock())
        await house.live(days=3)
        with wire.database.reading() as tx:
            begun = tx.execute(select(func.count()).where(Nudge.status == "started")).scalar_one()
            reasons = set(tx.execute(select(Nudge.reason).where(Nudge.reason.is_not(None))).scalars())
        assert (begun, reasons) == (0, {"budget"})
        with wire.database.transaction() as tx:
            spending.save(tx, [], (), wire.clock())
        await house.live(days=4)
        with wire.database.reading() as tx:
            assert tx.execute(select(func.count()).where(Nudge.status == "started")).scalar_one() > 0

    run(work)
