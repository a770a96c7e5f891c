"""Promises of the house that would rot unseen: every button has its listener, every form its handler."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import app as roof
from bot import stage
from bot.app import Kanalvakt
from bot.demo import town
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
CARDS = sorted((ROOT / "handlers" / "cards").glob("*.py"))
ROOF = {"bot.app", "bot.cli", "bot.stage"}


@pytest.fixture
async def desk(tmp_path: Path) -> Kanalvakt:
    """Everything wired, nothing opened."""
    chosen = stage.Stage(tmp_path)
    environment = stage.environment(chosen, "http://127.0.0.1:9/api/", 0)
    return roof.build(Settings.model_validate(town.settings()), environment)


def _calls(name: str) -> Iterator[tuple[str, ast.Call, object]]:
    """Every call of a function by this name in the cards, with the module it stands in."""
    for file in CARDS:
        module = importlib.import_module(f"handlers.cards.{file.stem}")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == name:
                yield file.name, node, module


def _known(value: ast.expr, module: object) -> str | None:
    if isinstance(value, ast.Constant):
        return str(value.value)
    return getattr(module, value.id, None) if isinstance(value, ast.Name) else None


async def test_every_button_has_a_listener(desk: Kanalvakt) -> None:
    """What a card lets people press, somebody listens to."""
    drawn = {_known(call.args[1], module) for _, call, module in _calls("button") if len(call.args) > 2}
    drawn.discard(None)
    assert len(drawn) >= 12
    assert drawn - {"action_id"} <= set(desk.boundary.actions)


async def test_every_listener_has_a_button(desk: Kanalvakt) -> None:
    """A listener that nothing can reach is dead code."""
    drawn = {_known(call.args[1], module) for _, call, module in _calls("button") if len(call.args) > 2}
    text = "".join(file.read_text() for file in CARDS)
    assert [] == [one for one in desk.boundary.actions if one not in drawn and f'"{one}"' not in text]


async def test_every_form_that_can_be_sent_has_a_handler(desk: Kanalvakt) -> None:
    """A view with a submit button is answered by somebody."""
    sent = {
        _known(call.args[1], module)
        for _, call, module in _calls("view")
        if len(call.args) > 1 and any(keyword.arg == "submit" for keyword in call.keywords)
    }
    sent.discard(None)
    assert len(sent) >= 5
    assert sent <= set(desk.boundary.views)


async def test_every_kind_that_is_owed_can_be_rendered(desk: Kanalvakt) -> None:
    """A post of a kind that nobody draws would wait for ever."""
    kinds = set()
    for file in (ROOT / "bot").rglob("tell.py"):
        kinds |= set(re.findall(r'"(application\.[a-z]+)"', file.read_text()))
    assert len(kinds) >= 7
    assert kinds <= set(desk.renderer.kinds)


def test_the_storeys() -> None:
    """storage knows nobody; bot knows storage; handlers know bot; only the roof knows everything."""
    wrong = []
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]:
        here = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if here in ROOF:
            continue
        above = {"handlers"} if here.startswith("bot") else {"handlers", "bot"}
        wrong += [(here, name) for name in _imports(file) if name.split(".")[0] in above or name in ROOF]
    assert [] == wrong


def test_the_sandbox_knows_nothing_of_the_desk() -> None:
    """It stands for Slack; a Slack that knew the desk would prove nothing."""
    for file in (ROOT / "bot" / "sandbox").rglob("*.py"):
        assert [] == [
            name
            for name in _imports(file)
            if name.split(".")[0] in ("bot", "storage", "handlers")
            and not name.startswith("bot.sandbox")
            and name != "bot"
        ], file


def _imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def test_the_top_level_holds_what_was_asked_for() -> None:
    """Seven names and dotfiles."""
    allowed = {"pyproject.toml", "bot", "handlers", "storage", "tests", "deploy", "README.md"}
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert tracked - {"build", "dist"} <= allowed
