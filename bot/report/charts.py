"""Charts as PNG: bars that are told apart by pattern and label, so that nobody needs the colours.

Takes up to a second of processor: call it in a thread.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bot.report import words
from bot.report.numbers import Count, Numbers
from bot.texts import Speak

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES: Final = ("engagement", "topics", "weekdays", "balance")
WIDTH, DPI = 5.4, 222  # inches; 1199 pixels
INK, DARK, PALE, PAPER = "#1a1a1a", "#0b3d66", "#dfe7ee", "#ffffff"
HATCH: Final = "////"
LABEL: Final = 22  # characters of a line
SIZE: Final = 10.5  # points


def shown(numbers: Numbers) -> tuple[str, ...]:
    """The charts there is something to draw in."""
    there = {
        "engagement": bool(words.shown_accounts(numbers)),
        "topics": numbers.comments > 0,
        "weekdays": numbers.comments > 0,
        "balance": len(words.shown_units(numbers)) > 1,
    }
    return tuple(name for name in NAMES if there[name])


def draw(name: str, t: Speak, numbers: Numbers) -> bytes:
    """The chart of that name as PNG, 1200 pixels wide. The same numbers give the same picture."""
    from matplotlib.figure import Figure

    painters: dict[str, Callable[[Figure, Speak, Numbers], None]] = {
        "engagement": _engagement,
        "topics": _topics,
        "weekdays": _weekdays,
        "balance": _balance,
    }
    figure = Figure(figsize=(WIDTH, _height(name, numbers)), dpi=DPI, facecolor=PAPER)
    figure.set_layout_engine("constrained", h_pad=0.1, w_pad=0.1)
    painters[name](figure, t, numbers)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _height(name: str, numbers: Numbers) -> float:
    lines = {
        "engagement": len(words.shown_accounts(numbers)) * 0.36 + 0.25,
        "topics": len(words.shown_topics(numbers)) * 0.34,
        "weekdays": 2.4,
        "balance": len(words.shown_units(numbers)) * 0.5 + 0.3,
    }
    return max(2.2, 0.95 + lines[name])


def _engagement(figure: Figure, t: Speak, numbers: Numbers) -> None:
    """Rate by account, the goal as a band; last month as an open mark."""
    found = words.shown_accounts(numbers)
    axes = _axes(figure, t("month.chart.engagement", month=words.month(t, numbers.month)))
    low, high = numbers.engagement.goal
    goal = t("month.chart.goal", low=t.number(low), high=t.number(high))
    axes.axvspan(low, high, facecolor=PALE, edgecolor=INK, linewidth=0.6, hatch="..", alpha=0.55, zorder=0)
    rates = [one.percent or 0.0 for one in found]
    axes.barh(range(len(found)), rates, height=0.5, color=DARK, zorder=2)
    before = {one.channel: one.percent for one in numbers.before.accounts} if numbers.before else {}
    marks = [
        (before[one.channel] or 0.0, at) for at, one in enumerate(found) if before.get(one.channel) is not None
    ]
    for value, at in marks:
        axes.plot([value, value], [at - 0.38, at + 0.38], color=INK, linewidth=5, zorder=3, solid_capstyle="butt")
        axes.plot(
            [value, value], [at - 0.34, at + 0.34], color=PAPER, linewidth=2.2, zorder=4, solid_capstyle="butt"
        )
    widest = max([high, *rates, *(value for value, _ in marks)]) * 1.04
    for at, one in enumerate(found):  # in a column of their own, where no pattern lies behind them
        posts = t.n("month.chart.posts", one.counted)
        _write(axes, widest * 1.01, at, f"{words.percent(t, one.percent)} ({posts})")
    axes.set_xlim(0, widest)
    _rows(axes, [one.name for one in found])
    notes = [goal, *([_last_month(t, numbers)] if marks else [])]
    _foot(figure, "   ".join(notes))


def _last_month(t: Speak, numbers: Numbers) -> str:
    assert numbers.before is not None
    return t("month.chart.mark", month=words.month(t, numbers.before.month))


def _topics(figure: Figure, t: Speak, numbers: Numbers) -> None:
    axes = _axes(figure, t("month.chart.topics", month=words.month(t, numbers.month)))
    found = words.shown_topics(numbers)
    values = [one.comments for one in found]
    _bars(axes, t, values, [words.count(t, one) for one in values])
    _rows(axes, [words.topic_name(t, one.name) for one in found])


def _bars(axes: Axes, t: Speak, values: Sequence[Count], labels: Sequence[str]) -> None:
    """Lying bars with their numbers; what is withheld has words and no length."""
    widest = max([1, *(one for one in values if one)])
    axes.barh(range(len(values)), [one or 0 for one in values], height=0.6, color=DARK)
    for at, (value, label) in enumerate(zip(values, labels, strict=True)):
        _write(axes, (value or 0) + widest * 0.012, at, label)
    axes.set_xlim(0, widest * 1.22)


def _weekdays(figure: Figure, t: Speak, numbers: Numbers) -> None:
    """This month's bars filled, last month's hatched."""
    axes = _axes(figure, t("month.chart.weekdays", month=words.month(t, numbers.month)))
    before = numbers.before if numbers.before and numbers.before.comments else None
    width = 0.38 if before else 0.6
    shift = width / 2 if before else 0.0
    days = range(7)
    series: list[tuple[float, Numbers, dict[str, Any]]] = [(-shift, numbers, {"color": DARK})]
    if before:
        series.append((shift, before, {"facecolor": PAPER, "edgecolor": DARK, "hatch": HATCH, "linewidth": 1.2}))
    top = max([1, *numbers.weekdays, *(before.weekdays if before else ())])
    for offset, one, look in series:
        label = words.month(t, one.month)
        axes.bar([day + offset for day in days], one.weekdays, width=width, label=label, **look)
        for day, n in enumerate(one.weekdays):
            axes.text(
                day + offset, n + top * 0.02, t.number(n), ha="center", va="bottom", fontsize=SIZE - 2, color=INK
            )
    axes.set_ylim(0, top * 1.12)
    axes.set_xticks(list(days), words.weekdays(t), fontsize=SIZE, color=INK, va="baseline")
    axes.tick_params(axis="x", pad=SIZE + 4)
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(True)
    if before:
        _legend(figure, axes)


def _balance(figure: Figure, t: Speak, numbers: Numbers) -> None:
    """Each operation's part of the posts filled, of the comments hatched."""
    found = words.shown_units(numbers)
    axes = _axes(figure, t("month.chart.balance", month=words.month(t, numbers.month)))
    posts = [one.posts_share or 0.0 for one in found]
    comments = [one.comments_share or 0.0 for one in found]
    at = range(len(found))
    axes.barh([n - 0.19 for n in at], posts, height=0.34, color=DARK, label=t("month.chart.of_posts"))
    hatched: dict[str, Any] = {"facecolor": PAPER, "edgecolor": DARK, "hatch": HATCH, "linewidth": 1.2}
    told = [n for n in at if comments[n]]
    widths = [comments[n] for n in told]
    axes.barh([n + 0.19 for n in told], widths, height=0.34, label=t("month.chart.of_comments"), **hatched)
    widest = max([1.0, *posts, *comments])
    for n, one in enumerate(found):
        _write(axes, posts[n] + widest * 0.012, n - 0.19, words.percent(t, one.posts_share))
        _write(axes, comments[n] + widest * 0.012, n + 0.19, words.share(t, one))
    axes.set_xlim(0, widest * 1.22)
    _rows(axes, [words.unit_name(t, one.name) for one in found])
    _legend(figure, axes)


