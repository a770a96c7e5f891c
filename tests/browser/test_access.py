"""The page for everybody: phone, keyboard, screen reader, contrast."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser import shapes, toy
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


async def test_on_a_phone_nothing_needs_sideways_scrolling(visit: Visit, app: toy.Toy) -> None:
    """Channel, channel list, thread, form, disturbances and home all fit in 360 pixels."""
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Fält", blocks=shapes.crowded())
    root = await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    await app.client.chat_postMessage(
        channel=shapes.LOBBY, text="Beslut", thread_ts=root["ts"], blocks=shapes.card()
    )
    screen = await visit(shapes.HEAD, phone=True)
    page = screen.page
    await expect(screen.messages).to_have_count(2)
    assert await screen.too_wide() == []
    await screen.messages.get_by_role("button", name="1 svar").click()
    await expect(screen.thread.locator(".message")).to_have_count(2)
    assert await screen.too_wide() == []
    box = await screen.thread.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (0, 360, 740)
    await screen.thread.get_by_role("button", name="Stäng").click()
    await screen.composer.fill("/konto ansök")
    await page.get_by_role("button", name="Skicka").click()
    await page.get_by_role("button", name="Fortsätt").click()
    await expect(page.get_by_label("Plattform")).to_have_attribute("aria-invalid", "true")
    assert await screen.too_wide() == []
    await screen.dialog.get_by_role("button", name="Stäng").first.click()
    await page.get_by_role("button", name="Visa kanaler").click()
    await expect(page.get_by_label("Du är")).to_be_visible()
    await page.wait_for_timeout(250)
    assert await screen.too_wide() == []
    await page.get_by_role("button", name="Störningar").click()
    await expect(page.locator("#faults")).to_be_visible()
    assert await screen.too_wide() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_has_a_name_and_enough_contrast(visit: Visit, app: toy.Toy, dark: bool) -> None:
    """Channel with every block, thread, forms with errors, open lists, drawer: named, no twin ids, WCAG AA."""
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Fält", blocks=shapes.crowded())
    root = await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    await app.client.chat_postMessage(
        channel=shapes.LOBBY, text="Beslut", thread_ts=root["ts"], blocks=shapes.card()
    )
    screen = await visit(shapes.HEAD, dark=dark)

    await expect(screen.page.get_by_role("heading", level=1)).to_have_count(1)
    await screen.command("/konto mina")
    await expect(screen.messages).to_have_count(3)
    await screen.messages.get_by_role("button", name="1 svar").click()
    await expect(screen.thread.locator(".message")).to_have_count(2)
    await screen.page.locator("#stage .composer-input, #foot .composer-input").fill("/k")
    assert await screen.faults() == []
    await screen.page.get_by_role("button", name="Störningar").click()
    assert await screen.faults() == []
    for words, send in (("/konto ansök", "Fortsätt"), ("/konto allt", "Skicka")):
        await screen.command(words)
        await screen.dialog.get_by_role("button", name=send).click()
        await expect(screen.dialog.get_by_role("alert")).to_be_visible()
        await screen.dialog.get_by_role("combobox").first.click()
        await expect(screen.options.first).to_be_visible()
        assert await screen.faults() == []
        await screen.page.keyboard.press("Escape")
        await screen.page.keyboard.press("Escape")
        await expect(screen.dialog).to_have_count(0)


async def test_tab_reaches_every_control_and_the_focus_is_seen(visit: Visit, app: toy.Toy) -> None:
    await app.client.chat_postMessage(channel=shapes.LOBBY, text="Ansökan", blocks=shapes.card())
    screen = await visit(shapes.HEAD)
    await expect(screen.messages).to_have_count(1)
    await screen.page.locator("#skip").focus()
    seen, bare = {"skip"}, []
    for _ in range(40):
        await screen.page.keyboard.press("Tab")
        here = await screen.focused()
        if here["key"] in seen or here["tag"] == "BODY":
            break
        seen.add(here["key"])
        if not here["ringed"]:
            bare.append(here["key"])
    assert bare == []
    assert {"skip", "person", "faults", "decide/approve", "decide/reject", "decide/rest", "composer/"} <= seen


async def test_the_page_may_load_nothing_from_elsewhere(visit: Visit) -> None:
    screen = await visit(shapes.WRITER)
    answer = await screen.page.request.get(screen.base_url + "/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\son\w+=|<script(?![^>]*src=)", await answer.text())
