"""The month's numbers as words: the same in the message, on the page, in the workbook and beside the charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel import dates

from bot.report.numbers import FEW, AccountLine, Answers, Count, Numbers, Span, TopicLine, UnitLine
from bot.report.period import Period
from bot.texts import Speak

TOLD: Final = 4  # accounts whose missing days are told one by one
NAMED: Final = 5  # accounts that cannot be measured
NAME: Final = 40  # characters of an account's name in a sentence


@dataclass(frozen=True)
class Fact:
    """One line of the overview: this month's value, and last month's."""

    label: str
    now: str
    before: str


def month(t: Speak, written: str) -> str:
    """ "oktober 2026"."""
    return dates.format_date(Period.read(written).first, "MMMM y", locale=t.locale)


def title(t: Speak, numbers: Numbers) -> str:
    """The report's heading."""
    return t("month.title", month=month(t, numbers.month))


def percent(t: Speak, value: float | None) -> str:
    """ "5,4 %" with a no-break space; "–" where there is none."""
    return t("month.percent", x=t.number(value)) if value is not None else "–"


def count(t: Speak, value: Count) -> str:
    """A count, or that it is withheld."""
    return t("month.few", few=t.number(FEW)) if value is None else t.number(value)


def weekdays(t: Speak) -> list[str]:
    """ "mån", "tis" …"""
    names = t.locale.days["format"]["abbreviated"]
    return [str(names[day]).rstrip(".") for day in range(7)]


def unit_name(t: Speak, name: str) -> str:
    """An operation's name, or that it belongs to none."""
    return name or t("month.no_unit")


def topic_name(t: Speak, name: str) -> str:
    """A topic's name, or that no list knew it."""
    return name or t("month.no_topic")


def engagement(t: Speak, numbers: Numbers) -> str:
    """The rate against its goal."""
    found = numbers.engagement
    if found.percent is None:
        return t("month.engagement.none" if found.posts else "month.engagement.no_posts")
    low, high = found.goal
    return t.n(
        "month.engagement",
        found.counted,
        x=t.number(found.percent),
        low=t.number(low),
        high=t.number(high),
        level=t(f"month.level.{found.level}"),
    )


def spread(t: Speak, numbers: Numbers) -> str:
    """How many posts lie under, within and over the goal; "" without posts."""
    found = numbers.engagement
    if not found.counted:
        return ""
    return t("month.spread", **{name: t.number(getattr(found, name)) for name in ("under", "within", "over")})


def answered(t: Speak, found: Answers) -> str:
    """How many questions were answered in time, and how soon."""
    if found.asked is None:
        return t("month.answered.few", few=t.number(FEW))
    if found.percent is None:
        return t("month.answered.none")
    share = t.number(found.percent)
    if found.median is None:
        return t("month.answered.share", x=share)
    return t("month.answered", x=share, median=duration(t, found.median))


def duration(t: Speak, minutes: int) -> str:
    """ "45 minuter", "3,5 timmar", "26 timmar"."""
    if minutes < 60:
        return t.n("month.minutes", minutes)
    hours = minutes / 60
    shown = round(hours * 2) / 2 if hours < 10 else round(hours)
    return t("month.hour") if shown == 1 else t("month.hours", n=t.number(shown))


def facts(t: Speak, numbers: Numbers) -> list[Fact]:
    """The overview, last month beside."""
    before = numbers.before
    labels = [
        t(f"month.fact.{name}") for name in ("engagement", "posts", "answered", "median", "comments", "closed")
    ]
    last = _values(t, before) if before else ["–"] * len(labels)
    return [Fact(*line) for line in zip(labels, _values(t, numbers), last, strict=True)]


def _values(t: Speak, numbers: Numbers) -> list[str]:
    found = numbers.answers
    return [
        percent(t, numbers.engagement.percent),
        t.number(numbers.engagement.posts),
        percent(t, found.percent),
        duration(t, found.median) if found.median is not None else "–",
        t.number(numbers.comments),
        count(t, found.closed),
    ]


def months(t: Speak, numbers: Numbers) -> list[str]:
    """The headings of the overview's columns."""
    before = month(t, numbers.before.month) if numbers.before else "–"
    return [t("month.column.fact"), month(t, numbers.month), before]


def said(t: Speak, numbers: Numbers, heavy_from: int) -> list[str]:
    """The month in some sentences."""
    lines = [engagement(t, numbers), spread(t, numbers), answered(t, numbers.answers)]
    return [line for line in [*lines, *heavy(t, numbers, heavy_from)] if line]


