"""Where a platform answers only who named the account: the rest is put there by hand, and the form says so."""

from dataclasses import replace

import pytest

from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.comments import replying
from storage import replies
from tests import town
from tests.comments.conftest import ADDRESS, CHANNEL, Desks

X = Outlet(
    CHANNEL, "X", "x", frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE}), account=ADDRESS, summon="@biblioteket"
)


@pytest.mark.parametrize(
    ("said", "by_hand"),
    [("@Biblioteket när öppnar ni?", False), ("När öppnar ni?", True), ("@biblioteket2?", True)],
)
async def test_only_who_named_the_account_is_answered_from_here(here: Desks, said: str, by_hand: bool) -> None:
    """Text and link are handed over otherwise, and *Klart* says that it stands."""
    here = replace(here, desk=replace(here.desk, outlets=(X,)))
    case = await here.comment(said)
    writing = await replying.begin(here.desk, town.REQUESTER, case.id, now=here.clock())
    reply = await replying.send(here.desk, town.REQUESTER, case.id, "Klockan tio.", now=here.clock())
    expected = (True, replies.BY_HAND, True) if by_hand else (False, replies.WRITTEN, False)
    assert expected == (writing.by_hand, reply.state, reply.post_id is None)
