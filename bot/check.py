"""`kanalvakt check`: is everything there that `run` needs, and who can mend what is not.

Changes nothing, posts nothing. Speaks English: its reader is the operator.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.errors import ChannelError, Refused, Throttled, TokenDead
from bot.channels.scopes import scopes
from bot.channels.settings import Keyring
from bot.channels.slackapi import SlackApi, typed
from bot.check_channels import of_channels
from bot.directory import everybody_named
from bot.finding import Finding, doubtful, good, wrong
from bot.people import is_group
from bot.settings import Environment, Settings, SettingsError
from storage import facts, migrate
from storage.engine import Database

TRIES: Final = 5  # of a look-up that Slack slows down
GUEST: Final = "is a guest, and guests may not decide"
ANY_CHANNEL: Final = "chat:write.public"

# What Slack says of somebody who cannot have a role.
UNFIT: Final = {
    "deleted": "is deactivated in Slack",
    "is_bot": "is a bot",
    "is_restricted": GUEST,
    "is_ultra_restricted": GUEST,
    "is_stranger": "belongs to another workspace",
}


PAPERS: Final = {
    "impact_assessment": "impact assessment (konsekvensbedömning, GDPR article 35)",
    "processor_agreement": "agreement with the processor (personuppgiftsbiträdesavtal, article 28)",
    "transfer_decision": "decision on transfer to third countries (article 44)",
}


async def check(settings: Settings, environment: Environment, keyring: Keyring | None = None) -> list[Finding]:
    """Everything, in the order in which it is best mended. Raises nothing that the world outside causes.

    ``keyring`` for the channels' tokens instead of the process's environment.
    """
    found = [*of_settings(settings), *of_environment(environment)]
    of_db, stored = await of_database(environment)
    found += [*of_db, *await of_slack(settings, environment, stored)]
    return found + await of_channels(settings, environment.public_url, keyring or Keyring())


def of_settings(settings: Settings) -> Iterator[Finding]:
    """The file was read; here is what it says."""
    units = len(settings.units)
    yield good(f"kanalvakt.toml: {settings.municipality.name}, {units} units to start with")
    headless = [unit.name for unit in settings.units if unit.head is None and unit.parent is None]
    if headless:
        yield doubtful(
            f"units without a head in Slack and without a parent: {', '.join(headless)}",
            "the department enters these heads' answers by hand, or name a head",
        )
    yield from _papers(settings)


def _papers(settings: Settings) -> Iterator[Finding]:
    """People's data is in the desk: the papers for that, and the boards' decisions on weeding."""
    for key, paper in PAPERS.items():
        if getattr(settings.records, key) is None:
            yield doubtful(f"the {paper} has no date", f"sign it, and put the date at {key} under [records]")
    if not settings.records.rules:
        yield doubtful(
            "no board has decided on weeding: nothing is ever weeded",
            "add [[records.rules]] with the decision; /komm gallring lists what would go",
        )


def of_environment(environment: Environment) -> Iterator[Finding]:
    """Tokens, secrets and addresses, without their values."""
    try:
        environment.ready_to_run()
    except SettingsError as error:
        yield wrong(str(error), "see .env.example")
    else:
        mode = "Socket Mode" if environment.slack_app_token else "HTTP"
        yield good(f"tokens and keys are set; Slack is heard over {mode}")
    yield _public_url(environment.public_url)


def _public_url(url: str) -> Finding:
    parts = urlsplit(url)
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return doubtful(f"PUBLIC_URL is {url}: nobody else can open it", "set it to the address of your proxy")
    if parts.scheme != "https":
        return doubtful(f"PUBLIC_URL is {url}: not encrypted", "put a proxy with a certificate before it")
    return good(f"PUBLIC_URL is {url}")


@dataclass(frozen=True)
class Stored:
    """Who has a role and where cards stand, as edited in Slack."""

    named: list[str]
    channel: str | None


async def of_database(environment: Environment) -> tuple[list[Finding], Stored | None]:
    """Can it be opened, is its schema right; and what was edited in it, None while it is empty."""
    db = Database(environment.secret("database_url"))
    kind = "SQLite" if db.is_sqlite else "PostgreSQL"
    try:
        if db.is_sqlite and (absent := _absent(Path(db.url.database or ""))):
            return [absent], None
        here, newest = await migrate.current(db), migrate.head()
        stored = await _stored(db) if here == newest else None
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return [wrong(f"{kind} cannot be opened: {reason}", "check DATABASE_URL and its rights")], None
    finally:
        await db.close()
    return [_schema(kind, here, newest)], stored


def _absent(file: Path) -> Finding | None:
    """SQLite makes a file by looking at it; so it is not looked at before it is there."""
    if file.exists():
        return None
    if not file.parent.is_dir():
        return wrong(f"the folder of {file} does not exist", "make it, owned by the account that runs the bot")
    return doubtful(f"{file} does not exist yet", "the first `kanalvakt run` or `kanalvakt db upgrade` makes it")


async def _stored(db: Database) -> Stored | None:
    async with db.read() as session:
        if not await facts.get(session, facts.SEEDED):
            return None
        return Stored(await everybody_named(session), await facts.get(session, facts.DEPARTMENT_CHANNEL))


def _schema(kind: str, here: str | None, newest: str | None) -> Finding:
    if here == newest:
        return good(f"{kind}: the schema is up to date ({here})")
    if here is None:
        return doubtful(f"{kind}: empty", "the first `kanalvakt run` or `kanalvakt db upgrade` fills it")
    return doubtful(f"{kind}: the schema is at {here}, this version has {newest}", "kanalvakt db upgrade")


async def of_slack(settings: Settings, environment: Environment, stored: Stored | None) -> list[Finding]:
    """Token, scopes, app token, channel, people, group. Stops where the token is no good."""
    if environment.slack_bot_token is None:
        return []
    token = environment.slack_bot_token.get_secret_value()
    try:
        whoami, granted = await _identity(environment, environment.slack_bot_token)
    except ChannelError as error:
        return [wrong(f"Slack does not take SLACK_BOT_TOKEN: {error}", _mend_token(error))]
    found = [*_workspace(settings, whoami), *_scopes(granted)]
    async with _api(token, environment) as api:
        found += await _app_token(environment)
        edited = stored.channel if stored else None
        found.append(await _channel(api, edited or settings.slack.department_channel, granted))
        found += await _people(api, stored.named if stored else seeded_names(settings))
        found += await _responsible(api, settings)
    return found


def _mend_token(error: ChannelError) -> str:
    if isinstance(error, Refused | TokenDead):
        return "copy the Bot User OAuth Token anew from the app's page OAuth & Permissions"
    return "check the network, the proxy and SLACK_API_URL"


async def _identity(environment: Environment, token: SecretStr) -> tuple[dict[str, Any], set[str] | None]:
    """Who the token is, and the scopes it was granted (None when Slack does not say)."""
    answer = await _ask(environment, token, "auth.test")
    header = next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), None)
    granted = None if header is None else {scope.strip() for scope in str(header).split(",")}
    return dict(answer.data), granted


async def _ask(environment: Environment, token: SecretStr, method: str) -> Any:
    """One call whose headers or token are not the desk's usual ones. Raises ChannelError."""
    timeout = aiohttp.ClientTimeout(total=15)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        client = AsyncWebClient(
            token.get_secret_value(), base_url=environment.slack_api_url, session=http, retry_handlers=[]
        )
        try:
            return await client.api_call(method)
        except (SlackClientError, aiohttp.ClientError, OSError, AttributeError) as problem:
            raise typed(problem) from problem