def missing(t: Speak, numbers: Numbers, most: int = TOLD) -> list[str]:
    """What is not in the numbers, by name and date."""
    lacking = [one for one in numbers.accounts if one.missing]
    told = lacking if len(lacking) <= most else lacking[: most - 1]
    lines = [t("month.missing", account=short(one.name), dates=spans(t, one)) for one in told]
    if len(told) < len(lacking):
        lines.append(t.n("month.missing.more", len(lacking) - len(told)))
    if numbers.left_out:
        lines.append(t.n("month.left_out", numbers.left_out))
    return [*lines, *_unmeasured(t, numbers.unmeasured)]


def spans(t: Speak, account: AccountLine) -> str:
    """ "3 oktober och 7–9 oktober"; a long list ends with how many days there are in all."""
    shown = [span(t, one) for one in account.missing]
    if len(shown) > TOLD:
        days = sum((b - a).days + 1 for a, b in account.missing)
        return t.n("month.days", days)
    return t.names(shown)


def span(t: Speak, found: Span) -> str:
    """ "7–9 oktober": both dates included, in one month."""
    first, last = found
    return _day(t, last) if first == last else f"{first.day}–{_day(t, last)}"


def _day(t: Speak, day: date) -> str:
    return dates.format_date(day, "d MMMM", locale=t.locale)


def short(name: str) -> str:
    """A name of bearable length."""
    return name if len(name) <= NAME else name[: NAME - 1].rstrip() + "…"


def paragraphs(text: str, most: int = 6) -> str:
    """People's text in at most so many lines; what stands after them is drawn together."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return "\n".join([*lines[: most - 1], *([" ".join(lines[most - 1 :])] if len(lines) >= most else [])])


def _unmeasured(t: Speak, given: Sequence[str]) -> list[str]:
    names = [short(one) for one in given]
    if not names:
        return []
    if len(names) <= NAMED:
        return [t("month.unmeasured", accounts=t.names(names))]
    return [t.n("month.unmeasured.more", len(names) - NAMED, accounts=", ".join(names[:NAMED]))]


def heavy(t: Speak, numbers: Numbers, most: int) -> list[str]:
    """Operations that stand for more than ``most`` percent of the posts, where there are several."""
    several = sum(one.posts > 0 for one in numbers.units) > 1
    found = [one for one in numbers.units if one.name and one.posts_share is not None and one.posts_share > most]
    return [t("month.heavy", unit=one.name, x=t.number(one.posts_share or 0)) for one in found if several]


def alt(t: Speak, chart: str, numbers: Numbers) -> str:
    """What a chart shows, for those who do not see it."""
    told = {"engagement": _accounts, "topics": _topics, "weekdays": _weekdays, "balance": _balance}[chart]
    return t(f"month.alt.{chart}", what="; ".join(told(t, numbers)))


def _accounts(t: Speak, numbers: Numbers) -> Iterable[str]:
    return (f"{one.name} {percent(t, one.percent)}" for one in shown_accounts(numbers))


def shown_accounts(numbers: Numbers, most: int = 8) -> list[AccountLine]:
    """The accounts of the chart: those with a rate, the highest first."""
    rated = [one for one in numbers.accounts if one.percent is not None]
    return sorted(rated, key=lambda one: -(one.percent or 0))[:most]


def _topics(t: Speak, numbers: Numbers) -> Iterable[str]:
    return (f"{topic_name(t, one.name)} {count(t, one.comments)}" for one in shown_topics(numbers))


def shown_topics(numbers: Numbers, most: int = 8) -> tuple[TopicLine, ...]:
    """The topics of the chart: those with the most comments, and last what no list knew."""
    named = [one for one in numbers.topics if one.name]
    return (*named[:most], *(one for one in numbers.topics if not one.name))


def _weekdays(t: Speak, numbers: Numbers) -> Iterable[str]:
    return (f"{name} {t.number(n)}" for name, n in zip(weekdays(t), numbers.weekdays, strict=True))


def _balance(t: Speak, numbers: Numbers) -> Iterable[str]:
    for one in shown_units(numbers):
        shares = t("month.alt.shares", posts=percent(t, one.posts_share), comments=share(t, one))
        yield f"{unit_name(t, one.name)}: {shares}"


def share(t: Speak, one: UnitLine) -> str:
    """An operation's part of the comments, or that it is withheld."""
    return count(t, None) if one.comments is None else percent(t, one.comments_share)


def shown_units(numbers: Numbers, most: int = 7) -> tuple[UnitLine, ...]:
    """The operations of the chart: those with the most posts."""
    return tuple(one for one in numbers.units if one.posts or one.comments != 0)[:most]
