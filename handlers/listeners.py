"""Every listener of every room, hooked up in one place."""

from bot.comments.book import Book
from bot.crisis.gallery import Gallery
from bot.crisis.lookout import Lookout
from bot.desk import Desk
from bot.directory import Directory
from bot.status import RoomState
from bot.texts import Texts
from handlers.account import Accounts
from handlers.answer_form import AnswerForm
from handlers.application import Applications
from handlers.asking import Askings
from handlers.boundary import Boundary
from handlers.comment import Comments
from handlers.comment_answering import Answering
from handlers.comment_block import Blocks
from handlers.comment_forward import Forwards
from handlers.comment_guard import Guards
from handlers.comment_new import NewComments
from handlers.comment_session import Sessions
from handlers.cover import Covers
from handlers.crisis import Crises
from handlers.crisis_life import Lives
from handlers.desk import Desks
from handlers.digest import Digests
from handlers.duty import Duties
from handlers.record import Records
from handlers.report import MonthlyReports
from handlers.scheduled import Scheduling
from handlers.weekend import Weekends
from handlers.words import Words


def register(
    desk: Desk,
    directory: Directory,
    texts: Texts,
    boundary: Boundary,
    words: Words,
    room_state: RoomState,
    lookout: Lookout,
    gallery: Gallery,
) -> None:
    """All of them; what nobody listens to is refused from then on."""
    accounts = Accounts(desk, directory)
    accounts.register(boundary, words)
    Applications(desk, directory, accounts).register(boundary)
    Crises(desk, texts, gallery).register(boundary, words)
    Lives(desk).register(boundary, words)
    Scheduling(desk, lookout).register(boundary, words)
    Askings(desk).register(boundary, words)
    _comments(desk, texts, boundary, words)
    Digests(desk, room_state).register(boundary, words)
    Records(desk).register(boundary, words)
    Duties(desk).register(boundary, words)
    MonthlyReports(desk).register(boundary, words)
    Desks(desk, directory, room_state).register(boundary, words)
    boundary.close_gate()


def _comments(desk: Desk, texts: Texts, boundary: Boundary, words: Words) -> None:
    form = AnswerForm(desk, Book(desk, texts.language("sv")))
    forwards = Forwards(desk, form)
    forwards.register(boundary)
    guards, blocks = Guards(desk), Blocks(desk)
    guards.register(boundary)
    blocks.register(boundary)
    Comments(desk, form, forwards.open, {**guards.choices, **blocks.choices}).register(boundary, words)
    Answering(desk, form).register(boundary, words)
    NewComments(desk).register(boundary, words)
    Weekends(desk).register(boundary, words)
    Sessions(desk).register(boundary)
    Covers(desk).register(boundary)
