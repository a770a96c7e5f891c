"""`kanalvakt check` against a workspace in which something is wrong."""

import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import check as checks
from bot.check import check
from bot.finding import Finding
from bot.sandbox.seed import ALL_SCOPES, ChannelSeed, GroupSeed, PersonSeed, Seed
from bot.sandbox.server import Sandbox
from bot.settings import Environment, Settings
from storage import duties, facts, migrate
from storage.engine import Database

CHANNEL = "C0KOMM"
PEOPLE = (
    PersonSeed("U0KOM1", "Kommunikatör", "kommunikator@exempel.example"),
    PersonSeed("U0HEAD", "Enhetschef", "chef@exempel.example"),
    PersonSeed("U0GUEST", "Konsult", "konsult@exempel.example", guest=True),
    PersonSeed("U0GONE", "Slutat", "slutat@exempel.example", deleted=True),
)
CHANNELS = (
    ChannelSeed(CHANNEL, "kommunikation"),
    ChannelSeed("C0OLD", "arkivet", archived=True),
    ChannelSeed("G0HEM", "hemliga", private=True),
    ChannelSeed("C0DELAD", "grannar", ext_shared=True),
)
DECIDED = date(2026, 3, 1)
RULE = {"board": "Kultur- och fritidsnämnden", "months": 24, "decided": DECIDED, "paragraph": "§ 45"}
PAPERS = {"rules": [RULE]} | dict.fromkeys(checks.PAPERS, DECIDED)
GROUPS = (GroupSeed("S0KOMM", "komm", ("U0KOM1",)), GroupSeed("S0TOM", "tom", ()))


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(Seed(people=PEOPLE, channels=CHANNELS, groups=GROUPS))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


def settings(channel: str = CHANNEL, head: str | None = "chef@exempel.example", **department: Any) -> Settings:
    return Settings.model_validate(
        {
            "municipality": {
                "name": "Exempelkommunen",
                "website": "https://www.exempel.example",
                "contact": "kontaktcenter",
                "records_url": "https://www.exempel.example/personuppgifter",
            },
            "slack": {"department_channel": channel},
            "department": department or {"people": ["kommunikator@exempel.example", "U0KOM1"]},
            "records": PAPERS,
            "units": [{"key": "bibliotek", "name": "Biblioteket", "head": head}],
        }
    )


def environment(
    slack: Sandbox, database_url: str = "sqlite:///nowhere/kanalvakt.db", **changed: Any
) -> Environment:
    given = {
        "slack_bot_token": "xoxb-sandbox",
        "slack_app_token": "xapp-sandbox",
        "log_key": "k" * 32,
        "slack_api_url": slack.api_url,
        "database_url": database_url,
        "public_url": "https://kanalvakt.exempel.example",
        **changed,
    }
    return Environment(**{name: value for name, value in given.items() if value is not None})


def trouble(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.level != "ok"]


async def test_all_is_well(slack: Sandbox, database_url: str) -> None:
    """Nothing to mend, and every subject is named."""
    db = Database(database_url)
    await migrate.upgrade(db)
    await db.close()
    found = await check(settings(), environment(slack, database_url))
    assert trouble(found) == []
    said = "\n".join(one.line() for one in found)
    for word in ("Exempelkommunen", "Socket Mode", "PUBLIC_URL", "schema", "scopes", "#kommunikation", "3 people"):
        assert word in said


async def test_looking_at_a_database_that_is_not_there_makes_none(slack: Sandbox, tmp_path: Path) -> None:
    """The check changes nothing."""
    file = tmp_path / "kanalvakt.db"
    found, stored = await checks.of_database(environment(slack, f"sqlite:///{file}"))
    assert ([one.level for one in found], stored) == (["warning"], None)
    assert os.listdir(tmp_path) == []


