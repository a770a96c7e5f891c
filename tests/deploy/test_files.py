"""What lies in deploy/ fits the program: commands, variables, packages, and what the manual says."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot import app as roof
from bot.accounts import form
from bot.cli import cli
from bot.settings import Environment, known_keys
from bot.texts import Texts
from bot.web import request as requests
from bot.web.request import Request
from tests import town

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANUAL = (DEPLOY / "INSTALL.md").read_text("utf-8")
PINS = (DEPLOY / "requirements.txt").read_text("utf-8")
BUILD_PINS = (DEPLOY / "requirements-build.txt").read_text("utf-8")
FILES = [file for file in sorted(DEPLOY.iterdir()) if file.suffix != ".png"]
EXAMPLE = (DEPLOY / "kanalvakt.example.toml").read_text("utf-8")
RUNBOOK = (DEPLOY / "RUNBOOK.md").read_text("utf-8")
KNOWN = {name.upper() for name in Environment.model_fields} | {"POSTGRES_PASSWORD"}
OF_CHANNELS = set(re.findall(r'^# [a-z_]+_env = "(\w+)"$', EXAMPLE, re.MULTILINE))
SWEDISH = Texts.load().language("sv")


def commands() -> set[str]:
    """Every command line of the program: "run", "log verify"."""
    found = set()
    top: Any = typer.main.get_command(cli)
    for name, command in top.commands.items():
        inner = getattr(command, "commands", {})
        found |= {f"{name} {one}" for one in inner} or {name}
    return found


def pinned(text: str) -> dict[str, Requirement]:
    lines = [line.rstrip(" \\") for line in text.splitlines() if line and line[0] not in "# "]
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_names_a_place_where_packages_come_from(file: Path) -> None:
    """Whoever installs has a mirror of their own; and nobody's machine is named."""
    text = file.read_text("utf-8")
    assert re.findall(r"index-url|find-links|trusted-host|pypi|pythonhosted|file://(?!/opt/kanalvakt)", text) == []
    assert re.findall(r"/(?:home|root|work|Users)/", text) == []


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    """After a change in pyproject.toml the file is made anew."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pins = pinned(PINS)
    for requirement in map(Requirement, wanted):
        pin = pins[canonicalize_name(requirement.name)]
        [exact] = pin.specifier
        assert exact.operator == "=="
        assert exact.version in requirement.specifier, requirement.name


@pytest.mark.parametrize("text", [PINS, BUILD_PINS], ids=["run", "build"])
def test_every_pin_has_hashes_and_nothing_else(text: str) -> None:
    """A line is a pin, a hash, or a comment."""
    entries = re.split(r"\n(?=[a-z])", "\n".join(line for line in text.splitlines() if line[0] != "#"))
    for entry in entries:
        first, *hashes = [line.strip(" \\") for line in entry.splitlines()]
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", first)
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), first


def test_the_builder_is_pinned_too() -> None:
    """The container builds the package without asking anybody for anything."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert {canonicalize_name(Requirement(one).name) for one in wanted} <= set(pinned(BUILD_PINS))


def test_the_container_runs_without_rights() -> None:
    """A number, so that an orchestrator can see that it is not root; and only hashed wheels get in."""
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    final = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert final.index("USER") < final.index("ENTRYPOINT")
    for line in re.findall(r"pip install .*", text):
        assert "--require-hashes --only-binary :all:" in line or "--no-deps /wheels/" in line
    copied = [name for one in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in one.split()]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8")
    assert [name for name in copied if f"!{name}\n" not in let_in] == []


@pytest.mark.parametrize("name", ["Containerfile", "compose.yml", "compose.postgres.yml", "kanalvakt.service"])
def test_every_variable_is_one_the_program_reads(name: str) -> None:
    """A misspelt variable would silently be the default."""
    text = (DEPLOY / name).read_text("utf-8")
    set_here = set(re.findall(r"^\s*(?:ENV |Environment=)?([A-Z][A-Z_]+)(?:=|: )", text, re.MULTILINE))
    of_others = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PIP_DISABLE_PIP_VERSION_CHECK"}
    of_others |= {"POSTGRES_USER", "POSTGRES_DB", "CMD"}
    assert set_here
    assert set_here - of_others - KNOWN == set()


def test_the_service_runs_the_program_without_rights() -> None:
    """As its own account, and it does not start again after a mistake in the settings."""
    text = (DEPLOY / "kanalvakt.service").read_text("utf-8")
    [started] = re.findall(r"^ExecStart=\S+/kanalvakt (.+)$", text, re.MULTILINE)
    assert started in commands()
    for line in ("User=kanalvakt", "NoNewPrivileges=yes", "ProtectSystem=strict", "RestartPreventExitStatus=2"):
        assert f"\n{line}\n" in text


