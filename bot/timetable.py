"""What the desk does by the clock: the steps of the tick, in order, and the daily slots."""

from datetime import datetime, time, timedelta
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import log as desk_log
from bot.accounts import waiting
from bot.channels.conversation import Talk
from bot.channels.protocol import Channel
from bot.comments import blocking, climbing, completing, retiming, session, weekend
from bot.comments.covering import Coverage
from bot.comments.elsewhere import Elsewhere
from bot.comments.inbox import Inbox
from bot.comments.polling import Polls
from bot.crisis import handover, report, sketches, watching
from bot.crisis.banners import Banners
from bot.crisis.cosigns import CoOwners
from bot.crisis.lookout import Lookout
from bot.crisis.pings import Pings
from bot.crisis.spread import Headcount
from bot.crisis.warnings import keeping
from bot.crisis.warnings.polling import Watch
from bot.desk import Desk
from bot.digest import owing
from bot.directory import Directory
from bot.records.weeding import Weeder
from bot.report import drafting
from bot.report.measuring import Measures
from bot.schedule import Schedule, Slot
from storage import drafts, events

KEEP_EVENTS = timedelta(days=2)


def build(
    desk: Desk,
    directory: Directory,
    channels: list[Channel],
    talks: list[Talk],
    inbox: Inbox,
    watch: Watch,
    lookout: Lookout,
    signs: CoOwners,
    headcount: Headcount,
) -> Schedule:
    """Every step of the tick in its order, and the daily slots."""

    async def applications(now: datetime) -> None:
        await waiting.tick(desk, now=now)

    async def groups(now: datetime) -> None:
        await directory.refresh_groups(now)

    async def sweep(session: AsyncSession, now: datetime) -> None:
        await events.forget_before(session, now - KEEP_EVENTS)
        await drafts.drop_expired(session, now)
        await sketches.sweep(session, now)
        await keeping.forget(session, now)

    async def seal(session: AsyncSession, now: datetime) -> None:
        await desk_log.seal(session, desk.office.local_date(now) - timedelta(days=1), now)

    return Schedule(
        desk,
        steps=[
            ("applications", applications),
            ("groups", groups),
            ("directory", directory.sweep_daily),
            ("channels", headcount.tick),
            ("banners", partial(Banners(channels).tick, desk)),
            ("pings", partial(Pings(channels).tick, desk)),
            ("warnings", partial(watch.tick, desk)),
            ("arrivals", inbox.tick),
            ("polls", partial(Polls(talks).tick, desk)),
            ("inboxes", partial(Elsewhere(talks).tick, desk)),
            ("coverage", partial(Coverage().tick, desk)),
            ("weeding", partial(Weeder().tick, desk)),
            ("retiming", partial(retiming.tick, desk)),
            ("weekend", partial(weekend.tick, desk)),
            ("sessions", partial(session.tick, desk)),
            ("comments", partial(climbing.Climb(talks).tick, desk)),
            ("evidence", partial(completing.tick, desk)),
            ("blocks", partial(blocking.tick, desk)),
            ("watching", partial(watching.tick, desk)),
            ("lookout", partial(lookout.tick, desk)),
            ("signs", partial(signs.tick, desk)),
            ("crisis_report", partial(report.tick, desk)),
            ("figures", partial(Measures(talks).tick, desk)),
            ("monthly_report", partial(drafting.tick, desk)),
            ("handover", partial(handover.tick, desk)),
        ],
        daily=[
            Slot("sweep", time(6, 15), time(19), sweep),
            Slot("seal", time(6, 45), time(19, 30), seal),
            owing.slot(desk),
        ],
    )
