"""*Försök igen*: a person has mended something and does not wait for the lane's rest."""

import pytest

from bot.channels.errors import NotSent, Throttled, TokenDead
from bot.crisis import handling
from bot.crisis.board import Fate
from bot.crisis.handling import Touch
from tests import town
from tests.crisis.conftest import FACEBOOK, Staff

HOURS = {"token_s": 36_000.0, "park_s": 36_000.0}  # longer than any test runs
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("error", [TokenDead("token_expired"), NotSent("refused")])
async def test_a_retry_lifts_the_rest_after_a_dead_token(staff: Staff, error: TokenDead | NotSent) -> None:
    """The new token is in place: the text goes out at once, not when the lane has rested."""
    staff.vendors[FACEBOOK].by_place[FACEBOOK] = error
    case = await staff.publish()
    async with staff.at_work(**HOURS):
        await staff.until(case.incident, facebook=Fate.RETRYING)
        del staff.vendors[FACEBOOK].by_place[FACEBOOK]
        await handling.retry(staff.desk, Touch(case.id, FACEBOOK, town.COMMS), now=staff.clock())
        await staff.until(case.incident, facebook=Fate.CONFIRMED)
    assert 1 == len(staff.shown(FACEBOOK))


async def test_a_retry_never_lifts_what_the_vendor_asked_for(staff: Staff) -> None:
    """Retry-After is the vendor's word; pressing a button does not change it."""
    staff.vendors[FACEBOOK].by_place[FACEBOOK] = Throttled(36_000)
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.RETRYING)
        await handling.retry(staff.desk, Touch(case.id, FACEBOOK, town.COMMS), now=staff.clock())
        await staff.until(case.incident, x=Fate.CONFIRMED)
    assert ["send facebook"] == [one for one in staff.vendors[FACEBOOK].asked if one.startswith("send")]
