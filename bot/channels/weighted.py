"""How long a post is to X: weighted characters, as its published counting rules (twitter-text, version 3) say.

Made so that it errs on the safe side: what it cannot be sure of counts as the longer of two readings,
since a post one character too long is refused in the hour when it is needed.
"""

import re
import unicodedata
from typing import Final

LIMIT: Final = 280
URL_WEIGHT: Final = 23  # X replaces every link by one of its own of this length
LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # code points of weight 1
HEAVY: Final = 2  # everything else, and every emoji whatever it is made of

_CODES: Final = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw "
    "by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et eu fi "
    "fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io "
    "iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg "
    "mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk "
    "pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz "
    "tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz ua ug uk um us uy uz va vc ve vg vi vn vu wf ws ye yt za "
    "zm zw"
)
COUNTRIES: Final = frozenset(_CODES.split())
DOMAINS: Final = COUNTRIES | {"biz", "com", "edu", "gov", "info", "int", "mil", "museum", "name", "net", "org"}

_LATIN: Final = "À-ÖØ-öø-ɏ"
_GENERAL: Final = rf"[a-z0-9Ѐ-ӿ{_LATIN}!*';:=+,.$/%#\[\]\-–_~@|&]"
_PAREN: Final = rf"\({_GENERAL}+\)"
_PATH: Final = rf"/(?:(?:{_GENERAL}|{_PAREN})*(?:[a-z0-9Ѐ-ӿ{_LATIN}=_#/+\-]|{_PAREN}))?"
_QUERY: Final = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_START: Final = r"(?<![A-Za-z0-9@＠$#＃])(?:(?P<scheme>https?://)|(?<![./]))"
_HOST: Final = rf"(?:(?(scheme)[\w-]{{1,63}}|[a-z0-9{_LATIN}-]{{1,63}})\.)+"
_REST: Final = rf"(?![A-Za-z0-9@+-])(?::[0-9]+)?(?:{_PATH}(?:{_QUERY})?|(?(scheme){_QUERY}|)|)"
_KNOWN: Final = rf"(?P<known>{'|'.join(sorted(DOMAINS))}|xn--[a-z0-9]+)"
_PERHAPS: Final = r"(?P<perhaps>[a-z]{3,24})"
_LINK: Final = re.compile(rf"{_START}(?:{_HOST}{_KNOWN}{_REST}|{_HOST}{_PERHAPS}{_REST})", re.IGNORECASE)

_PICTURE: Final = "[\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_DRESSED: Final = rf"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_EMOJI: Final = re.compile(
    "[0-9#*]\ufe0f?\u20e3"  # a key
    "|[©®]\ufe0f"
    "|[\U0001f1e6-\U0001f1ff]{2}"  # a flag, by its country's two letters
    "|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f"  # a flag of a part of a country
    f"|{_DRESSED}(?:\u200d{_DRESSED}){{0,3}}"  # one, or up to four joined: the largest family
)


def weigh(text: str) -> int:
    """Weighted length of ``text`` as X counts it: links 23, emoji 2, Latin letters 1, most others 2.

    A post may weigh at most LIMIT.
    """
    text, weight, at = unicodedata.normalize("NFC", text), 0, 0
    for link in _LINK.finditer(text):
        weight += _plain(text[at : link.start()]) + _link(link)
        at = link.end()
    return weight + _plain(text[at:])


def _link(link: re.Match[str]) -> int:
    """23 for what X surely makes a link of; where the ending may be a domain or not, the longer reading."""
    bare = not link["scheme"]
    if link["known"]:
        return URL_WEIGHT + (bare and not link[0][0].isascii())  # X may leave the first letter out
    plain = _plain(link[0])
    if bare and link["perhaps"] != link["perhaps"].lower():
        return plain  # two sentences without a space between
    return max(URL_WEIGHT, plain)


def _plain(text: str) -> int:
    weight, at = 0, 0
    for emoji in _EMOJI.finditer(text):
        weight += _characters(text[at : emoji.start()]) + _emoji(emoji[0])
        at = emoji.end()
    return weight + _characters(text[at:])


def _emoji(emoji: str) -> int:
    """Two letters that are no country's are shown as two signs."""
    letters = "".join(chr(ord(sign) - 0x1F1E6 + ord("a")) for sign in emoji if "\U0001f1e6" <= sign <= "\U0001f1ff")
    return 2 * HEAVY if letters and letters not in COUNTRIES else HEAVY


def _characters(text: str) -> int:
    return sum(1 if any(low <= ord(sign) <= high for low, high in LIGHT) else HEAVY for sign in text)
