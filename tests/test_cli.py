"""The command line, as an operator meets it: in processes of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bot.cli import main
from bot.stage import free_port
from storage import log
from storage.engine import Database

KANALVAKT = [sys.executable, "-c", "from bot.cli import main; main()"]
ROOT = Path(__file__).parent.parent


def _run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [*KANALVAKT, *words],
        env={**bare, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@pytest.fixture
def _the_log_stays_ours() -> Iterator[None]:
    """A command in this process sets up its own."""
    ours = structlog.get_config()
    yield
    structlog.configure(**ours)


@pytest.mark.heavy
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("script", "said", "empty_url"),
    [
        ("konto", "Båda har sagt ja", "sqlite"),
        ("konto", "Båda har sagt ja", "postgres"),
        pytest.param("kris", "Krisläget är avslutat", "sqlite", marks=pytest.mark.slow),
        ("kris", "Krisläget är avslutat", "postgres"),
        pytest.param("kommentar", "40 kommentarer, 56 klick, ett fönster.", "sqlite", marks=pytest.mark.slow),
        ("kommentar", "40 kommentarer, 56 klick, ett fönster.", "postgres"),
    ],
    indirect=["empty_url"],
)
def test_a_script_plays_everything(script: str, said: str, empty_url: str, tmp_path: Path) -> None:
    """A readable transcript and exit 0, on both databases; then every link of the log holds."""
    played = _run("demo", "--script", script, "--data", str(tmp_path), "--database-url", empty_url)
    assert 0 == played.returncode, played.stdout + played.stderr
    assert said in played.stdout
    config = tmp_path / "kanalvakt.toml"
    config.write_text((ROOT / "deploy" / "kanalvakt.example.toml").read_text())
    known = {"KANALVAKT_CONFIG": str(config), "DATABASE_URL": empty_url, "LOG_KEY": "k" * 64}
    verified = _run("log", "verify", **known)
    assert (0, "Every link holds.\n") == (verified.returncode, verified.stdout)


def test_a_script_in_which_something_does_not_happen_fails(tmp_path: Path) -> None:
    """Exit 1 and a sentence."""
    played = _run("demo", "--script", "finns-inte", "--data", str(tmp_path))
    assert (1, True) == (played.returncode, "Det gick inte som väntat" in played.stderr)


@pytest.mark.usefixtures("_the_log_stays_ours")
@pytest.mark.parametrize("command", [("run",), ("check",), ("log", "verify"), ("export", "ut.csv")])
@pytest.mark.parametrize("text", ["[municipality]\nnmae = 'x'\n", "not toml at all [", None])
def test_a_wrong_setting_is_one_line(
    tmp_path: Path,
    command: tuple[str, ...],
    text: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 2, one line, no traceback."""
    config = tmp_path / "kanalvakt.toml"
    if text is not None:
        config.write_text(text)
    monkeypatch.setattr(sys, "argv", ["kanalvakt", *command])
    monkeypatch.setattr(os, "environ", {"KANALVAKT_CONFIG": str(config), "COLUMNS": "200"})
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert 2 == ended.value.code
    assert 1 == len(said.strip().splitlines()), said


def test_a_slack_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    """Exit 3, so that whoever restarts the process tries again."""
    config = tmp_path / "kanalvakt.toml"
    config.write_text((ROOT / "deploy" / "kanalvakt.example.toml").read_text())
    refused = _run(
        "run",
        KANALVAKT_CONFIG=str(config),
        DATABASE_URL=f"sqlite:///{tmp_path / 'desk.db'}",
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_APP_TOKEN="xapp-1",
        SLACK_API_URL="http://127.0.0.1:9/api/",
        LOG_KEY="k" * 64,
    )
    assert (3, True) == (refused.returncode, "Slack did not let us start" in refused.stderr), refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_manifest_names_every_command() -> None:
    """Printed as JSON."""
    printed = _run("manifest")
    assert 0 == printed.returncode, printed.stderr
    assert '"/konto"' in printed.stdout
    assert '"/komm"' in printed.stdout


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_says_where_to_click_and_ends_cleanly(tmp_path: Path, ending: signal.Signals) -> None:
    """Ctrl-C: exit 0, a last word, no traceback; what was there is there the next time."""
    port = str(_two_free_ports())
    process = subprocess.Popen(
        [*KANALVAKT, "demo", "--port", port, "--data", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(tmp_path / "workspace.jsonl", process)
        time.sleep(2)
        process.send_signal(ending)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert 0 == process.returncode, err
    assert f"http://127.0.0.1:{port}" in out
    assert "avslutad" in out
    assert "Traceback" not in err


def _two_free_ports() -> int:
    """A free port whose neighbour is free too: the register listens there."""
    for _ in range(50):
        port = free_port()
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no two free ports side by side")


def _wait_for(file: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(300):
        if file.exists() and process.poll() is None:
            return
        time.sleep(0.1)
    raise AssertionError("the demo did not start")


async def test_a_changed_link_is_named(database_url: str, tmp_path: Path) -> None:
    """`log verify` exits 1 and says which."""
    db = Database(database_url)
    async with db.write() as session:
        for action in ("submitted", "approved"):
            await log.append(session, case="application:1", actor="U0HEAD", action=action, at=datetime.now(UTC))
    async with db.write() as session:
        (first, *_) = await log.of_case(session, "application:1")
        first.actor = "U0SOMEBODY"
        session.add(first)
    await db.close()
    config = tmp_path / "kanalvakt.toml"
    config.write_text((ROOT / "deploy" / "kanalvakt.example.toml").read_text())
    found = _run("log", "verify", KANALVAKT_CONFIG=str(config), DATABASE_URL=database_url, LOG_KEY="k" * 64)
    assert (1, True) == (found.returncode, "application:1, link 1" in found.stderr)
