"""The whole application, played through the same doors that people use.

Anything expected that does not happen raises `Surprise`; nothing here looks behind the screen.
"""

from dataclasses import dataclass
from typing import Any

import httpx

from bot.demo import town
from bot.demo.acting import Say, expect, ok, result
from bot.sandbox.driver import Person

ACCOUNT = "Biblioteket berättar"
WEB_ADDRESS = "https://www.facebook.com/biblioteketberattar"

FIRST = {
    "unit": "Biblioteket",
    "platform": "Facebook",
    "name": ACCOUNT,
    "purpose": "Visa vad som händer på biblioteket och svara på frågor om lån och läsning.",
    "benefit": "Fler hittar till sagostunderna och färre behöver ringa.",
    "audience": "Barnfamiljer och unga vuxna i kommunen",
    "existing": "Kommunens sida räcker inte: vi behöver dialog om böcker varje dag.",
}
SECOND = {
    "editors": ["Bibliotekarie", "Bibliotekspedagog"],
    "substitute": "Bibliotekspedagog",
    "hours": "4",
    "ready": True,
    "children": "Ja",
    "children_routine": "Rutinen ligger i bibliotekets handbok, kapitel 3.",
}
THIRD = {
    "goals": "500 följare och svar inom ett dygn före sommaren.",
    "private": True,
    "personal_data": "Ja, den är gjord",
    "start": "2027-01-11",
    "guidelines": True,
}