def test_the_manual_names_only_commands_that_exist() -> None:
    """In running text and in what is copied into a terminal."""
    named = re.findall(r"kanalvakt (log verify|db upgrade|[a-z]+)(?=[ `\n])", MANUAL)
    unknown = {one for one in named if one not in commands()} - {"kanalvakt"}
    assert unknown == set()
    assert {"run", "check", "manifest", "log verify", "db upgrade"} <= set(named)


def test_the_manual_names_only_variables_that_exist() -> None:
    """And tells of all that a first installation needs."""
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+|PORT|HOST)=?`", MANUAL))
    assert named <= KNOWN | OF_CHANNELS
    assert named >= OF_CHANNELS
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "LOG_KEY", "PUBLIC_URL", "DATABASE_URL"} <= named


def test_the_files_that_the_manual_names_are_there() -> None:
    """Before somebody looks for them on a server."""
    named = set(re.findall(r"deploy/([\w.-]+\w)", MANUAL)) | set(re.findall(r"\]\(([\w.-]+)\)", MANUAL))
    assert {"kanalvakt.service", "compose.yml", "compose.postgres.yml", "slack-manifest.json"} <= named
    assert [name for name in sorted(named) if not (DEPLOY / name).exists()] == []
    assert (ROOT / ".env.example").exists()


def test_the_manuals_application_is_taken() -> None:
    """The example for the e-service has every needed field and none that is unknown."""
    [example] = re.findall(r"```json\n(.+?)```", MANUAL, re.DOTALL)
    sent = json.loads(example)
    assert isinstance(requests.parse(sent), Request)
    setting = form.Setting(form.day("2026-11-21"), "U1", frozenset({"instagram"}))  # type: ignore[arg-type]
    assert form.problems({**sent, "unit": 1}, setting) == {}
    optional = set(form.NAMES) - set(sent)
    assert {name for name in optional if f"`{name}`" not in MANUAL} == set()


def test_the_manual_tells_of_every_platform_and_names_keys_that_exist() -> None:
    """What each vendor needs, and where it goes."""
    section = MANUAL.partition("## 8. ")[2].partition("\n## 9. ")[0]
    keys = {key.rpartition(".")[2] for key in known_keys() if key.startswith("channels.")}
    inside = set(re.findall(r"`([a-z]+_(?:id|env|file))`", section)) | set(re.findall(r"`([a-z_]+) = ", section))
    assert inside - keys == set()
    assert {"page_id", "account_id", "token_env", "token_file", "drill"} <= inside
    table = section.casefold()
    known = {key.split(".")[1] for key in known_keys() if key.startswith("channels.")}
    said = {"mail": "mejl", "sign": "vägskyltar", "feed": "flöden", "by_hand": "för hand"}
    assert [one for one in sorted(known) if said.get(one, one) not in table] == []


def test_the_proxy_lets_through_what_others_must_reach() -> None:
    """Pages for residents, players, readers, Instagram and Slack; never what is for ourselves."""
    [allowed] = re.findall(r"location ~ (\S+) \{", MANUAL)
    reached = ("/register.csv", "/skylt/norr.json", "/feeds/kris.cap", "/kris/bild/1-abc.jpg", "/slack/events")
    assert [path for path in reached if not re.search(allowed, path)] == []
    assert [path for path in ("/metrics", "/readyz", "/livez", "/", "/kris") if re.search(allowed, path)] == []


def test_the_container_has_the_letters_for_pictures() -> None:
    """A slim image has no font at all."""
    final = (DEPLOY / "Containerfile").read_text("utf-8").rsplit("\nFROM ", 1)[1]
    assert "fonts-dejavu-core" in final.partition("USER")[0]
    assert "fonts-dejavu-core" in MANUAL


async def test_the_runbook_names_only_commands_and_buttons_that_exist() -> None:
    """Somebody reads it in the worst hour of the year."""
    desk = roof.build(
        town.settings(), Environment(slack_bot_token="xoxb-1", slack_app_token="xapp-1", log_key="k" * 32)
    )
    said = re.findall(r"`(/[a-z]+) (\w+)`", RUNBOOK)
    assert {("/kris", "start"), ("/kris", "läge"), ("/kris", "logg"), ("/komm", "status")} <= set(said)
    assert [one for one in said if desk.words.find(*one) is None] == []
    await desk.stop()
    shown = {forms[0] for forms in SWEDISH.texts.values()}
    rows = {
        row
        for line in RUNBOOK.splitlines()
        if line.startswith("| **")
        for row in re.findall(r"^\| \*\*(.+?)\*\*", line)
    }
    buttons = set(re.findall(r"\*\*(.+?)\*\*", RUNBOOK)) - rows
    assert {"Stoppa utskicket", "Nödpublicera", "Gå utan webbplatsen", "Övning"} <= buttons
    assert buttons - shown == set()