def _axes(figure: Figure, title: str) -> Axes:
    """Nothing but what is drawn in it, under a heading."""
    figure.suptitle(
        readable(title), x=0.01, ha="left", fontsize=SIZE + 2.5, fontweight="bold", color=INK, parse_math=False
    )
    axes = figure.add_subplot()
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0)
    return axes


def _rows(axes: Axes, names: Sequence[str]) -> None:
    """A name for each row, the first on top."""
    shown = [_two_lines(readable(name)) for name in names]
    axes.set_yticks(range(len(shown)), shown, fontsize=SIZE, color=INK, parse_math=False, linespacing=1.0)
    axes.set_xticks([])
    axes.set_ylim(len(shown) - 0.4, -0.6)


def _write(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(
        x, y, readable(text), va="center", ha="left", fontsize=SIZE - 1, color=INK, parse_math=False, zorder=5
    )


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower left", ncols=2, frameon=False, fontsize=SIZE - 1, handleheight=1.2
    )


def _foot(figure: Figure, text: str) -> None:
    figure.supxlabel(readable(text), x=0.01, ha="left", fontsize=SIZE - 1, color=INK)


def _two_lines(name: str) -> str:
    """What tells two accounts apart often stands last, so a long name takes a second line."""
    return "\n".join(textwrap.wrap(name, LABEL, max_lines=2, placeholder="…"))


def readable(text: str) -> str:
    """The text without signs that the charts' font lacks: people put emoji into names."""
    from matplotlib import font_manager

    known = font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()
    return "".join(sign for sign in text if ord(sign) in known).strip()