@asynccontextmanager
async def _api(token: str, environment: Environment) -> AsyncIterator[SlackApi]:
    api = SlackApi(token, base_url=environment.slack_api_url)
    try:
        yield api
    finally:
        await api.close()


def _workspace(settings: Settings, whoami: Mapping[str, Any]) -> Iterator[Finding]:
    yield good(f"Slack knows the bot as {whoami.get('user')} in the workspace {whoami.get('team')}")
    wanted = settings.slack.team_id
    if wanted and wanted != whoami.get("team_id"):
        yield wrong(
            f"slack.team_id is {wanted}, but the token belongs to {whoami.get('team_id')}",
            "correct kanalvakt.toml, or install the app in the right workspace",
        )


def _scopes(granted: set[str] | None) -> Iterator[Finding]:
    needed = set(scopes())
    if granted is None:
        yield doubtful("Slack does not say which scopes the token has", "compare with `kanalvakt manifest`")
        return
    missing = sorted(needed - granted)
    if missing:
        remedy = "update the app with `kanalvakt manifest` and reinstall it in the workspace"
        yield wrong(f"scopes are missing: {', '.join(missing)}", remedy)
    else:
        yield good(f"all {len(needed)} scopes are granted")


async def _app_token(environment: Environment) -> list[Finding]:
    if environment.slack_app_token is None:
        return []
    try:
        await _ask(environment, environment.slack_app_token, "apps.connections.open")
    except ChannelError as error:
        remedy = "make an app-level token with connections:write, and turn Socket Mode on"
        return [wrong(f"Slack does not take SLACK_APP_TOKEN: {error}", remedy)]
    return [good("Socket Mode can be opened")]


