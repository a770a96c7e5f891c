"""Accounts from a file and to a file."""

from pathlib import Path

import pytest

from bot.accounts import register, transfer
from bot.accounts.transfer import BadFile
from tests.accounts.conftest import Office

HEAD = "unit;platform;name;address;purpose;owner;substitute;login_place\n"
GOOD = "Simhallen;Instagram;Simhallen;https://www.instagram.com/simhallen;Öppettider;U0OTHER;u0edit@exempel.example;valvet\n"
OTHER = "Biblioteket;facebook;=2+2;https://www.facebook.com/bibl;Böcker;U0REQ;;\n"


def _file(folder: Path, text: str) -> Path:
    file = folder / "konton.csv"
    file.write_text(text, "utf-8-sig")
    return file


async def test_a_file_of_accounts_is_entered(office: Office, tmp_path: Path) -> None:
    """People by id or address, platforms by key or name."""
    assert 2 == await transfer.import_file(office.desk, _file(tmp_path, HEAD + GOOD + OTHER))
    assert {"Simhallen", "=2+2"} == {line.name for line in await register.lines(office.desk)}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (GOOD.replace("Simhallen;I", "Finns inte;I"), "row 3: there is no unit"),
        (GOOD.replace("U0OTHER", "nobody@exempel.example"), "row 3: nobody@exempel.example is not known"),
        (GOOD.replace("https://www.instagram.com/simhallen", "simhallen"), "row 3: address"),
        (GOOD.replace("U0OTHER", ""), "row 3: owner"),  # and the substitute does not become the owner
        (GOOD.replace("Simhallen;https", f"{'S' * 121};https"), "row 3: name"),
        (GOOD.replace("https://www.instagram.com", "https://[www.instagram.com"), "row 3: address"),
        (OTHER, "row 3: address"),
        (GOOD.replace("valvet", "lösenord: Hemligt123!"), "row 3: login_place"),
    ],
)
async def test_one_wrong_row_enters_nothing(office: Office, tmp_path: Path, line: str, what: str) -> None:
    """The row is named; all or none."""
    with pytest.raises(BadFile, match=what):
        await transfer.import_file(office.desk, _file(tmp_path, HEAD + OTHER + line))
    assert [] == await register.lines(office.desk)


async def test_a_file_without_the_columns_says_which(office: Office, tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(BadFile, match="row 1 lacks unit"):
        await transfer.import_file(office.desk, _file(tmp_path, "namn;adress\n"))


async def test_what_is_written_starts_no_formula(office: Office, tmp_path: Path) -> None:
    """A cell that begins with = is text."""
    await transfer.import_file(office.desk, _file(tmp_path, HEAD + OTHER))
    count, text = await transfer.exported(office.desk, ".csv")
    assert 1 == count
    assert '"\'=2+2";"Facebook";' in text
