"""`kanalvakt check` at the doors of every platform, and what it says of choices that do not fit together."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels import picture
from bot.channels.settings import Keyring
from bot.check import check
from bot.check_channels import of_channels
from bot.demo import outside, town
from bot.finding import Finding
from bot.sandbox.platforms.base import Platform
from bot.sandbox.server import Sandbox
from bot.settings import Environment, Settings

HTTPS = "https://kanalvakt.exempel.example"
CRISIS = {"website": "webb", "drill_channels": ["C0OVNING1"]}


@pytest.fixture
async def street() -> AsyncIterator[Sandbox]:
    """The demo's workspace with all its platforms."""
    sandbox = Sandbox(town.workspace(), platforms=outside.platforms())
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


def settings(street: Sandbox, crisis: dict[str, Any] | None = None, **changed: dict[str, Any]) -> Settings:
    """The demo's file; ``changed`` has what is different of a channel, by its key."""
    tables = [table | changed.get(table["key"], {}) for table in outside.channels(street.platforms)]
    return Settings.model_validate({**town.settings(), "channels": tables, "crisis": CRISIS | (crisis or {})})


def platform(street: Sandbox, name: str) -> Platform:
    return next(one for one in street.platforms if one.name == name)


async def look(
    street: Sandbox, url: str = HTTPS, keys: dict[str, str] | None = None, **given: Any
) -> list[Finding]:
    """What is not as it should be."""
    found = await of_channels(settings(street, **given), url, Keyring(outside.KEYS if keys is None else keys))
    return [one for one in found if one.level != "ok"]


async def test_all_channels_answer(street: Sandbox) -> None:
    """Each is named with what it calls itself, and nothing is published by asking."""
    found = await of_channels(settings(street), HTTPS, Keyring(outside.KEYS))
    assert {"ok"} == {one.level for one in found}
    said = "\n".join(one.sentence for one in found)
    interfaces = {one.key for one in settings(street).channels} - {"youtube"}
    assert {key for key in interfaces if f"channel {key} answers: " in said} == interfaces
    assert [one.items for one in street.platforms if one.items] == []


async def test_a_desk_without_channels_is_not_asked_about_them(street: Sandbox) -> None:
    """Accounts and comments need none."""
    chosen = Settings.model_validate(town.settings())
    assert await of_channels(chosen, "http://127.0.0.1:8080", Keyring({})) == []


async def test_a_dead_token_is_an_error_with_what_to_do(street: Sandbox) -> None:
    """And only for the channel whose it is."""
    platform(street, "facebook").faults.revoked = True
    [finding] = await look(street)
    assert (finding.level, "channel facebook: the token is not taken" in finding.sentence) == ("error", True)
    assert "INSTALL.md" in finding.remedy


async def test_each_secret_that_is_missing_is_named(street: Sandbox) -> None:
    """By its variable, and the vendor is not asked without it; no value is shown."""
    keys = {name: value for name, value in outside.KEYS.items() if name not in ("X_TOKEN_SECRET", "WEBB_USER")}
    found = await look(street, keys=keys)
    assert sorted(one.sentence for one in found) == [
        "channel webb: WEBB_USER is not set",
        "channel x: X_TOKEN_SECRET is not set",
    ]
    assert platform(street, "x").calls == []
    assert [value for value in outside.KEYS.values() if any(value in one.line() for one in found)] == []


async def test_a_vendor_that_does_not_answer_is_a_warning(street: Sandbox) -> None:
    """It may be back when it is needed; a vendor that refuses will not."""
    found = await look(street, mastodon={"api_url": "http://127.0.0.1:9"}, webb={"categories": [987654]})
    assert {(one.level, one.sentence.partition(":")[0]) for one in found} == {
        ("warning", "channel mastodon does not answer"),
        ("error", "channel webb refuses"),
    }


async def test_without_a_website_nothing_goes_first(street: Sandbox) -> None:
    """A warning: it can be meant."""
    [finding] = await look(street, crisis={"website": None})
    assert (finding.level, "crisis.website" in finding.sentence) == ("warning", True)


@pytest.mark.parametrize("key", ["facebook", "bluesky", "webb", "mejl-press"])
async def test_a_drill_that_the_public_would_see_is_an_error(street: Sandbox, key: str) -> None:
    """Followers, the website's visitors, the press."""
    [finding] = await look(street, **{key: {"drill": True}})
    assert (finding.level, f"channel {key} is marked for drills" in finding.sentence) == ("error", True)


async def test_a_drill_that_is_shown_nowhere_is_mentioned(street: Sandbox) -> None:
    """No channel marked, no Slack channel named."""
    inside = {key: {"drill": False} for key in ("intranat", "skarm-stadshuset")}
    found = await look(street, crisis={"drill_channels": []}, **inside)
    assert [one.level for one in found] == ["warning", "warning"]
    assert "no channel is marked for drills" in found[0].sentence
    assert "crisis.drill_channels" in found[1].sentence


async def test_instagram_needs_an_address_with_https(street: Sandbox) -> None:
    """It fetches the picture from us; without Instagram nobody needs that."""
    [finding] = await look(street, "http://kanalvakt.exempel.example")
    assert (finding.level, "Instagram" in finding.sentence) == ("error", True)
    chosen = settings(street)
    others = tuple(one for one in chosen.channels if one.key != "instagram")
    found = await of_channels(
        chosen.model_copy(update={"channels": others}), "http://k.example", Keyring(outside.KEYS)
    )
    assert [one for one in found if one.level != "ok"] == []


async def test_a_machine_without_the_font_is_an_error(street: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package that has it."""
    monkeypatch.setattr(picture, "REGULAR", "Saknas.ttf")
    [finding] = await look(street)
    assert (finding.level, "fonts-dejavu-core" in finding.remedy) == ("error", True)


async def test_whoever_is_responsible_is_looked_up_in_slack(street: Sandbox) -> None:
    """Also who shares a sign; the whole command, against the whole street."""
    chosen = settings(
        street,
        facebook={"responsible": "ingen@exempel.example"},
        webb={"responsible": town.address("webb")},
        **{"skylt-norr": {"co_owner": town.CONSULTANT}},
    )
    environment = Environment(
        slack_bot_token="xoxb-sandbox",
        slack_app_token="xapp-sandbox",
        log_key="k" * 32,
        slack_api_url=street.api_url,
        database_url="sqlite:///nowhere/kanalvakt.db",
        public_url=HTTPS,
    )
    found = [one for one in await check(chosen, environment, Keyring(outside.KEYS)) if "channel " in one.sentence]
    trouble = [one.sentence for one in found if one.level != "ok"]
    assert [one.partition(" is ")[0] for one in trouble] == [
        "channel facebook: ingen@exempel.example",
        f"channel skylt-norr: {town.CONSULTANT}",
    ]