async def _channel(api: SlackApi, channel: str, granted: set[str] | None) -> Finding:
    try:
        found = (await api.call("conversations.info", channel=channel))["channel"]
    except ChannelError as error:
        return wrong(
            f"the department's channel {channel} cannot be read: {error}",
            "use the channel's id, and invite the bot if it is private: /invite @Kanalvakt",
        )
    name = f"#{found.get('name', channel)}"
    if found.get("is_archived"):
        return wrong(f"the department's channel {name} is archived", "unarchive it, or choose another")
    public = not found.get("is_private") and (granted is None or ANY_CHANNEL in granted)
    if not (found.get("is_member") or public):
        return wrong(f"the bot may not post in {name}", "invite it there: /invite @Kanalvakt")
    if found.get("is_ext_shared"):
        return doubtful(f"{name} is shared with another organisation", "cards would be read there; choose another")
    return good(f"the bot may post in {name}")


def seeded_names(settings: Settings) -> list[str]:
    """Everybody the file names: department, duties, heads and deputies."""
    staff = settings.department
    found = [*staff.people, *([staff.group] if staff.group else []), *([staff.manager] if staff.manager else [])]
    found += staff.crisis_deciders
    found += [who for unit in settings.units for who in (unit.head, unit.deputy) if who]
    return list(dict.fromkeys(found))


async def _responsible(api: SlackApi, settings: Settings) -> list[Finding]:
    """Those whom the channels name: without them the department's channel is told."""
    named = [
        (one.key, who)
        for one in settings.channels
        for who in (one.responsible, getattr(one, "co_owner", ""))
        if who
    ]
    found = [(key, await _person(api, who)) for key, who in named]
    remedy = "name somebody else; until then the department's channel is told"
    return [doubtful(f"channel {key}: {one.sentence}", remedy) for key, one in found if one.level != "ok"]


async def _people(api: SlackApi, whos: Iterable[str]) -> list[Finding]:
    found = [(await _group(api, who)) if is_group(who) else (await _person(api, who)) for who in whos]
    trouble = [one for one in found if one.level != "ok"]
    fine = len(found) - len(trouble)
    return [*trouble, *([good(f"{fine} people and groups are found in Slack")] if fine else [])]


async def _person(api: SlackApi, who: str) -> Finding:
    try:
        if "@" in who:
            user = (await _patiently(api, "users.lookupByEmail", email=who))["user"]
        else:
            user = (await _patiently(api, "users.info", user=who))["user"]
    except ChannelError as error:
        return doubtful(
            f"{who} is not found in Slack: {error}", "correct the address; until then the role is vacant"
        )
    unfit = next((words for flag, words in UNFIT.items() if user.get(flag)), None)
    if unfit:
        return doubtful(f"{who} {unfit}", "name somebody else; until then the role is vacant")
    return good(f"{who} is found")


async def _group(api: SlackApi, group: str) -> Finding:
    try:
        members = (await _patiently(api, "usergroups.users.list", usergroup=group))["users"]
    except ChannelError as error:
        return wrong(
            f"the user group {group} cannot be read: {error}", "check the id (S…); groups need a paid plan"
        )
    if not members:
        return wrong(f"the user group {group} has no members", "add the department's people to it in Slack")
    return good(f"the user group {group} has {len(members)} members")


async def _patiently(api: SlackApi, method: str, **args: Any) -> dict[str, Any]:
    """Call; when Slack slows us down, wait as long as it says, a few times."""
    for _ in range(TRIES - 1):
        try:
            return await api.call(method, **args)
        except Throttled as throttled:
            await asyncio.sleep(throttled.retry_after)
    return await api.call(method, **args)
