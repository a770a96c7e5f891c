"""The local platforms over a restart: what residents saw, they see again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo import outside
from bot.sandbox.platforms import facebook, keeping, mailbox, wordpress
from bot.sandbox.platforms.base import Platform
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox
from tests.channels.test_mail import letter

JSON = dict[str, Any]
EDITOR = aiohttp.BasicAuth("kanalvakt", "wordpress-local")
PAGE = {"Authorization": f"Bearer {outside.KEYS['FACEBOOK_TOKEN']}"}
