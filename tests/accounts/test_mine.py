"""What is one person's own."""

from bot.accounts import drafts, mine
from tests import town
from tests.accounts.conftest import Office


async def test_everything_of_ones_own_and_nothing_of_others(office: Office) -> None:
    """Drafts and applications of the requester; the decision that waits for the head."""
    row = await office.apply()
    await drafts.save(office.desk, town.REQUESTER, "d1", 1, {"name": "Utkast"}, now=office.clock())
    own = await mine.mine(office.desk, town.REQUESTER, office.clock())
    assert ([str(row.id)], ["d1"], []) == (
        [one.key for one in own.applications],
        [one.key for one in own.drafts],
        own.to_decide,
    )
    heads = await mine.mine(office.desk, town.HEAD, office.clock())
    assert [str(row.id)] == [one.key for one in heads.to_decide]
    assert (await mine.mine(office.desk, town.OTHER, office.clock())).empty


async def test_a_decision_given_waits_for_nobody(office: Office) -> None:
    """After the head's yes it is not on the head's list."""
    row = await office.apply()
    await office.decide(row, "head", "yes", town.HEAD)
    assert [] == (await mine.mine(office.desk, town.HEAD, office.clock())).to_decide
