"""`python -m benchmarks`: the speed of Trato, as ratios to a floor measured in the same run on the same machine."""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.errors import AppError
from app.flows.replies.fold import LONGEST
from benchmarks import console as console_bench
from benchmarks import engine as engine_bench
from benchmarks import export as export_bench
from benchmarks import inbound as inbound_bench
from benchmarks import plan as plan_bench
from benchmarks import replies as replies_bench
from benchmarks import send as send_bench
from benchmarks.load import Measured

app = typer.Typer(
    help="Measure speed, as ratios against a floor of the same run.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


@app.command()
def engine(
    flows: Annotated[Path, typer.Option(help="Folder of flow files.")] = Path("flows"),
    seconds: Annotated[float, typer.Option(min=0.1, max=300, help="How long to run.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Turns of conversation a second, with the state reloaded from JSON for each."""
    figures = engine_bench.measure(flows, seconds)
    _show(
        figures,
        as_json,
        f"{figures.turns_per_second:,.0f} turns a second ({figures.turns:,} turns)",
        f"{figures.ratio_to_json:.2f} of only reading and writing the same states as JSON",
        f"{figures.ratio_to_best_peer:.1f} times the best peer's recorded figure ({engine_bench.FLOW_RUNNER:,} a second)",
    )


@app.command()
def inbound(
    requests: Annotated[int, typer.Option(min=60, help="Webhooks in each of five rounds.")] = 9_000,
    connections: Annotated[int, typer.Option(min=1, max=512, help="Connections at a time.")] = 32,
    database: Annotated[str | None, typer.Option(help="An empty PostgreSQL database; default a SQLite file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Signed webhooks, durable before they are answered, against a bare FastAPI form echo."""
    figures = inbound_bench.measure(requests, connections, database)
    _show(
        figures,
        as_json,
        f"{figures.database}, {figures.connections} connections, {figures.trato.requests:,} webhooks",
        _line("echo ", figures.echo),
        _line("trato", figures.trato),
        f"ratio {figures.ratio:.0%} of the echo's requests a second, p99 {figures.p99_ratio:.1f} times the echo's",
    )


@app.command()
def send(
    messages: Annotated[int, typer.Option(min=50, help="Messages in each of five rounds.")] = 1_000,
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="Requests to the carrier at a time.")] = 5,
    database: Annotated[str | None, typer.Option(help="An empty PostgreSQL database; default a SQLite file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Messages from the outbox to the carrier and back into the database, against a bare loop of posts."""
    figures = send_bench.measure(messages, concurrency, database)
    _show(
        figures,
        as_json,
        f"{figures.database}, {figures.concurrency} requests at a time, {figures.messages:,} messages a round",
        _line("httpx", figures.bare) + f"   best with {figures.bare_concurrency} at a time",
        _line("trato", figures.trato),
        f"ratio {figures.ratio:.0%} of the bare loop's messages a second",
    )


def _line(name: str, found: Measured) -> str:
    return f"{name} {found.per_second:8,.0f}/s   p50 {found.p50_ms:6.1f} ms   p99 {found.p99_ms:6.1f} ms"


@app.command()
def plan(
    officers: Annotated[int, typer.Option(min=1, help="How many officers.")] = 100_000,
    cohort: Annotated[int, typer.Option(min=1, help="How many of them took the workshop together.")] = 1_000,
    database: Annotated[str | None, typer.Option(help="An empty PostgreSQL database; default a SQLite file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Twelve weeks planned and stored for every officer, against one INSERT … SELECT of the same rows."""
    figures = plan_bench.measure(officers, cohort, database)
    _show(
        figures,
        as_json,
        f"{figures.database}, {figures.officers:,} officers in {figures.cohorts:,} cohorts, {figures.nudges:,} nudges",
        f"planned and stored in {figures.seconds:.1f} s, {figures.nudges / figures.seconds:,.0f} a second",
        f"one INSERT … SELECT of the same rows in {figures.floor_seconds:.1f} s: ratio {figures.ratio:.1f}",
        f"the ledger is held {figures.piece_median:.2f} s a piece, {figures.piece_longest:.2f} s at most",
    )


@app.command()
def export(
    rows: Annotated[int, typer.Option(min=1_000, help="Responses.")] = 2_000_000,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often both are measured; the best counts.")] = 3,
    database: Annotated[str | None, typer.Option(help="An empty PostgreSQL database; default a SQLite file.")] = None,
    format_: Annotated[str, typer.Option("--format", help="The format, as in `trato export`.")] = "csv",
    as_json: AsJson = False,
) -> None:
    """The responses in a format, against the database's own quickest dump of the same rows as CSV; and the memory that it takes."""
    figures = export_bench.measure(rows, database, rounds, format_)
    _show(
        figures,
        as_json,
        f"{figures.database}, {figures.rows:,} responses as {figures.format}",
        f"{figures.floor:24} {figures.floor_seconds:8.1f} s   {figures.floor_cpu:8.1f} s of processor",
        f"{'trato export':24} {figures.export_seconds:8.1f} s   {figures.export_cpu:8.1f} s of processor   {figures.peak_mb:.0f} MB",
        f"ratio {figures.ratio:.2f} (of processor {figures.cpu_ratio:.2f})",
    )


@app.command()
def replies(
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="How often each reply is read; its best time counts.")
    ] = 5,
    most: Annotated[int | None, typer.Option(min=2, help="Only so many replies.")] = None,
    as_json: AsJson = False,
) -> None:
    """How long a reply takes to be understood, over the labelled replies of the tests."""
    figures = replies_bench.measure(rounds, most)
    _show(
        figures,
        as_json,
        f"{figures.readings:,} replies, with the act that each is",
        f"median {figures.median:.0f} µs, 99 of 100 within {figures.p99:.0f} µs, {figures.maximum:.0f} µs at most (target: 100 µs, 2,000 µs)",
        f"{LONGEST:,} characters: {figures.longest:.0f} µs at most",
        f"{figures.ratio:.0f} times the floor, {figures.floor:.1f} µs: the same text in lower case, without accents, split into words",
    )


@app.command()
def console(
    officers: Annotated[int, typer.Option(min=100, help="How many officers.")] = 100_000,
    messages: Annotated[int, typer.Option(min=1_000, help="About how many messages.")] = 5_000_000,
    database: Annotated[
        str | None,
        typer.Option(help="A PostgreSQL database, empty or filled by an earlier run; default a SQLite file."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="The folder of the database, kept for the next run; default in var/benchmarks.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=200, help="How often each page is asked.")] = 20,
    only: Annotated[str, typer.Option(help="Only pages whose address has this text.")] = "",
    limit: Annotated[float, typer.Option(help="Milliseconds of the target.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Every page and list of the console on the database of a large police force, against a page that counts nothing."""
    place = folder or Path("var/benchmarks") / f"{officers}-{messages}"
    figures = console_bench.measure(officers, messages, database, place, rounds, only, partial(typer.echo, err=True))
    _show(
        figures,
        as_json,
        f"{figures.database}, {figures.officers:,} officers, {figures.messages:,} messages; {figures.machine}",
        f"{'first':>7} {'p50':>7} {'p95':>7} {'cpu':>7} {'cpu95':>7} ms",
        *(
            f"{one.first:7.0f} {one.p50:7.0f} {one.p95:7.0f} {one.cpu:7.0f} {one.cpu95:7.0f}  {one.page}"
            for one in figures.pages
        ),
        *(f"no address found: {one}" for one in figures.unseen),
        *(f"failed: {one}" for one in figures.failed),
        f"{sum(one.p95 > limit for one in figures.pages)} of {len(figures.pages)} pages over {limit:.0f} ms at the 95th percentile, "
        f"{sum(one.first > limit for one in figures.pages)} the first time; the slowest is "
        f"{max(one.p95 for one in figures.pages) / figures.floor:.0f} times the floor, {figures.floor:.1f} ms",
    )


def _show(figures: Any, as_json: bool, *lines: str) -> None:  # noqa: ANN401 - any of the dataclasses of figures
    typer.echo(json.dumps(asdict(figures)) if as_json else "\n".join(lines))


if __name__ == "__main__":
    try:
        app(prog_name="python -m benchmarks")
    except AppError as error:
        typer.echo(f"benchmarks: {error}", err=True)
        sys.exit(error.exit_code)
