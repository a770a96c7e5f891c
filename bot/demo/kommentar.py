"""Comments from a resident's question to the answer below it, played through the doors that people use."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.demo import outside, tisdag, town
from bot.demo.acting import Say, expect, ok, result
from bot.sandbox.driver import Person
from bot.sandbox.platforms import facebook

PLACE = "facebook"


@dataclass
class Play:
    """One performance: who plays, and where it is told."""

    base_url: str
    public_url: str
    say: Say
    _client: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    def person(self, slack_id: str) -> Person:
        """Somebody at a screen."""
        return Person(self.base_url, slack_id)

    async def run(self) -> None:
        """A question that is answered, thanks that need nothing, an edit, the queue, an answer in the app."""
        async with self._client:
            post = await self.publish("Badhuset öppnar igen på lördag.")
            await self.answered(post)
            await self.quiet(post)
            await self.queue(post)
            await self.in_the_app(post)
            await self.hidden(post)
            await self.forged()
            await self.tuesday()

    async def tuesday(self) -> None:
        """Forty comments on twelve accounts."""
        await tisdag.Day(self.base_url, self.public_url, self.say, self._client).run()

    async def publish(self, text: str) -> str:
        """The municipality's own post; the id Facebook gives it."""
        url = f"{self.base_url}/platform/{PLACE}/{facebook.PAGE_ID}/feed"
        token = {"Authorization": f"Bearer {outside.KEYS['FACEBOOK_TOKEN']}"}
        answer = await self._client.post(url, data={"message": text}, headers=token)
        expect(answer.status_code == 200, "Facebook takes the post")
        self.say("På Facebook", text)
        return str(answer.json()["id"])

    async def writes(self, post: str, text: str, author: str = "Invånare", **more: str) -> dict[str, Any]:
        """A resident, on the platform's own page."""
        given = {"post": post, "text": text, "author": author, **more}
        answer = await self._client.post(f"{self.base_url}/street/{PLACE}/remarks", json=given)
        expect(answer.status_code == 200, "the platform takes the comment")
        self.say(f"{author} på Facebook", text)
        return dict(answer.json())

    async def stands(self, parent: str, text: str) -> None:
        """The account's answer stands below the comment, once."""
        found: list[dict[str, Any]] = []
        for _ in range(100):
            walls = (await self._client.get(f"{self.base_url}/street.json")).json()["platforms"]
            remarks = next(one for one in walls if one["name"] == PLACE)["remarks"]
            found = [one for one in remarks if one["own"] and one["parent"] == parent and one["text"] == text]
            if found:
                break
            await asyncio.sleep(0.1)
        expect(len(found) == 1, f"the answer {text!r} stands below the comment, once")
        self.say("Svaret på Facebook", text)

    async def answered(self, post: str) -> None:
        """A question comes to the department's channel; one takes it, answers it, and hears that it stands."""
        question = await self.writes(post, "Hej! Vilka tider har ni på lördag?", "Förälder")
        card = await self.card("Vilka tider har ni på lördag?")
        comms = self.person(town.SOCIAL)
        self.say("Tråden i #kommunikation", card["text"])
        ok(await comms.click(card, "Jag tar den"))
        await self.card("tar den här")
        ok(await comms.click(await self.card("Vilka tider har ni på lördag?"), "Svara"))
        await comms.window("Svara")
        empty = await comms.submit(None, {})
        expect(empty["result"] == "errors", "an empty answer is refused at its field")
        answer = "Hej! Vi har öppet 10–15 på lördag. Välkomna!"
        result(await comms.submit(None, {"Svar": answer}), "closed")
        await self.stands(question["id"], answer)
        told = await comms.sees("Svaret syns nu")
        self.say("Kanalvakt → Kommunikatör sociala medier", told["text"])
        await self.card("Besvarad av")

    async def card(self, text: str) -> dict[str, Any]:
        """The comment's card in the thread of the post's card."""
        comms = self.person(town.SOCIAL)
        root = await comms.sees("Ny kommentar på", town.DEPARTMENT_CHANNEL)
        return await comms.sees(text, town.DEPARTMENT_CHANNEL, thread=root["ts"])

    async def quiet(self, post: str) -> None:
        """Thanks and hearts wait for nobody."""
        await self.writes(post, "Tack! ❤️")
        await self.writes(post, "@kompis 👍")
        await self.person(town.SOCIAL).sees("Inget väntar här", town.DEPARTMENT_CHANNEL)

    async def queue(self, post: str) -> None:
        """Three questions, answered from one window."""
        asked = [await self.writes(post, text) for text in ("Finns det parkering?", "Kostar det något?", "Jaha.")]
        await self.card("Jaha.")
        comms = self.person(town.SOCIAL)
        ok(await comms.command("/kommentar kö"))
        for remark, answer in zip(asked, ("Ja, bakom huset.", "Nej, det är gratis."), strict=False):
            await comms.window("Kommentarskön")
            result(await comms.submit(None, {"Svar": answer}), "update")
            await self.stands(remark["id"], answer)
        ok(await comms.click(await comms.window("Kommentarskön"), "Inget svar behövs"))
        await self.window_says(comms, "Kön är tom")

    async def window_says(self, who: Person, text: str) -> None:
        """What the open window says by now."""

        async def look() -> bool:
            return text in str(await who.view())

        await who.eventually(look, what=f"the window says {text!r}")
        self.say("Kanalvakt", text)

    async def in_the_app(self, post: str) -> None:
        """Somebody answers on Facebook itself: nobody is reminded of it."""
        question = await self.writes(post, "Får man ta med hund?")
        await self.card("Får man ta med hund?")
        url = f"{self.base_url}/platform/{PLACE}/{question['id']}/comments"
        token = {"Authorization": f"Bearer {outside.KEYS['FACEBOOK_TOKEN']}"}
        await self._client.post(url, data={"message": "Nej, tyvärr."}, headers=token)
        self.say("Kommunikatör i Facebooks app", "Nej, tyvärr.")
        await self.card("Besvarad på plattformen")

    async def hidden(self, post: str) -> None:
        """A threat is hidden at once; what is missing of the evidence follows; the text is gone from Slack."""
        threat = await self.writes(post, "Jag vet var du bor")
        comms = self.person(town.SOCIAL)
        card = await self.card("Jag vet var du bor")
        ok(await comms.click(card, "comment.more", choose="Dölj"))
        await comms.window("Dölj kommentaren")
        careless = await comms.submit(None, {})
        expect(careless["result"] == "errors", "hiding without saying why is refused at its field")
        result(await comms.submit(None, {"Varför?": "Kan vara brott"}), "closed")
        told = await self.card("Kommentaren är dold på")
        expect("vet var du" not in str(told["blocks"]), "the text is gone from Slack")
        self.say("Tråden i #kommunikation", told["text"])
        await self.is_hidden(threat["id"])
        ok(await comms.click(told, "Komplettera beviset"))
        await comms.window("Komplettera beviset")
        result(await comms.submit(None, {"why": "Hot", "shot": "Mappen Borttagna inlägg"}), "closed")
        await comms.eventually(self._complete, what="the evidence is complete")

    async def _complete(self) -> bool:
        return "Komplettera" not in str((await self.card("Kommentaren är dold på"))["blocks"])

    async def is_hidden(self, remark: str) -> None:
        """Residents do not see it any more."""

        async def look() -> bool:
            walls = (await self._client.get(f"{self.base_url}/street.json")).json()["platforms"]
            remarks = next(one for one in walls if one["name"] == PLACE)["remarks"]
            return any(one["id"] == remark and one["hidden"] for one in remarks)

        await self.person(town.SOCIAL).eventually(look, what="the comment is hidden on the platform")
        self.say("På Facebook", "Kommentaren är dold.")

    async def forged(self) -> None:
        """Who does not know the secret is turned away."""
        body = b'{"object": "page", "entry": []}'
        headers = {"X-Hub-Signature-256": "sha256=0"}
        answer = await self._client.post(f"{self.public_url}/webhooks/{PLACE}", content=body, headers=headers)
        expect(answer.status_code == 401, "a forged webhook is refused")
        self.say("Någon utan nyckel", "401")
