"""The month as an Excel file: a sheet for each table, numbers as numbers, people's words as words."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from bot import spreadsheet
from bot.report import words
from bot.report.drafting import Report
from bot.report.measuring import tidy
from bot.report.numbers import AccountLine, Numbers, PostLine, UnitLine
from bot.texts import Speak

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell

Value = str | int | float | date | None
Row = Sequence[Value]
WIDEST: Final = 60  # characters
LONGEST: Final = 32_000  # characters that a cell takes
ERA: Final = datetime(2020, 1, 1, tzinfo=UTC)  # of a workbook whose numbers are not frozen


def made(t: Speak, report: Report) -> bytes:
    """The file. Takes some tenths of a second of processor: call it in a thread."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    stamp = (report.made or ERA).astimezone(UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = stamp
    book.properties.creator = "Kanalvakt"
    numbers = report.numbers
    for name, heading, rows in (
        ("overview", *_overview(t, report)),
        ("accounts", *_accounts(t, numbers)),
        ("posts", *_posts(t, numbers)),
        ("topics", *_topics(t, numbers)),
        ("weekdays", *_weekdays(t, numbers)),
        ("units", *_balance(t, "month.column.unit", numbers.units)),
        ("boards", *_balance(t, "month.column.board", numbers.boards)),
    ):
        _sheet(book, t(f"month.sheet.{name}"), heading, rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, title: str, heading: Row, rows: Iterable[Row]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    widths = [10] * len(heading)
    for at, row in enumerate([heading, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column)
            _fill(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=at == 1)
            widths[column - 1] = min(WIDEST, max(widths[column - 1], len(str(value or "")) + 2))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _fill(cell: Cell, value: Value) -> None:
    """Words are never calculated: they are typed as words, and harmless should somebody save them as CSV."""
    if isinstance(value, str):
        cell.value = spreadsheet.harmless(tidy(value))[:LONGEST]
        cell.data_type = "s"
    else:
        cell.value = value
        if isinstance(value, float):
            cell.number_format = "0.0"


def _overview(t: Speak, report: Report) -> tuple[Row, list[Row]]:
    numbers = report.numbers
    heading = words.months(t, numbers)
    rows: list[Row] = [[one.label, one.now, one.before] for one in words.facts(t, numbers)]
    said = [words.engagement(t, numbers), words.spread(t, numbers), words.answered(t, numbers.answers)]
    notes = [*said, t("month.how"), t("month.answered.how"), *words.missing(t, numbers, most=len(numbers.accounts))]
    rows += [[None], *([line] for line in notes if line)]
    for key, text in (("month.comment", report.comment), ("month.asks", report.asks)):
        if text:
            rows += [[None], [t(key)], [text]]
    return heading, rows


def _accounts(t: Speak, numbers: Numbers) -> tuple[Row, list[Row]]:
    names = ("account", "unit", "followers", "growth", "posts", "counted", "percent", "level", "before", "missing")
    before = {one.channel: one.percent for one in numbers.before.accounts} if numbers.before else {}
    rows = [_account(t, one, before.get(one.channel)) for one in numbers.accounts]
    return [t(f"month.column.{name}") for name in names], rows


def _account(t: Speak, one: AccountLine, before: float | None) -> Row:
    level = t(f"month.level.{one.level}") if one.level else None
    missing = ", ".join(words.span(t, each) for each in one.missing)
    figures = [one.followers, one.growth, one.posts, one.counted, one.percent]
    return [one.name, words.unit_name(t, one.unit), *figures, level, before, missing]


def _posts(t: Speak, numbers: Numbers) -> tuple[Row, list[Row]]:
    names = ("published", "account", "words", "reactions", "followers", "percent", "level", "link")
    return [t(f"month.column.{name}") for name in names], [_post(t, one) for one in numbers.posts]


def _post(t: Speak, one: PostLine) -> Row:
    level = t(f"month.level.{one.level}") if one.level else None
    return [one.published, one.account, one.words, one.reactions, one.followers, one.percent, level, one.link]


def _topics(t: Speak, numbers: Numbers) -> tuple[Row, list[Row]]:
    heading = [t("month.column.topic"), t("month.column.comments")]
    return heading, [[words.topic_name(t, one.name), _count(t, one.comments)] for one in numbers.topics]


def _weekdays(t: Speak, numbers: Numbers) -> tuple[Row, list[Row]]:
    before = numbers.before
    heading = [
        t("month.column.weekday"),
        words.month(t, numbers.month),
        words.month(t, before.month) if before else "–",
    ]
    last: Sequence[int | None] = before.weekdays if before else [None] * 7
    return heading, [list(row) for row in zip(words.weekdays(t), numbers.weekdays, last, strict=True)]


def _balance(t: Speak, key: str, lines: Sequence[UnitLine]) -> tuple[Row, list[Row]]:
    names = ("posts", "posts_share", "comments", "comments_share")
    heading = [t(key), *(t(f"month.column.{name}") for name in names)]
    return heading, [_unit(t, one) for one in lines]


def _unit(t: Speak, one: UnitLine) -> Row:
    return [words.unit_name(t, one.name), one.posts, one.posts_share, _count(t, one.comments), one.comments_share]


def _count(t: Speak, value: int | None) -> Value:
    """A number, or that it is withheld."""
    return words.count(t, None) if value is None else value
