"""The monthly report in Slack: the draft and its buttons, the form for the manager, what management gets."""

from dataclasses import dataclass, field

from bot.channels.message import Message
from bot.report import charts, words
from bot.report.drafting import ASKS, COMMENT, Report
from bot.report.states import Act, State
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block

WRITE, PREVIEW, SEND, WRITTEN = "month.write", "month.preview", "month.send", "month.written"
ALT = 900  # characters of a chart's alternative text


@dataclass(frozen=True)
class Setting:
    """What surrounds a report. ``page``: the signed address of its page; ``recipients``: how many will get it;
    ``reached``: of so many who were owed it, so many have it.
    """

    page: str
    heavy_from: int
    acts: frozenset[Act] = field(default_factory=frozenset)
    recipients: int = 0
    reached: tuple[int, int] = (0, 0)


def draft(t: Speak, report: Report, around: Setting) -> Message:
    """For the manager and the department: where it stands, the figures, and what can be done."""
    lines = status(t, report, around)
    blocks, told = _figures(t, report, around)
    texts = _texts(t, report)
    blocks += [kit.section(kit.pair(heading, text)) for heading, text in texts]
    blocks += [*_small(t, report), _links(t, around), *kit.actions("month.acts", _buttons(t, report, around))]
    title = words.title(t, report.numbers)
    top = [kit.header(title), kit.section(kit.esc("\n".join(lines)))]
    plain = [f"{heading}: {text}" for heading, text in texts]
    return kit.message([*top, *blocks], kit.esc(title), *map(kit.esc, [*lines, *told, *plain]))


def status(t: Speak, report: Report, around: Setting) -> list[str]:
    """Where it stands."""
    if report.version == 0:
        return [t("month.live", day=t.iso(report.numbers.until))]
    if report.state is State.SENT:
        done, owed = around.reached
        sent = t("month.sent", name=report.sent_by, time=t.moment(report.sent) if report.sent else "")
        return [sent, t.n("month.went", owed, done=t.number(done))]
    lines = [t("month.draft", time=t.moment(report.made) if report.made else "")]
    if not report.manager:
        lines.append(t("month.draft.nobody"))
    elif not around.recipients:
        lines.append(t("month.no_recipients"))
    return lines


def sent(t: Speak, report: Report, around: Setting) -> Message:
    """What management gets: the manager's words first, then figures, charts and the way to the rest."""
    title, texts = words.title(t, report.numbers), _texts(t, report)
    figures, told = _figures(t, report, around)
    blocks = [kit.header(title), *(kit.section(kit.pair(heading, text)) for heading, text in texts), *figures]
    blocks += [*_pictures(t, report, around), *_small(t, report), _links(t, around)]
    plain = [f"{heading}: {text}" for heading, text in texts]
    lines = [title, *plain, *told, *words.missing(t, report.numbers)]
    return kit.message(blocks, *map(kit.esc, lines), _addresses(t, around))


def preview(t: Speak, report: Report, around: Setting) -> Block:
    """The same in a window."""
    return forms.view(t, "month.previewed", t("month.modal.preview"), sent(t, report, around).blocks)


def form(t: Speak, report: Report) -> Block:
    """The manager's two texts."""
    comment = forms.text(report.comment, lines=True)
    asks = forms.text(report.asks, lines=True)
    hints = t("month.comment.hint", n=t.number(COMMENT)), t("month.asks.hint", n=t.number(ASKS))
    blocks = [
        forms.field("comment", t("month.comment"), comment, hint=hints[0], optional=True),
        forms.field("asks", t("month.asks"), asks, hint=hints[1], optional=True),
    ]
    meta = {"m": report.numbers.month, "v": report.version}
    return forms.view(t, WRITTEN, t("month.modal.write"), blocks, submit=t("month.modal.save"), meta=meta)


def _figures(t: Speak, report: Report, around: Setting) -> tuple[list[Block], list[str]]:
    """The month in sentences, then figures with last month beside; and the same as plain lines."""
    said = words.said(t, report.numbers, around.heavy_from)
    facts = [
        t("month.beside", label=one.label, now=one.now, before=one.before) for one in words.facts(t, report.numbers)
    ]
    blocks = [kit.section(kit.esc("\n".join(said))), kit.section(kit.esc("\n".join(f"• {one}" for one in facts)))]
    return blocks, [*said, *facts]


def _texts(t: Speak, report: Report) -> list[tuple[str, str]]:
    given = [(t("month.comment"), report.comment), (t("month.asks"), report.asks)]
    return [(heading, text) for heading, text in given if text]


def _pictures(t: Speak, report: Report, around: Setting) -> list[Block]:
    """Slack fetches pictures from outside, and refuses the whole message when it cannot: only over https."""
    if not around.page.startswith("https://"):
        return []
    return [
        {
            "type": "image",
            "image_url": f"{around.page}/{name}.png",
            "alt_text": kit.cut(words.alt(t, name, report.numbers), ALT),
        }
        for name in charts.shown(report.numbers)
    ]


def _small(t: Speak, report: Report) -> list[Block]:
    return [
        kit.context(
            kit.esc("\n".join([*words.missing(t, report.numbers), t("month.how"), t("month.answered.how")]))
        )
    ]


def _links(t: Speak, around: Setting) -> Block:
    page = kit.link(around.page, t("month.page"))
    return kit.section(f"{page} · {kit.link(_workbook(around), t('month.workbook'))}")


def _addresses(t: Speak, around: Setting) -> str:
    return f"{t('month.page')}: {around.page}\n{t('month.workbook')}: {_workbook(around)}"


def _workbook(around: Setting) -> str:
    return f"{around.page}/rapport.xlsx"


def _buttons(t: Speak, report: Report, around: Setting) -> list[Block | None]:
    value = {"m": report.numbers.month}
    sure = kit.confirm(
        t("month.send"),
        t.n("month.send.confirm", around.recipients),
        t("month.send.yes"),
        t("month.send.no"),
    )
    send = kit.button(t("month.send"), SEND, {**value, "h": report.digest}, style="primary", confirm=sure)
    can_send = Act.SEND in around.acts and around.recipients > 0
    return [
        kit.button(t("month.write"), WRITE, value) if Act.WRITE in around.acts else None,
        kit.button(t("month.preview"), PREVIEW, value) if Act.WRITE in around.acts else None,
        send if can_send else None,
    ]
