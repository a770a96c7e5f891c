"""The workbook: it opens, holds what the message says, and calculates nobody's words."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot.report import month, words, workbook
from bot.report.drafting import Report
from bot.report.month import Rows, Source
from bot.texts import Texts
from handlers.cards import report as cards
from handlers.cards.report import Setting
from tests.report import example
from tests.report.example import GOAL, MADE, OCTOBER, OFFICE, post

T = Texts.load().language("sv")
AROUND = Setting("https://desk.test/rapport/x", 40)


def opened(report: Report) -> Workbook:
    return load_workbook(io.BytesIO(workbook.made(T, report)))


def cells(book: Workbook) -> Iterator[Any]:
    return (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


def table(book: Workbook, sheet: str) -> list[tuple[Any, ...]]:
    return list(book[sheet].iter_rows(values_only=True))


def test_it_holds_the_same_figures_as_the_message() -> None:
    """The overview line by line; the manager's words too."""
    report = example.report("Snön gav frågor.", "Ett beslut om jour.")
    book, said = opened(report), cards.sent(T, report, AROUND).text
    overview = table(book, "Översikt")
    assert ("Mått", "oktober 2026", "september 2026") == overview[0]
    for label, now, before in overview[1:7]:
        assert f"{label}: {now} (månaden före: {before})" in said
    for line in ("Snön gav frågor.", "Ett beslut om jour.", words.engagement(T, report.numbers)):
        assert line in [row[0] for row in overview]
        assert line in said


def test_numbers_are_numbers() -> None:
    """One can go on calculating with them."""
    report = example.report()
    book = opened(report)
    accounts = {row[0]: row for row in table(book, "Konton")[1:]}
    line = accounts["Biblioteket berättar"]
    assert ("Biblioteket", 900, 0, 4, 4, 9, "över målet", 9, "7–9 oktober, 20 oktober") == line[1:]
    posts = table(book, "Inlägg")
    assert len(report.numbers.posts) + 1 == len(posts)
    assert [one.percent for one in report.numbers.posts] == [row[5] for row in posts[1:]]


def test_what_the_message_withholds_the_workbook_withholds() -> None:
    """Small counts stand nowhere, and sensitive accounts have no words."""
    book = opened(example.report())
    assert ("Vård och omsorg", "färre än 5") in table(book, "Ämnen")
    units = {row[0]: row[1:] for row in table(book, "Enheter")}
    assert (4, 25, "färre än 5", None) == units["Ungdomsrådgivningen"]
    assert [(None, None)] * 4 == [
        (row[2], row[7]) for row in table(book, "Inlägg") if row[1] == "Ungdomsrådgivningen"
    ]


EVIL = ["=1+1", "+46", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("https://evil.example";"x")', " =1"]


@pytest.mark.parametrize("words_", EVIL)
def test_nobodys_words_are_calculated(words_: str) -> None:
    """Not here, and not when somebody saves the sheet as CSV and opens that."""
    at = MADE - 100 * example.HOUR
    rows = Rows([Source("x", words_, words_, words_)], {"x": {at.date(): 10}}, [post("x", at, 1, words=words_)])
    numbers = month.compiled(rows, OCTOBER, OFFICE, GOAL, MADE)
    book = opened(replace(example.report(words_, words_), numbers=numbers))
    assert {"s", "n", "d"} >= {cell.data_type for cell in cells(book)}
    texts = [cell.value for cell in cells(book) if isinstance(cell.value, str)]
    assert len([one for one in texts if one.startswith("'")]) >= 5
    assert [] == [one for one in texts if one.lstrip().startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize("name", ["a\x00b", "\x1b[1m", "x" * 40_000, "\ud83d"])
def test_words_that_a_sheet_cannot_hold_do_not_break_it(name: str) -> None:
    """Control signs go, and what is too long is cut."""
    book = opened(example.report(name))
    assert all(len(cell.value) <= 32_767 for cell in cells(book) if isinstance(cell.value, str))


def test_a_month_with_nothing_is_a_workbook_too() -> None:
    """Headings, and a sentence that nothing was measured."""
    numbers = month.compiled(Rows(), OCTOBER, OFFICE, GOAL, MADE)
    book = opened(Report(numbers))
    assert 7 == len(book.worksheets)
    assert "Inga inlägg har mätts." in [row[0] for row in table(book, "Översikt")]


def test_the_same_report_gives_the_same_dates() -> None:
    """The file says when the numbers were frozen, not when somebody fetched it."""
    book = opened(example.report())
    assert example.MADE.replace(tzinfo=None) == book.properties.created