async def test_a_database_that_cannot_be_opened_is_an_error(slack: Sandbox) -> None:
    """With the driver's reason, without the password."""
    address = "postgresql://someone:geheim@127.0.0.1:1/desk"
    for url in (address, "sqlite:////nowhere/at/all/desk.db"):
        [finding], _ = await checks.of_database(environment(slack, url))
        assert finding.level == "error"
        assert "geheim" not in finding.line()


async def test_an_empty_database_is_named(slack: Sandbox, empty_url: str) -> None:
    """It will be filled by the first start."""
    db = Database(empty_url)
    await migrate.upgrade(db)
    await migrate.downgrade(db, "base")
    await db.close()
    [finding], _ = await checks.of_database(environment(slack, empty_url))
    assert finding.level == "warning"
    assert "empty" in finding.sentence


async def test_what_was_edited_in_slack_goes_before_the_file(slack: Sandbox, database_url: str) -> None:
    """The file only seeds an empty desk; then the database says who and where."""
    db = Database(database_url)
    await migrate.upgrade(db)
    async with db.write() as session:
        session.add(duties.Duty(role=duties.DEPARTMENT, who="ny@exempel.example"))
        await facts.put(session, facts.SEEDED, "2026-11-21")
        await facts.put(session, facts.DEPARTMENT_CHANNEL, "C0OLD")
    await db.close()
    found = trouble(await check(settings(), environment(slack, database_url)))
    assert [one.level for one in found] == ["error", "warning"]
    assert "#arkivet is archived" in found[0].sentence
    assert "ny@exempel.example is not found" in found[1].sentence


@pytest.mark.parametrize("token", ["slack_bot_token", "log_key", "slack_app_token"])
def test_a_missing_secret_is_named(token: str) -> None:
    """By its name in the environment."""
    given = {"slack_bot_token": "xoxb-1", "log_key": "k" * 32, "slack_app_token": "xapp-1"}
    del given[token]
    [finding, _] = checks.of_environment(Environment(**given))
    assert finding.level == "error"
    assert token.upper() in finding.sentence


@pytest.mark.parametrize(
    ("url", "level"),
    [("", "warning"), ("http://kanalvakt.exempel.example", "warning"), ("https://k.exempel.example", "ok")],
)
def test_a_public_address_that_nobody_can_open_is_named(url: str, level: str) -> None:
    """Links in messages and the register lead there."""
    *_, finding = checks.of_environment(Environment(public_url=url))
    assert finding.level == level


async def test_a_dead_token_ends_the_look(slack: Sandbox) -> None:
    """Everything else would only say the same."""
    found = await checks.of_slack(settings(), environment(slack, slack_bot_token="xoxb-old"), None)
    assert [one.level for one in found] == ["error"]
    assert "invalid_auth" in found[0].sentence
    assert "Bot User OAuth Token" in found[0].remedy


async def test_a_network_that_is_away_is_not_blamed_on_the_token(slack: Sandbox) -> None:
    """The remedy is another."""
    nowhere = environment(slack, slack_api_url="http://127.0.0.1:9/api/")
    [finding] = await checks.of_slack(settings(), nowhere, None)
    assert "SLACK_API_URL" in finding.remedy


async def test_missing_scopes_are_named() -> None:
    """And how to get them."""
    lacking = ("usergroups:read", "im:write")
    scopes = tuple(scope for scope in ALL_SCOPES if scope not in lacking)
    sandbox = Sandbox(Seed(people=PEOPLE, channels=CHANNELS, scopes=scopes))
    await sandbox.start()
    found = trouble(await checks.of_slack(settings(), environment(sandbox), None))
    await sandbox.stop()
    assert [one.sentence for one in found] == ["scopes are missing: im:write, usergroups:read"]
    assert "kanalvakt manifest" in found[0].remedy


async def test_an_app_token_that_slack_does_not_take_is_named(slack: Sandbox) -> None:
    """With it nothing would be heard."""
    found = trouble(await checks.of_slack(settings(), environment(slack, slack_app_token="xapp-old"), None))
    assert [one.level for one in found] == ["error"]
    assert "SLACK_APP_TOKEN" in found[0].sentence


