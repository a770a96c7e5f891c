"""Settings: what the municipality chose (TOML) and what the machine holds (environment).

Whatever is wrong becomes one `SettingsError`: a sentence that names the place, the key and what
is expected, and never a secret's value.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.channels.registry import AnyChannel
from bot.clock import OfficeHours, opening
from bot.comment_settings import Comments
from bot.crisis_settings import Crisis
from bot.digest_settings import Digest
from bot.fields import (
    CalendarDays,
    Channel,
    Email,
    Group,
    Key,
    Seconds,
    Table,
    Team,
    Text,
    WebAddress,
    Who,
    WorkingDays,
)
from bot.record_settings import Records
from bot.report_settings import Report

DEFAULT_CONFIG = "kanalvakt.toml"
DOTENV = ".env"
SET_IT = f"set it in the environment or in {DOTENV}"
ANYWHERE = {"0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104  # compared, not bound

TAG = "platform"  # the key that decides which others a channel's table has
LANES = ("slack", "spread", "letters")  # the desk's own
BRANDS = ("Facebook", "Instagram", "X", "LinkedIn", "YouTube", "TikTok", "Snapchat", "Mastodon", "Bluesky")
PLATFORMS = {brand.lower(): brand for brand in BRANDS} | {"blog": "Blogg", "other": "Annan kanal"}


class SettingsError(Exception):
    """One line for the operator: where, which key, what is expected."""


class Municipality(Table):
    """Who is speaking: names and addresses shown to residents and applicants."""

    name: Text
    website: WebAddress
    contact: Text
    records_url: WebAddress
    guidelines_url: WebAddress | None = None
    guidelines_version: Text = "1"
    accessibility_url: WebAddress | None = None


class Slack(Table):
    """The workspace. ``posts_per_minute`` stays under Slack's limit for a whole workspace."""

    team_id: Team | None = None
    department_channel: Channel
    posts_per_minute: Annotated[int, Field(ge=1, le=3000)] = 240
    language: Literal["sv", "en"] = "sv"


