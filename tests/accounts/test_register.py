"""How accounts enter the register."""

import asyncio

import pytest

from bot.accounts import register
from bot.accounts.register import Existing
from bot.accounts.states import State
from bot.errors import Invalid, Refused
from storage import log
from tests import town
from tests.accounts.conftest import Office

ADDRESS = "https://www.facebook.com/biblioteketberattar"
PLACE = "lösenordsvalvet, mapp Bibliotek"


async def _approved(office: Office) -> int:
    row = await office.apply()
    await office.decide(row, "head", "yes", town.HEAD)
    await office.decide(row, "comms", "yes", town.COMMS)
    assert row.id is not None
    return row.id


async def _live(office: Office, number: int, by: str = town.REQUESTER, **changed: str) -> None:
    given = {"address": ADDRESS, "login_place": PLACE, **changed}
    await register.go_live(office.desk, by, number, now=office.clock(), **given)


async def test_a_running_account_stands_in_the_register(office: Office) -> None:
    """Name, platform, address, purpose and unit; no person."""
    number = await _approved(office)
    await _live(office, number)
    (line,) = await register.lines(office.desk)
    assert (
        line.name,
        line.platform,
        line.address,
        line.unit,
    ) == ("Biblioteket berättar", "Facebook", ADDRESS, "Biblioteket")
    assert (await office.case(number)).state is State.LIVE


async def test_before_both_have_said_yes_nothing_goes_live(office: Office) -> None:
    """Half approved is not approved."""
    row = await office.apply()
    await office.decide(row, "head", "yes", town.HEAD)
    with pytest.raises(Refused):
        await _live(office, row.id or 0)
    assert await register.lines(office.desk) == []


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("login_place", "lösenord: Hemligt123!", "credentials.refused"),
        ("login_place", " ", "form.needed"),
        ("address", "biblioteket", "form.address"),
        ("address", "javascript:alert(1)", "form.address"),
        ("address", "https://www.facebook.com/a b", "form.address"),
        ("address", "https://konto:hemligt@www.facebook.com/a", "form.address"),
        ("address", "https://[www.facebook.com/a", "form.address"),
    ],
)
async def test_what_is_refused_is_refused_at_its_field_and_not_stored(
    office: Office, field: str, value: str, key: str
) -> None:
    """Nothing changes and nothing is kept."""
    number = await _approved(office)
    with pytest.raises(Invalid) as caught:
        await _live(office, number, **{field: value})
    assert {field: key} == {name: one.key for name, one in caught.value.problems.items()}
    assert (await office.case(number)).state is State.APPROVED


@pytest.mark.parametrize(
    ("who", "allowed"),
    [(town.REQUESTER, True), (town.COMMS, True), (town.HEAD, False), (town.OTHER, False), (town.GUEST, False)],
)
async def test_who_may_say_that_it_runs(office: Office, who: str, allowed: bool) -> None:
    """The requester or the department."""
    number = await _approved(office)
    if allowed:
        await _live(office, number, by=who)
    else:
        with pytest.raises(Refused):
            await _live(office, number, by=who)


def _existing(office: Office, **changed: object) -> Existing:
    given = {
        "unit": office.units["Simhallen"],
        "platform": "instagram",
        "name": "Simhallen",
        "address": "https://www.instagram.com/simhallen",
        "purpose": "Öppettider och simskola.",
        "owner": town.OTHER,
        "substitute": town.EDITOR,
    }
    return Existing(**{**given, **changed})  # type: ignore[arg-type]


async def test_an_account_that_was_there_before_enters_at_once_and_the_log_says_how(office: Office) -> None:
    """No decisions; logged as such."""
    account = await register.register_existing(office.desk, town.COMMS, _existing(office), now=office.clock())
    assert len(await register.lines(office.desk)) == 1
    async with office.desk.db.read() as session:
        (entry,) = await log.of_case(session, f"account:{account.id}")
    assert (entry.action, entry.actor) == ("account.registered_without_decision", town.COMMS)


@pytest.mark.parametrize("who", [town.REQUESTER, town.HEAD, town.OTHER, town.GUEST])
async def test_only_the_department_enters_existing_accounts(office: Office, who: str) -> None:
    """Others apply."""
    with pytest.raises(Refused, match="err.right"):
        await register.register_existing(office.desk, who, _existing(office), now=office.clock())


async def test_the_same_address_is_not_entered_twice(office: Office) -> None:
    """However it is spelled."""
    await register.register_existing(office.desk, town.COMMS, _existing(office), now=office.clock())
    again = _existing(office, name="Badet", address="http://instagram.com/Simhallen/")
    with pytest.raises(Invalid) as caught:
        await register.register_existing(office.desk, town.COMMS, again, now=office.clock())
    assert {"address"} == set(caught.value.problems)


async def test_the_same_address_entered_at_once_is_entered_once(office: Office) -> None:
    """A form whose answer was lost is sent again, and both arrive together."""
    given = _existing(office)
    results = await asyncio.gather(
        *(register.register_existing(office.desk, town.COMMS, given, now=office.clock()) for _ in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Invalid) for one in results) == 5, results
    assert len(await register.lines(office.desk)) == 1
