"""The command line: run, demo, check, manifest, import, export, log verify, db upgrade."""

import asyncio
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot import app as roof
from bot import check as checks
from bot import settings
from bot import stage as stages
from bot.accounts import transfer
from bot.accounts.transfer import BadFile
from bot.channels.errors import ChannelError
from bot.log import Broken, verify
from bot.sandbox.forms import Surprise
from bot.settings import Environment, Settings, SettingsError
from storage import migrate
from storage.engine import Database

cli = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
log_cli = typer.Typer(no_args_is_help=True, help="The log of decisions.")
db_cli = typer.Typer(no_args_is_help=True, help="The database.")
cli.add_typer(log_cli, name="log")
cli.add_typer(db_cli, name="db")
console = Console(highlight=False)
problems = Console(stderr=True, highlight=False)


def main() -> None:
    """Entry point. Whatever the operator can mend is one line, never a traceback."""
    try:
        cli()
    except (SettingsError, BadFile, migrate.SchemaTooNew) as error:
        _give_up(str(error), 2)
    except ChannelError as error:  # who restarts the process tries again
        _give_up(f"Slack did not let us start: {error!r}", 3)
    except (SQLAlchemyError, OSError) as error:
        _give_up(f"{type(error).__name__}: {str(error).splitlines()[0]}", 3)


def _give_up(why: str, status: int) -> NoReturn:
    problems.print(f"kanalvakt: {why}", markup=False, soft_wrap=True)
    sys.exit(status)


def set_up_log(level: str = "INFO") -> None:
    """Structured lines on standard error: JSON for machines, readable in a terminal."""
    plain = structlog.dev.plain_traceback  # a rich one would print local variables: people's text
    for_people = structlog.dev.ConsoleRenderer(exception_formatter=plain)
    for_machines = structlog.processors.JSONRenderer()
    renderer: Any = for_people if sys.stderr.isatty() else for_machines
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if renderer is for_people else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def loaded() -> tuple[Settings, Environment]:
    """Settings and environment; SettingsError with one line when something is wrong."""
    return settings.load()


@cli.command()
def run() -> None:
    """Run the desk until it is told to stop."""
    set_up_log()
    chosen, environment = loaded()
    asyncio.run(until_stopped(lambda stop: roof.run(chosen, environment, stop)))


async def until_stopped(work: Any) -> None:
    """Give the work an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await work(stop)


@cli.command()
def demo(
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    port: Annotated[int, typer.Option(help="Port of the workspace; the register gets the next one.")] = 8377,
    script: Annotated[str | None, typer.Option(help="Play a script instead: konto.")] = None,
    database_url: Annotated[str | None, typer.Option(help="Another database than SQLite.")] = None,
    http: Annotated[bool, typer.Option(help="Signed HTTP instead of Socket Mode.")] = False,
) -> None:
    """Try the desk in a local Slack workspace: nothing but Python is needed."""
    set_up_log("WARNING")
    with tempfile.TemporaryDirectory(prefix="kanalvakt-") as folder:
        stage = stages.Stage(
            folder=data or Path(folder), port=0 if script else port, database_url=database_url, http=http
        )
        if script:
            sys.exit(asyncio.run(_play(stage, script)))
        asyncio.run(until_stopped(lambda stop: stages.show(stage, console, stop)))


async def _play(stage: stages.Stage, script: str) -> int:
    try:
        await stages.play(stage, script, console)
    except Surprise as surprise:
        problems.print(f"Det gick inte som väntat: {surprise}", markup=False)
        return 1
    return 0


@cli.command()
def check() -> None:
    """Examine settings, token, scopes, people and database, and say what to mend."""
    set_up_log("ERROR")
    chosen, environment = loaded()
    findings = asyncio.run(checks.check(chosen, environment))
    for finding in findings:
        console.print(finding.line(), markup=False, soft_wrap=True)
    sys.exit(1 if any(finding.level == "error" for finding in findings) else 0)


@cli.command()
def manifest(
    http: Annotated[bool, typer.Option(help="For HTTP mode at PUBLIC_URL instead of Socket Mode.")] = False,
    url: Annotated[str, typer.Option(help="Public address, for HTTP mode.")] = "",
) -> None:
    """Print the Slack manifest, derived from what is registered."""
    console.print_json(data=stages.manifest(socket_mode=not http, public_url=url))


@cli.command("import")
def import_(file: Annotated[Path, typer.Argument(help="CSV file with the accounts you have.")]) -> None:
    """Enter existing accounts from a file; nothing is entered if a line is wrong."""
    chosen, environment = loaded()
    count = asyncio.run(_on_desk(chosen, environment, lambda desk: transfer.import_file(desk, file)))
    console.print(f"{count} accounts entered")


@cli.command()
def export(file: Annotated[Path, typer.Argument(help="Where to write the register (.csv or .json).")]) -> None:
    """Write the register of accounts to a file."""
    chosen, environment = loaded()
    work = _on_desk(chosen, environment, lambda desk: transfer.exported(desk, file.suffix))
    count, text = asyncio.run(work)
    file.write_text(text, "utf-8-sig" if file.suffix == ".csv" else "utf-8")
    console.print(f"{count} accounts written")


async def _on_desk(chosen: Settings, environment: Environment, work: Any) -> Any:
    desk = roof.desk_of(chosen, environment)
    try:
        await migrate.upgrade(desk.db)
        return await work(desk)
    finally:
        await desk.db.close()


@log_cli.command("verify")
def log_verify() -> None:
    """Read the whole log; name the first broken link, or say that all hold."""
    _, environment = loaded()
    broken = asyncio.run(_verified(environment))
    if broken is not None:
        problems.print(f"Broken: {broken.case}, link {broken.seq}: {broken.why}", markup=False)
        sys.exit(1)
    console.print("Every link holds.")


async def _verified(environment: Environment) -> Broken | None:
    """Verify what is there. SettingsError where there is no log: an empty one would always hold."""
    db = Database(environment.secret("database_url"))
    try:
        if not db.exists() or await migrate.current(db) is None:
            raise SettingsError("DATABASE_URL: there is no log in this database")
        return await verify(db)
    finally:
        await db.close()


@db_cli.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema up to date."""
    _, environment = loaded()
    asyncio.run(_upgrade(environment))
    console.print("The schema is up to date.")


async def _upgrade(environment: Environment) -> None:
    db = Database(environment.secret("database_url"))
    try:
        await migrate.upgrade(db)
    finally:
        await db.close()