async def test_in_http_mode_no_app_token_is_asked_for(slack: Sandbox) -> None:
    """The signing secret is enough."""
    http = environment(slack, slack_app_token=None, slack_signing_secret="secret")
    assert trouble(await checks.of_slack(settings(), http, None)) == []


async def test_another_workspace_than_the_files_is_an_error(slack: Sandbox) -> None:
    """The token of the trial workspace in the real one's settings."""
    chosen = settings()
    elsewhere = chosen.model_copy(update={"slack": chosen.slack.model_copy(update={"team_id": "T0ANNAN"})})
    found = trouble(await checks.of_slack(elsewhere, environment(slack), None))
    assert ["T0ANNAN" in one.sentence for one in found] == [True]


@pytest.mark.parametrize(
    ("channel", "level", "words"),
    [
        ("C0NONE", "error", "cannot be read"),
        ("C0OLD", "error", "is archived"),
        ("G0HEM", "error", "cannot be read"),
        ("C0DELAD", "warning", "shared with another organisation"),
    ],
)
async def test_a_channel_where_cards_cannot_stand_is_named(
    slack: Sandbox, channel: str, level: str, words: str
) -> None:
    """Unknown, archived, private without the bot, or read by strangers."""
    [finding] = trouble(await checks.of_slack(settings(channel), environment(slack), None))
    assert (finding.level, words in finding.sentence) == (level, True)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("ingen@exempel.example", "is not found"),
        ("U0NOBODY", "is not found"),
        ("slutat@exempel.example", "is not found"),
        ("U0GONE", "is deactivated"),
        ("konsult@exempel.example", "is a guest"),
    ],
)
async def test_each_person_who_cannot_decide_is_named(slack: Sandbox, who: str, words: str) -> None:
    """A role that is vacant is a warning: the desk runs, and says so."""
    [finding] = trouble(await checks.of_slack(settings(head=who), environment(slack), None))
    assert finding.level == "warning"
    assert who in finding.sentence
    assert words in finding.sentence


@pytest.mark.parametrize(("group", "level"), [("S0KOMM", None), ("S0TOM", "error"), ("S0INGEN", "error")])
async def test_the_departments_group_must_be_readable_and_have_members(
    slack: Sandbox, group: str, level: str | None
) -> None:
    """Without it nobody of the department could decide."""
    found = trouble(await checks.of_slack(settings(group=group), environment(slack), None))
    assert [one.level for one in found] == ([level] if level else [])


async def test_a_look_up_that_slack_slows_down_is_waited_for(slack: Sandbox) -> None:
    """A municipality has more heads than Slack looks up in a minute."""
    slack.hub.faults.set(throttle={"probability": 0.4, "methods": ["users.lookupByEmail"]}, seed=1)
    assert trouble(await checks.of_slack(settings(), environment(slack), None)) == []


def test_a_unit_whose_head_is_not_in_slack_is_mentioned() -> None:
    """It works, with answers entered by hand."""
    [_, finding] = checks.of_settings(settings(head=None))
    assert (finding.level, "Biblioteket" in finding.sentence) == ("warning", True)


@pytest.mark.parametrize("missing", ["impact_assessment", "processor_agreement", "transfer_decision"])
def test_a_paper_without_a_date_is_mentioned(missing: str) -> None:
    """Until it is signed, every check says so, and where its date goes."""
    chosen = settings()
    records = chosen.records.model_copy(update={missing: None})
    [finding] = trouble(list(checks.of_settings(chosen.model_copy(update={"records": records}))))
    assert ("warning", True) == (finding.level, missing in finding.line())


def test_boards_that_have_not_decided_on_weeding_are_mentioned() -> None:
    """Nothing is weeded without a decision, and nobody should believe otherwise."""
    chosen = settings()
    records = chosen.records.model_copy(update={"rules": ()})
    [finding] = trouble(list(checks.of_settings(chosen.model_copy(update={"records": records}))))
    assert "nothing is ever weeded" in finding.line()
