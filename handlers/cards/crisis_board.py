"""What the board tells besides its channels: the promise, who watches, who has paused; and their buttons."""

from bot.crisis.board import Board
from bot.texts import Speak
from handlers.cards import kit
from handlers.cards.kit import Block
from storage import incidents

WATCH, ABORT, REPORT = "crisis.watch", "crisis.abort", "crisis.report"
SILENT = 10  # accounts named; the others are counted


def status(t: Speak, board: Board) -> list[str]:
    """Sentences for the board, plain text; the red ones say what is wrong."""
    if board.incident.state != incidents.ON:
        return []
    return [*_promise(t, board), *_watch(t, board), *_paused(t, board)]


def _promise(t: Speak, board: Board) -> list[str]:
    return [t("life.board.overdue")] if board.vigil.overdue else []


def _watch(t: Speak, board: Board) -> list[str]:
    vigil = board.vigil
    if vigil.watcher:
        return [t("life.board.watcher", name=vigil.name)]
    return [t("life.board.unwatched" if vigil.unwatched else "life.board.watch_later")]


def _paused(t: Speak, board: Board) -> list[str]:
    pauses = board.pauses
    if pauses is None:
        return []
    said = [t.n("life.board.paused", pauses.answered) if pauses.answered else t("life.board.paused.none")]
    said += [t.n("life.board.held", pauses.held)] if pauses.held else []
    said += [t.n("life.board.stuck", pauses.stuck)] if pauses.stuck else []
    named = [t("life.board.account", account=one.account, name=one.owner) for one in pauses.silent[:SILENT]]
    left = len(pauses.silent) - SILENT
    if left > 0:
        named.append(t.n("life.board.more", left))
    return [*said, t("life.board.silent", accounts=t.names(named))] if named else said


def buttons(t: Speak, board: Board) -> list[Block | None]:
    """*Jag vakar*, *Avbryt övningen*, the report: as the use cases allow them."""
    incident = board.incident
    payload = {"i": incident.id}
    found: list[Block | None] = []
    if incident.state == incidents.ON:
        found.append(kit.button(t("btn.watch"), WATCH, payload))
    if incident.drill and incident.state in incidents.OPEN:
        found.append(kit.button(t("btn.drill_abort"), ABORT, payload, style="danger"))
    if incident.state == incidents.OVER:
        found.append(kit.button(t("btn.report"), REPORT, payload))
    return found
