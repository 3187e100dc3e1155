"""The demo's watch on the flow files: saved, checked, used; and what is broken changes nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.cli.watching import publish_saved, watch
from app.main import Service, build
from app.settings import Settings
from tests.conftest import StillClock
from tests.world import PROGRAMME, flows_folder


@pytest.fixture
def service(database_url: str, clock: StillClock, tmp_path: Path) -> Iterator[Service]:
    flows = flows_folder(tmp_path / "flows")
    made = build(
        Settings.load(database_url=database_url, flows=flows, secret_key=SecretStr("a secret that only tests have")),
        clock,
    )
    yield made
    asyncio.run(made.channel.aclose())
    made.database.close()


def saved(service: Service, source: str) -> list[str]:
    flows_folder(service.settings.flows, source)

    async def look() -> list[str]:
        lines = await publish_saved(service, service.settings.flows)
        await service.ledger.close()
        return lines

    return asyncio.run(look())


def title(service: Service) -> str:
    version = service.library.current["prueba"]
    return service.library.programmes[version].definition.title


def test_what_is_saved_is_used_and_told_in_words(service: Service) -> None:
    lines = saved(service, PROGRAMME.replace("Programa de prueba", "Otro título"))
    assert lines[0].startswith("prueba.yaml: publicado")
    assert any("Otro título" in line for line in lines)
    assert title(service) == "Otro título"


def test_a_file_with_a_problem_changes_nothing_and_says_where(service: Service) -> None:
    lines = saved(service, PROGRAMME.replace("answer: yes_no", "answer: yes_mo"))
    assert "no se publicó" in lines[0]
    assert any("prueba.yaml:25:17" in line and "yes_no" in line for line in lines), lines
    assert title(service) == "Programa de prueba"


def test_a_transcript_that_goes_otherwise_keeps_the_file_back(service: Service) -> None:
    folder = service.settings.flows / "transcripts"
    folder.mkdir()
    (folder / "permiso.yaml").write_text(
        "transcripts:\n  dice_si:\n    flow: permiso\n    talk: |\n      < ¿Acepta participar?\n        1 Sí\n        2 No\n      > sí\n",
        encoding="utf-8",
    )
    lines = saved(service, PROGRAMME.replace("¿Acepta participar?", "¿Quiere participar?"))
    assert "no se publicó" in lines[0]
    assert any("permiso.yaml:2" in line and "dice_si" in line for line in lines), lines


def test_an_earlier_text_saved_again_is_used_again(service: Service) -> None:
    async def thrice() -> list[list[str]]:
        told = []
        for source in (PROGRAMME.replace("Programa de prueba", "Otro"), PROGRAMME, PROGRAMME):
            flows_folder(service.settings.flows, source)
            told.append(await publish_saved(service, service.settings.flows))
        await service.ledger.close()
        return told

    once, back, same = asyncio.run(thrice())
    assert "publicado" in once[0]
    assert "publicado" in back[0]
    assert same == []
    assert title(service) == "Programa de prueba"


def test_it_notices_a_file_as_it_is_saved(service: Service) -> None:
    async def edit() -> str:
        told: asyncio.Queue[str] = asyncio.Queue()
        task = asyncio.create_task(watch(service, service.settings.flows, told.put_nowait))
        try:
            while told.empty():  # the watch takes a moment to begin: save until it has been noticed
                flows_folder(service.settings.flows, PROGRAMME.replace("Programa de prueba", "Visto"))
                await asyncio.sleep(0.2)
            return await asyncio.wait_for(told.get(), 30)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await service.ledger.close()

    assert "publicado" in asyncio.run(asyncio.wait_for(edit(), 60))
