"""What the municipality's file says of one channel; each platform adds what only it needs."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.channels.errors import Refused, TokenDead
from bot.channels.message import Message

DOTENV = ".env"
Text = Annotated[str, Field(min_length=1)]


class ChannelSettings(BaseModel):
    """One ``[[channels]]`` table. ``api_url`` defaults to the vendor's; the token stands elsewhere.

    ``drill``: may be used in drills, because nobody outside sees it. ``responsible`` (e-mail or Slack id)
    is told when the channel's token dies, and publishes by hand where there is no interface. ``account``:
    its address in the register, by which the desk knows who answers its comments.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
    name: Text
    api_url: str = ""
    token_env: str | None = None
    token_file: Path | None = None
    responsible: str = ""
    drill: bool = False
    account: str = ""

    def admit(self, message: Message) -> None:
        """Raise Refused for a drill's message in a channel that is not marked for drills."""
        if message.drill and not self.drill:
            raise Refused("drill", f"{self.key} is not marked for drills")

    def variables(self) -> list[str]:
        """The names of the environment variables that hold its secrets."""
        named = (getattr(self, name) for name in type(self).model_fields if name.endswith("_env"))
        return [one for one in named if one]

    @model_validator(mode="after")
    def _one_token(self) -> Any:
        if self.token_env and self.token_file:
            raise ValueError(f'channel "{self.key}": give token_env or token_file, not both')
        return self


class Keyring:
    """Reads tokens where the settings say they are, at the moment they are needed; keeps none."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def token(self, channel: ChannelSettings) -> str:
        """The channel's token. Raises TokenDead when it is missing or its file is open to others."""
        if channel.token_env:
            return self.named(channel.token_env)
        if channel.token_file:
            return _read(channel.token_file)
        raise TokenDead("no token_env or token_file")

    def named(self, variable: str) -> str:
        """The secret in that environment variable. Raises TokenDead when it is not set.

        Of the process's own variables one that is missing may stand in .env.
        """
        value = (self._environ.get(variable) or self._dotenv(variable)).strip()
        if not value:
            raise TokenDead(f"{variable} is not set")
        return value

    def _dotenv(self, variable: str) -> str:
        return dotenv_values(DOTENV).get(variable) or "" if self._environ is os.environ else ""


def _read(file: Path) -> str:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise TokenDead(f"{file.name} can be read by others: chmod 600")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise TokenDead(f"{file.name}: {error.strerror}") from None
