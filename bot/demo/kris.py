"""A crisis from the first word to the last, and a drill, played through the doors that people use."""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.demo import outside, town
from bot.demo.acting import Say, expect, ok, result
from bot.sandbox.driver import Person
from bot.sandbox.platforms import facebook

HOUR = 3600
WATER = {
    "mode": "Skarpt",
    "event": "Dricksvatten",
    "what": "bakterier i dricksvattnet",
    "where": "Centrum",
    "where_not": "Norrby",
    "confirmed_by": "VA-jouren",
}
PICTURED = ("instagram", "mastodon", "bluesky")
SOCIAL = ("facebook", "instagram", "x", "linkedin", "mastodon", "bluesky")


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
        """Start, correction, update, stop, all-clear; then a drill that stays inside."""
        async with self._client:
            await self._play()

    async def _play(self) -> None:
        writer, reader = self.person(town.SOCIAL), self.person(town.MANAGER)
        await self.schedule("Välkommen till marknaden på torget")
        await self.start(writer)
        await self.review(reader, "Första beskedet")
        await self.everywhere()
        await self.by_hand()
        await self.held(writer)
        await self.signs("KOKA VATTNET")
        self.say("Skylten vid infarten", "KOKA VATTNET")
        await self.correct(writer, reader)
        await self.update_and_stop(writer, reader)
        await self.stray(writer)
        await self.all_clear(writer, reader)
        await self.choose(writer)
        await self.signs("VÄLKOMMEN")
        self.say("Skylten vid infarten", "VÄLKOMMEN")
        await self.drill(writer, reader)

    async def start(self, writer: Person) -> None:
        """The facts once; one mistake on the way."""
        self.say("Kommunikatör sociala medier", "/kris start")
        ok(await writer.command("/kris start"))
        await writer.window("Starta krisläge")
        forgot = await writer.submit(None, {**WATER, "confirmed_by": "", **_times()})
        expect(forgot["result"] == "errors", "facts that nobody confirmed are refused")
        result(await writer.submit(None, {**WATER, **_times()}), "push")
        view = await writer.window("Visa alla texter")
        self.say("Kanalvakt", "\n".join(_fields(view)))
        long = await writer.submit(None, {"text:x": "Koka vattnet! " * 30})
        expect(long["result"] == "errors", "a post too long for X is refused at its field")
        self.say("Kanalvakt", f"Vid fältet: {long['errors']['text:x']}")
        result(await writer.submit(None, {"text:x": _text(view, "text:x")}), "cleared")
        waiting = await writer.sees("Väntar på")
        expect("070-174 06" in waiting["text"], "whoever waits can ring the decider")
        self.say("Kanalvakt → Kommunikatör sociala medier", waiting["text"])

    async def review(self, reader: Person, kind: str) -> None:
        """A colleague reads, ticks and publishes."""
        asked = await reader.sees(kind)
        self.say("Kanalvakt → Kommunikationschef", asked["text"].split("\n")[0])
        ok(await reader.click(asked, "Granska och publicera"))
        view = await reader.window("Granska")
        expect("omkring" in str(view["blocks"]), "the approver is told how many Slack channels it reaches")
        careless = await reader.submit(None, {})
        expect(careless["result"] == "errors", "publishing without the tick is refused")
        result(await reader.submit(None, {"read": True}), "cleared")
        self.say("Kommunikationschef", "Jag har läst alla texter. Publicera.")

    async def everywhere(self) -> None:
        """The website first, then every channel, then every Slack channel."""
        for name in ("wordpress", outside.INTRANET, *SOCIAL):
            await self.shows(name, "Norrby berörs inte")
        letters = await self.shows("mail", "Centrum", least=3)
        self.say("Utanför Slack", f"Webbplats, intranät, {len(SOCIAL)} sociala medier och {len(letters)} utskick.")
        site = (await self.walls())["wordpress"]
        others = [one for name in SOCIAL for one in (await self.walls())[name]]
        expect(all(one["at"] >= site[0]["at"] for one in others), "the website goes first")
        pictured = [one for name in PICTURED for one in (await self.walls())[name]]
        expect(all(one["image"] and one["alt"] for one in pictured), "the picture has its words")
        told = await self.person(town.LIBRARIAN).sees("Krisläge:", "C0BIBLIO01")
        self.say("#biblioteket", told["text"])
        ok(await self.person(town.LIBRARIAN).click(told, "Jag har pausat"))

    async def by_hand(self) -> None:
        """What has no interface is somebody's, with a button."""
        designer = self.person(town.DESIGN)
        work = await designer.sees("Publicera för hand")
        self.say("Kanalvakt → Grafisk formgivare", work["text"].split("\n")[0])
        ok(await designer.click(work, "Klart"))
        await self.board("Gjord för hand")

    async def schedule(self, text: str) -> None:
        """Somebody has planned a post in Facebook's own tool, before anything happened."""
        at = int(time.time()) + HOUR
        await self._facebook(message=text, published="false", scheduled_publish_time=at)
        self.say("På Facebook, schemalagt", text)

    async def _facebook(self, **form: Any) -> None:
        """As Facebook's own tool does it, past the desk."""
        url = f"{self.base_url}/platform/facebook/{facebook.PAGE_ID}/feed"
        token = {"Authorization": f"Bearer {outside.KEYS['FACEBOOK_TOKEN']}"}
        answer = await self._client.post(url, data=form, headers=token)
        expect(answer.status_code == 200, "Facebook takes a post from its own tool")

    async def held(self, writer: Person) -> None:
        """What was planned waits until the crisis is over."""
        listed = await self.thread(writer, "Hållet. Går ut")
        self.say("Tråden", listed["text"])
        expect("Publicera" not in str(listed["blocks"]), "nothing can be let out while the crisis lasts")
        ok(await writer.command("/kris status"))
        await writer.sees("Hållet. Går ut")

    async def stray(self, writer: Person) -> None:
        """Somebody publishes past the desk, and the thread tells it."""
        await self._facebook(message="Veckans katt")
        told = await self.thread(writer, "Publicerat på")
        self.say("Tråden", told["text"])

    async def choose(self, writer: Person) -> None:
        """Now the planned post may go, by somebody's choice; it is said when it stands there."""
        listed = await self.thread(writer, "Schemalägg om")
        ok(await writer.click(listed, "Publicera"))
        self.say("Kommunikatör sociala medier", "Publicera det schemalagda inlägget.")
        await self.shows("facebook", "Välkommen till marknaden")
        said = await self.thread(writer, "Kommunikatör sociala medier valde det.")
        self.say("Tråden", said["text"])

    async def thread(self, anybody: Person, words: str) -> dict[str, Any]:
        """What the crisis's thread says, once it says so."""
        board = await self.board("crisis.note")
        return await anybody.sees(words, town.DEPARTMENT_CHANNEL, thread=board["ts"], timeout=30)

    async def correct(self, writer: Person, reader: Person) -> None:
        """Wrong and right; edited where that is possible, a new post elsewhere."""
        await self.follow(writer, "Rätta", {"wrong": "Norrby inte berörs", "right": "Norrby berörs också."})
        await self.review(reader, "Rättelse")
        await self.shows("facebook", "Rätt är", least=1)
        posts = (await self.walls())["facebook"]
        expect(len(posts) == 1 and bool(posts[0]["edits"]), "the post on Facebook was edited in place")
        expect(len(await self.shows("x", "Rätt är")) == 1, "X got a new post")
        self.say("Utanför Slack", "Rättelsen står i Facebooks inlägg, och som ett nytt inlägg på X.")

    async def update_and_stop(self, writer: Person, reader: Person) -> None:
        """The website is down: the update waits, and somebody stops it."""
        await self.trouble("wordpress", error_5xx={"probability": 1, "stored": 0})
        await self.follow(writer, "Uppdatera", {"news": "Tankbil med vatten på torget."})
        await self.review(reader, "Uppdatering")
        await self.board("Väntar på webbplatsen")
        board = await self.board("Stoppa utskicket")
        ok(await writer.click(board, "Stoppa utskicket"))
        stopped = await self.board("Stoppat.")
        self.say("Tavlan", stopped["text"])
        await self.trouble("wordpress", error_5xx=0)
        for name in SOCIAL:
            expect(not await self.found(name, "Tankbil"), f"nothing of the stopped update stands on {name}")

    async def all_clear(self, writer: Person, reader: Person) -> None:
        """The end: a new message everywhere, the banner down, the sign given back."""
        await self.follow(writer, "Avsluta krisläget", {"now": "Proverna är bra."})
        await self.review(reader, "Avslut")
        for name in ("wordpress", *SOCIAL):
            await self.shows(name, "Kokningsrekommendationen är hävd")
        told = await self.person(town.LIBRARIAN).sees("Krisläget är avslutat", "C0BIBLIO01")
        self.say("#biblioteket", told["text"])

    async def drill(self, writer: Person, reader: Person) -> None:
        """Marked everywhere, and never outside what is marked for drills."""
        before = await self.walls()
        self.say("Kommunikatör sociala medier", "/kris start (övning)")
        ok(await writer.command("/kris start"))
        await writer.window("Starta krisläge")
        given = {**WATER, "mode": "Övning", "ends_at": int(time.time()) + 2 * HOUR, **_times()}
        result(await writer.submit(None, given), "push")
        await writer.window("Visa alla texter")
        result(await writer.submit(None, {}), "cleared")
        await self.review(reader, "ÖVNING")
        [inside] = await self.shows(outside.INTRANET, "ÖVNING")
        self.say("Intranätet", inside["text"].split("\n")[0])
        await self.told_beforehand()
        await self.signs("ÖVNING", "skarm-stadshuset")
        self.say("Skärmen i stadshuset", "ÖVNING")
        practice = await writer.sees("ÖVNING", town.DRILL_CHANNEL)
        self.say("#krisövning", practice["text"].split("\n")[0])
        after = await self.walls()
        for name in ("wordpress", "mail", *SOCIAL):
            expect(len(after[name]) == len(before[name]), f"nothing of the drill stands on {name}")

    async def told_beforehand(self) -> None:
        """Contact centre and officer on call knew of the drill; whoever shares the sign hears what it shows."""
        for who, name in ((town.CONTACT, "Kontaktcenter"), (town.OFFICER, "Tjänsteperson i beredskap")):
            told = await self.person(who).sees("Snart börjar en övning")
            self.say(f"Kanalvakt → {name}", told["text"])
        shared = await self.person(town.IT).sees("ÖVNING", timeout=30)
        self.say("Kanalvakt → den som delar skylten", shared["text"])

    async def follow(self, writer: Person, button: str, values: dict[str, Any]) -> None:
        """A button on the board, its form, and all texts."""
        board = await self.board(button)
        ok(await writer.click(board, button))
        await writer.window()
        self.say("Kommunikatör sociala medier", f"{button}: {next(iter(values.values()))}")
        times = _times() if button != "Avsluta krisläget" else {"confirmed_at": _times()["confirmed_at"]}
        result(await writer.submit(None, {**values, "confirmed_by": "VA-jouren", **times}), "push")
        await writer.window("Visa alla texter")
        result(await writer.submit(None, {}), "cleared")

    async def board(self, words: str) -> dict[str, Any]:
        """The board in the department's channel, once it says so."""
        anybody = self.person(town.SOCIAL)

        async def look() -> dict[str, Any] | None:
            boards = [
                one
                for one in await anybody.messages(town.DEPARTMENT_CHANNEL)
                if "Krisläge:" in one["text"] and words in str(one)
            ]
            return boards[-1] if boards else None

        found: dict[str, Any] = await anybody.eventually(look, 30, f"a board that says {words!r}")
        return found

    async def shows(self, name: str, words: str, *, least: int = 1) -> list[dict[str, Any]]:
        """What stands on a platform with these words, once there is enough of it."""

        async def look() -> list[dict[str, Any]] | None:
            found = await self.found(name, words)
            return found if len(found) >= least else None

        found: list[dict[str, Any]] = await self.person(town.SOCIAL).eventually(look, 40, f"{words!r} on {name}")
        return found

    async def found(self, name: str, words: str) -> list[dict[str, Any]]:
        """What stands on a platform with these words right now."""
        return [one for one in (await self.walls())[name] if words in f"{one['title']}\n{one['text']}"]

    async def walls(self) -> dict[str, list[dict[str, Any]]]:
        """What residents and colleagues see, by platform."""
        street = (await self._client.get(f"{self.base_url}/street.json")).json()
        return {one["name"]: [item for item in one["items"] if item["seen"]] for one in street["platforms"]}

    async def trouble(self, name: str, **faults: Any) -> None:
        """Make a platform ill, or well again."""
        answer = await self._client.post(f"{self.base_url}/street/{name}/faults", json=faults)
        expect(answer.status_code == 200, f"the switches of {name} can be set")

    async def signs(self, words: str, sign: str = "skylt-norr") -> None:
        """The sign at the road, or another."""

        async def look() -> bool:
            page = await self._client.get(f"{self.public_url}/skylt/{sign}")
            return words in page.text

        await self.person(town.SOCIAL).eventually(look, 30, f"{words!r} on {sign}")


def _times() -> dict[str, int]:
    """Confirmed a little while ago, next word in four hours."""
    now = int(time.time())
    return {"confirmed_at": now - 600, "next_at": now + 4 * HOUR}


def _fields(view: dict[str, Any]) -> list[str]:
    """The labels of the texts, as they stand in the window."""
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    return [block["label"]["text"] for block in inputs if block["block_id"].startswith("text:")]


def _text(view: dict[str, Any], name: str) -> str:
    block = next(block for block in view["blocks"] if block.get("block_id") == name)
    return str(block["element"].get("initial_value", ""))