class Accounts(Table):
    """Applications. Days are working days, except for expiry and drafts (calendar days)."""

    platforms: dict[Key, Text] = Field(default_factory=PLATFORMS.copy, min_length=1)
    minimum_posts_per_week: Annotated[int, Field(ge=1, le=100)] | None = None
    relay_account: Text | None = None
    answer_days: WorkingDays = 5
    reminder_days: tuple[WorkingDays, ...] = (2, 4)
    deputy_after_days: WorkingDays = 5
    expires_after_days: CalendarDays = 30
    draft_days: CalendarDays = 30

    @field_validator("reminder_days")
    @classmethod
    def _ascending(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("expected days that grow, like [2, 4]")
        return days


class Delivery(Table):
    """The delivery room's pace, in seconds. ``look_wait_s`` has one wait before each look."""

    lease_s: Seconds = 15.0
    http_timeout_s: Seconds = 10.0
    poll_s: Seconds = 1.0
    card_interval_s: Seconds = 3.0
    looks: Annotated[int, Field(ge=1, le=20)] = 3
    look_wait_s: tuple[Seconds, ...] = (5.0, 15.0, 30.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lease_s * 0.8 <= self.http_timeout_s:
            raise ValueError("lease_s must be at least 1.3 times http_timeout_s, or two senders could overlap")
        if len(self.look_wait_s) != self.looks:
            raise ValueError(f"look_wait_s needs one wait for each of the {self.looks} looks")
        return self


class Contact(Table):
    """A function with a mailbox, inside Slack or not."""

    name: Text
    email: Email


class Department(Table):
    """The seed of the communications department and its duties."""

    people: tuple[Who, ...] = ()
    group: Group | None = None
    manager: Who | None = None
    registrar: Contact | None = None
    contact_centre: Contact | None = None
    crisis_deciders: tuple[Who, ...] = ()

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.people and self.group is None:
            raise ValueError("give people (e-mail addresses or Slack ids) or a user group")
        return self


class Unit(Table):
    """The seed of one unit. ``parent`` is another unit's key."""

    key: Key
    name: Text
    board: str = ""
    parent: Key | None = None
    channel: Channel | None = None
    head: Who | None = None
    head_name: str = ""
    head_title: str = ""
    deputy: Who | None = None


class Settings(Table):
    """The whole of kanalvakt.toml. People and units only seed an empty desk."""

    municipality: Municipality
    slack: Slack
    department: Department
    office: Annotated[OfficeHours, AfterValidator(opening)] = Field(default_factory=OfficeHours)
    accounts: Accounts = Field(default_factory=Accounts)
    delivery: Delivery = Field(default_factory=Delivery)
    crisis: Crisis = Field(default_factory=Crisis)
    comments: Comments = Field(default_factory=Comments)
    digest: Digest = Field(default_factory=Digest)
    report: Report = Field(default_factory=Report)
    records: Records = Field(default_factory=Records)
    channels: tuple[AnyChannel, ...] = ()
    units: tuple[Unit, ...] = ()

    @model_validator(mode="after")
    def _channels_differ(self) -> Self:
        keys = [one.key for one in self.channels]
        if twice := next((key for key in keys if keys.count(key) > 1 or key in LANES), None):
            raise ValueError(f'two channels have the key "{twice}"')
        if self.crisis.website and self.crisis.website not in keys:
            raise ValueError(f'crisis.website names the unknown channel "{self.crisis.website}"')
        return self

    @field_validator("units")
    @classmethod
    def _a_forest(cls, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        for what in ("key", "name"):
            values = [getattr(unit, what) for unit in units]
            if twice := next((value for value in values if values.count(value) > 1), None):
                raise ValueError(f'two units have the {what} "{twice}"')
        parents = {unit.key: unit.parent for unit in units}
        for unit in units:
            _climb(unit.key, parents)
        return units


def _climb(key: str, parents: Mapping[str, str | None]) -> None:
    """Walk from a unit to the top; ValueError for a parent that is unknown or below it."""
    seen = {key}
    while parent := parents[key]:
        if parent not in parents:
            raise ValueError(f'unit "{key}" has the unknown parent "{parent}"{_hint(parent, parents)}')
        if parent in seen:
            raise ValueError(f'unit "{key}" and its parent "{parent}" are above each other')
        seen.add(parent)
        key = parent


class Environment(BaseSettings):
    """What the machine holds: tokens, addresses, and the key of the log. Secrets print as stars.

    Reads exactly the values it is given and, where asked to, a .env file; `load` decides.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: WebAddress = "https://slack.com/api/"
    database_url: SecretStr = SecretStr("sqlite:///kanalvakt.db")
    kanalvakt_config: Path = Path(DEFAULT_CONFIG)
    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: WebAddress = ""
    etjanst_secret: SecretStr | None = None
    log_key: SecretStr | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is handed in, then .env; the process's variables are handed in by `load`."""
        return init_settings, dotenv_settings

    def secret(self, name: str) -> str:
        """The secret in the field of that name; raises `SettingsError` when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise SettingsError(f"{name.upper()} is missing: {SET_IT}")
        return value.get_secret_value()

    def ready_to_run(self) -> None:
        """Raise `SettingsError` unless all that `run` needs is set."""
        self.secret("slack_bot_token")
        self.secret("log_key")
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise SettingsError(f"SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing: {SET_IT}")

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _right_token(cls, token: SecretStr | None, info: Any) -> SecretStr | None:
        prefix = "xoxb-" if info.field_name == "slack_bot_token" else "xapp-"
        if token and not token.get_secret_value().startswith(prefix):
            raise ValueError(f'expected a token that begins with "{prefix}"')
        return token

    @field_validator("log_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key and len(key.get_secret_value()) < 32:
            raise ValueError("expected at least 32 random characters")
        return key

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("sqlite", "postgresql", "postgres:")):
            raise ValueError('expected an address like "sqlite:///kanalvakt.db" or "postgresql://host/name"')
        return url

    @field_validator("slack_api_url")
    @classmethod
    def _with_slash(cls, url: str) -> str:
        return url.rstrip("/") + "/"

    @model_validator(mode="before")
    @classmethod
    def _public_by_default(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("public_url"):
            return data | {"public_url": str(data["public_url"]).rstrip("/")}
        host = str(data.get("host", "127.0.0.1"))
        shown = ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
        return data | {"public_url": f"http://{shown}:{data.get('port', 8080)}"}


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> tuple[Settings, Environment]:
    """Read both; raises `SettingsError`.

    Without ``environ``: the process's variables, then .env in the working directory. With it:
    nothing but what it holds, so that a demo or a test never meets somebody's real tokens.
    ``path`` goes before KANALVAKT_CONFIG.
    """
    environment = read_environment(environ)
    return read_settings(path or environment.kanalvakt_config), environment


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """The environment alone, as `load` reads it; raises `SettingsError`."""
    given = os.environ if environ is None else environ
    values: dict[str, Any] = {
        name: given[name.upper()].strip() for name in Environment.model_fields if given.get(name.upper())
    }
    try:
        return Environment(_env_file=DOTENV if environ is None else None, **values)
    except ValidationError as error:
        first, more = _first(error)
        key = str(first["loc"][0]).upper() if first["loc"] else "values"
        raise SettingsError(f"environment or {DOTENV}: {key}: {_expected(first)}{more}") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{DOTENV}: cannot be read as text in UTF-8") from None


def read_settings(path: Path) -> Settings:
    """The TOML file alone; raises `SettingsError`."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; KANALVAKT_CONFIG names the file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: expected text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        first, more = _first(error)
        raise SettingsError(f"{path}: {_place(first['loc'])}: {_expected(first)}{more}") from None


def known_keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every key of the settings, dotted: "office", "office.monday", "units.key"; where a table's keys depend
    on its platform, with that: "channels.mail.host".
    """
    for name, info in model.model_fields.items():
        yield f"{prefix}{name}"
        inner = _models_in(info.annotation)
        for one in inner:
            chosen = f"{one.model_fields[TAG].default}." if len(inner) > 1 else ""
            yield from known_keys(one, f"{prefix}{name}.{chosen}")


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _first(error: ValidationError) -> tuple[ErrorDetails, str]:
    """The error to show, and how many it stands for. A misspelt key explains the missing one."""
    errors = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    return errors[0], f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""


def _place(loc: tuple[int | str, ...]) -> str:
    """ "office.monday", "units no. 3.head"."""
    parts = (f"no. {part + 1}" if isinstance(part, int) else part for part in loc if part != "[key]")
    return ".".join(parts).replace(".no. ", " no. ") or "the file"


def _expected(error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"is not a known key{_suggestion(error['loc'])}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "union_tag_not_found":
            return f"{TAG} is missing"
        case "union_tag_invalid":
            known = error["ctx"]["expected_tags"].replace("'", "")
            return f'{TAG} "{error["ctx"]["tag"]}" is not known; known here: {known}'
    return error["msg"].replace("Input should be", "expected")


def _suggestion(loc: tuple[int | str, ...]) -> str:
    """The nearest key of the same table, else the key of that name in another table."""
    *table, name = (part for part in loc if isinstance(part, str))
    every = list(known_keys())
    prefix = "".join(f"{part}." for part in table)
    here = [key.removeprefix(prefix) for key in every if key.startswith(prefix)]
    siblings = [key for key in here if "." not in key]
    elsewhere = [key for key in every if key.rpartition(".")[2] == name]
    listed = f"; known here: {', '.join(siblings)}" if siblings else ""
    return _hint(name, siblings) or (f"; did you mean {elsewhere[0]}?" if elsewhere else listed)


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
