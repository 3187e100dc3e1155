"""`trato alerts test` says of everybody who is named whether the server took it."""

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from app.cli import main
from tests.alerting.servers import Post, Web, in_a_thread
from tests.excerpts import whole

SECRET = "a secret that only tests have"
GUARD, GONE = "guardia@example.org", "nadie@example.org"


def _run(folder: Path, receivers: str, **environment: str) -> Result:
    (folder / "f.yaml").write_text(whole(f"alerts: {{{receivers}}}\n"), encoding="utf-8")
    place = {
        "TRATO_FLOWS": str(folder),
        "TRATO_DATABASE_URL": f"sqlite:///{folder}/trato.db",
        "TRATO_SECRET_KEY": SECRET,
    }
    return CliRunner().invoke(main.app, ["alerts", "test"], env={**place, **environment})


def test_each_is_told_with_its_outcome(tmp_path: Path) -> None:
    post, web = Post({GONE}), Web()
    with in_a_thread(post, web):
        mail = {"TRATO_SMTP_HOST": "127.0.0.1", "TRATO_SMTP_PORT": str(post.port), "TRATO_SMTP_SECURITY": "none"}
        hook = f"webhook: 'http://127.0.0.1:{web.port}/x'"
        result = _run(tmp_path, f"email: [{GUARD}, {GONE}], {hook}", TRATO_SMTP_FROM="trato@example.org", **mail)
    assert result.stdout.splitlines() == [
        f"{GUARD}: the server took it; ask whether it has arrived",
        f"{GONE}: the mail server refused the address (SMTP 550)",
        "webhook: the server took it; ask whether it has arrived",
    ]
    assert str(result.exception) == "1 of 3 could not be delivered"
    assert post.to(GUARD) == ["Trato: prueba de avisos (ejemplo)"]
    assert web.received[0]["alerts"] == [{"event": "test", "programme": "ejemplo"}]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    assert "names nobody" in str(_run(tmp_path, "").exception)
    assert _run(tmp_path, f"email: [{GUARD}]").stdout == f"{GUARD}: TRATO_SMTP_HOST is not set\n"