@dataclass
class Play:
    """One performance: who plays, and where it is told."""

    base_url: str
    public_url: str
    say: Say

    def person(self, slack_id: str) -> Person:
        """Somebody at a screen."""
        return Person(self.base_url, slack_id)

    async def run(self) -> None:
        """Apply, be asked for more, edit, be approved twice, go live, stand in the register."""
        requester, head, comms = map(self.person, (town.LIBRARIAN, town.LIBRARY, town.SOCIAL))
        await self.apply(requester)
        card = await self.card_arrives(comms)
        await self.ask_for_more(comms, card)
        await self.edit(requester)
        await self.approve_as_head(head)
        await self.approve_as_department(comms, card, head)
        await self.go_live(requester)
        await self.look_up(requester)

    async def apply(self, requester: Person) -> None:
        """Three steps, one mistake on the way."""
        self.say("Bibliotekarie", "/konto ansök")
        ok(await requester.command("/konto ansök"))
        await requester.window("Ansök om konto")
        short = await requester.submit(None, {**FIRST, "purpose": "Synas mer."})
        expect(short["result"] == "errors" and "purpose" in short["errors"], "a short purpose is refused")
        self.say("Kanalvakt", f"Vid fältet: {short['errors']['purpose']}")
        result(await requester.submit(None, FIRST), "push")
        result(await requester.submit(None, SECOND), "push")
        result(await requester.submit(None, THIRD), "cleared")
        receipt = await requester.sees(ACCOUNT)
        self.say("Kanalvakt → Bibliotekarie", receipt["text"])

    async def card_arrives(self, comms: Person) -> dict[str, Any]:
        """The card in the department's channel, its buttons in the thread."""
        card = await comms.sees(ACCOUNT, town.DEPARTMENT_CHANNEL)
        self.say("Kanalvakt → #kommunikation", card["text"])
        await comms.sees("Godkänn", town.DEPARTMENT_CHANNEL, thread=card["ts"])
        return card

    async def ask_for_more(self, comms: Person, card: dict[str, Any]) -> None:
        """The department wants to know more before it decides."""
        ask = await comms.sees("Godkänn", town.DEPARTMENT_CHANNEL, thread=card["ts"])
        ok(await comms.click(ask, "Begär komplettering"))
        await comms.window()
        why = "Vem svarar på lördagar?"
        result(await comms.submit(None, {"reason": why}), "cleared")
        self.say("Kommunikatör sociala medier", f"Begär komplettering: {why}")
        await self.person(town.LIBRARIAN).sees(why)

    async def edit(self, requester: Person) -> None:
        """The requester answers by changing the application; earlier decisions fall."""
        mine = await requester.sees("Ändra")
        ok(await requester.click(mine, "Ändra"))
        await requester.window("Ansök om konto")
        goals = THIRD["goals"]
        result(await requester.submit(None, {}), "push")
        result(await requester.submit(None, {}), "push")
        answer = f"{goals} På lördagar svarar bibliotekspedagogen."
        result(await requester.submit(None, {"goals": answer}), "cleared")
        self.say("Bibliotekarie", "ändrar ansökan och skickar in den igen")

    async def approve_as_head(self, head: Person) -> None:
        """Yes from the head, in a direct message."""

        async def fresh() -> dict[str, Any] | None:
            found = [one for one in await head.messages() if _has_button(one, "application.approve")]
            return found[-1] if found and "version 2" in _texts(found[-1]) else None

        ask = await head.eventually(fresh, what="a question about version 2")
        self.say("Kanalvakt → Enhetschef biblioteket", ask["text"])
        ok(await head.click(ask, "Godkänn"))
        self.say("Enhetschef biblioteket", "Godkänn")
        await head.eventually(lambda: self._no_button(head, ask["ts"]), what="buttons that go away")

    async def _no_button(self, who: Person, ts: str) -> bool:
        found = next(one for one in await who.messages() if one["ts"] == ts)
        return not _has_button(found, "application.approve")

    async def approve_as_department(self, comms: Person, card: dict[str, Any], head: Person) -> None:
        """The head may not give the department's decision too; a communicator may."""

        async def newest() -> dict[str, Any] | None:
            thread = await comms.messages(town.DEPARTMENT_CHANNEL, card["ts"])
            return next((one for one in reversed(thread) if _has_button(one, "application.approve")), None)

        ask = await comms.eventually(newest, what="the department's buttons")
        ok(await comms.click(ask, "Godkänn"))
        self.say("Kommunikatör sociala medier", "Godkänn")
        await comms.click(ask, "Godkänn", stale=True)
        again = await comms.sees("Redan beslutat", town.DEPARTMENT_CHANNEL, thread=card["ts"])
        self.say("Kanalvakt (bara för den som klickade igen)", again["text"])
        done = await self.person(town.LIBRARIAN).sees("Båda har sagt ja")
        self.say("Kanalvakt → Bibliotekarie", done["text"])

    async def go_live(self, requester: Person) -> None:
        """A password where a place is asked for is refused; then the account is running."""
        mine = await requester.sees("Kontot är igång")

        async def button() -> dict[str, Any] | None:
            found = [one for one in await requester.messages() if _has_button(one, "application.live")]
            return found[-1] if found else None

        mine = await requester.eventually(button, what="the button for a running account")
        ok(await requester.click(mine, "Kontot är igång"))
        await requester.window("Kontot är igång")
        leaked = await requester.submit(None, {"address": WEB_ADDRESS, "login_place": "lösenord: Hemligt123!"})
        expect(leaked["result"] == "errors" and "login_place" in leaked["errors"], "a password is refused")
        self.say("Kanalvakt", f"Vid fältet: {leaked['errors']['login_place']}")
        place = "lösenordsvalvet, mapp Bibliotek"
        result(await requester.submit(None, {"address": WEB_ADDRESS, "login_place": place}), "cleared")
        live = await requester.sees("förteckningen")
        self.say("Kanalvakt → Bibliotekarie", live["text"])

    async def look_up(self, requester: Person) -> None:
        """In the list in Slack, in the public register, and in its JSON."""
        await requester.command("/konto lista")
        await requester.sees(WEB_ADDRESS)
        async with httpx.AsyncClient(base_url=self.public_url) as web:
            page = (await web.get("/register")).raise_for_status().text
            data = (await web.get("/register.json")).raise_for_status().text
        expect(ACCOUNT in page and WEB_ADDRESS in page, "the account stands on the register page")
        expect(ACCOUNT in data, "the account stands in register.json")
        self.say("Förteckningen", f"{ACCOUNT}: {WEB_ADDRESS}")


def _has_button(message: dict[str, Any], action_id: str) -> bool:
    return any(
        element.get("action_id") == action_id
        for block in message.get("blocks") or []
        for element in block.get("elements", [])
    )


def _texts(message: dict[str, Any]) -> str:
    return str(message.get("blocks"))
