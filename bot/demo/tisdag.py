"""A Tuesday: forty comments on twelve accounts, dealt with by one communicator from one window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bot.demo import town
from bot.demo.acting import Say, expect, ok, result
from bot.sandbox.driver import Person
from bot.sandbox.platforms import x_replies as x

POST: Final = "Badhuset öppnar igen på lördag klockan tio."
ASKED: Final = (
    "Vilka tider gäller på lördag?",
    "Kostar det något för barn?",
    "Finns det parkering i närheten?",
    "Kan man boka i förväg?",
)
WALLS: Final = ("facebook", "instagram", "wordpress", "mastodon", "bluesky", "linkedin", "youtube", "tiktok", "x")
BY_HAND: Final = {"Bibblan på Snapchat": 2, "Fritidsgården på Discord": 1, "Kulturskolan på Threads": 1}
ALL, MOST_CLICKS = 40, 60
THREAT, PHONE, LAMP = "Jag vet var du bor", "Ring mig på 070-174 06 11?", "Lampan vid badet är trasig, vem lagar?"
NO_ANSWER: Final = frozenset({"Jaha.", "Då så.", "Vi får se.", "Aha, där ja.", "Mm."})


@dataclass
class Day:
    """The day, told to ``say``. Every click of the communicator is counted, a choice in a menu as two."""

    base_url: str
    public_url: str
    say: Say
    client: httpx.AsyncClient
    clicks: int = 0
    done: int = 0
    _told: dict[str, int] = field(default_factory=dict)

    @property
    def comms(self) -> Person:
        """The one who answers alone."""
        return Person(self.base_url, town.SOCIAL)

    async def run(self) -> None:
        """Residents write, colleagues bring in what they heard elsewhere, and the queue is worked off."""
        await self._accounts()
        await self._colleagues()
        await self._residents()
        await self.comms.eventually(self._all_there, timeout=90, what=f"{ALL} comments wait")
        self.say("Tisdag", f"{ALL} kommentarer på {len(WALLS) + len(BY_HAND)} konton väntar på svar.")
        self.clicks += 1
        ok(await self.comms.command("/kommentar kö"))
        while await self._one():
            pass
        await self.comms.eventually(self._one_waits, what="only what was sent on waits")
        self.say("Tisdag", f"{self.done} kommentarer, {self.clicks} klick, ett fönster.")
        expect(self.done == ALL, f"{ALL} comments are dealt with, and not {self.done}")
        expect(self.clicks <= MOST_CLICKS, f"it takes at most {MOST_CLICKS} clicks, and not {self.clicks}")

    async def _accounts(self) -> None:
        """Three accounts that no interface reaches stand in the register."""
        for name in BY_HAND:
            given = {
                "unit": "Biblioteket",
                "platform": "Facebook",
                "name": name,
                "address": f"https://www.exempel.example/{len(name)}",
                "purpose": "Visa vad som händer.",
                "owner": "Kommunikatör sociala medier",
            }
            ok(await self.comms.command("/konto registrera"))
            result(await self.comms.submit(await self.comms.window(), given), "update")
            await self.comms.close(all=True)

    async def _residents(self) -> None:
        texts = self._texts(ALL - sum(BY_HAND.values()))
        for n, wall in enumerate(WALLS):
            post = (await self._street(wall, "items", text=POST, title="Badhuset öppnar"))["id"]
            for text in texts[n :: len(WALLS)]:
                # on X whoever does not name the account gets no answer from here
                said = f"@{x.HANDLE} {text}" if wall == "x" else text
                await self._street(wall, "remarks", post=post, text=said)

    def _texts(self, many: int) -> list[str]:
        special = [THREAT, PHONE, LAMP, *NO_ANSWER]
        return special + [ASKED[n % len(ASKED)] for n in range(many - len(special))]

    async def _street(self, wall: str, what: str, **given: Any) -> Mapping[str, Any]:
        answer = await self.client.post(f"{self.base_url}/street/{wall}/{what}", json=given)
        expect(answer.status_code == 200, f"{wall} takes it: {answer.text}")
        return dict(answer.json())

    async def _colleagues(self) -> None:
        librarian = Person(self.base_url, town.LIBRARIAN)
        for account, many in BY_HAND.items():
            for n in range(many):
                ok(await librarian.command("/kommentar ny"))
                given = {"account": account, "text": f"När har ni öppet i helgen? ({n + 1})"}
                result(await librarian.submit(await librarian.window(), given), "update")
                await librarian.close(all=True)

    async def _waiting(self) -> int:
        lines = (await self.client.get(f"{self.public_url}/metrics")).text.splitlines()
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith("kanalvakt_comments{"))

    async def _all_there(self) -> bool:
        return await self._waiting() == ALL

    async def _one_waits(self) -> bool:
        return await self._waiting() == 1

    async def _one(self) -> bool:
        """What the window shows now; False when the queue is empty."""
        view = await self.comms.window("Kommentarskön")
        shown = str(view["blocks"])
        if "Kön är tom" in shown:
            return False
        deal = next((does for text, does in self._special() if text in shown), self._answer)
        await deal(view)
        self.done += 1
        return True

    def _special(self) -> Sequence[tuple[str, Any]]:
        return (
            (THREAT, self._hide),
            (LAMP, self._forward),
            (PHONE, self._standard),
            *((text, self._close) for text in NO_ANSWER),
        )

    async def _answer(self, view: Mapping[str, Any]) -> None:
        self.clicks += 1
        answer = await self.comms.submit(None, {"Svar": "Hej! Vi har öppet 10 till 15 på lördag. Välkommen!"})
        result(answer, "update")
        if "Klart" in str((answer.get("view") or {}).get("submit")):
            self.clicks += 1
            result(await self.comms.submit(None, {}), "update")

    async def _close(self, view: Mapping[str, Any]) -> None:
        self.clicks += 1
        ok(await self.comms.click(dict(view), "Inget svar behövs"))
        await self._moved_on(view)

    async def _hide(self, view: Mapping[str, Any]) -> None:
        self.clicks += 4
        ok(await self.comms.click(dict(view), "comment.more", choose="Dölj"))
        await self.comms.window("Dölj kommentaren")
        result(await self.comms.submit(None, {"Varför?": "Kan vara brott"}), "closed")
        await self._moved_on(view)

    async def _standard(self, view: Mapping[str, Any]) -> None:
        self.clicks += 2
        ok(await self.comms.click(dict(view), "comment.ready_case"))
        await self._moved_on(view)
        result(await self.comms.submit(None, {}), "update")

    async def _forward(self, view: Mapping[str, Any]) -> None:
        """To somebody who knows; the resident hears so at once, and the comment waits for what comes back."""
        self.clicks += 8
        ok(await self.comms.click(dict(view), "Skicka vidare"))
        form = await self.comms.window("Skicka vidare")
        ok(await self.comms.click(form, "forward.target", choose="Någon som vet"))
        form = await self.comms.window("Skicka vidare")
        given = {"person": "Bibliotekarie", "hold": True}
        result(await self.comms.submit(form, given), "closed")
        ok(await self.comms.click(await self.comms.window("Kommentarskön"), "Nästa kommentar"))
        await self._moved_on(view)

    async def _moved_on(self, view: Mapping[str, Any]) -> None:
        """The window shows something else than before."""

        async def look() -> bool:
            now = await self.comms.view()
            return now is not None and now["blocks"] != view["blocks"]

        await self.comms.eventually(look, what="the window goes on")
