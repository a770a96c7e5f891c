"""What arrives over HTTP: forged, old, foreign, malformed."""

import time
import urllib.parse
from typing import Any

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from bot import stage
from bot.demo import town
from tests.seam.conftest import Scene

pytestmark = pytest.mark.parametrize("mode", ["http"], indirect=True)


def _signed(scene: Scene, body: str, *, secret: str = stage.SIGNING, age: int = 0) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }


def _command(**changed: str) -> str:
    given = {
        "command": "/konto",
        "text": "ansök",
        "team_id": town.TEAM,
        "user_id": town.TEACHER,
        "trigger_id": "1.1",
        "response_url": "http://127.0.0.1:9/none",
        **changed,
    }
    return urllib.parse.urlencode(given)


async def _post(scene: Scene, body: str, **how: Any) -> httpx.Response:
    async with httpx.AsyncClient() as slack:
        url = f"{scene.desk.desk.public_url}/slack/events"
        return await slack.post(url, content=body, headers=_signed(scene, body, **how))


@pytest.mark.parametrize(("how", "status"), [({}, 200), ({"secret": "forged"}, 401), ({"age": 400}, 401)])
async def test_only_what_slack_signed_lately_is_taken(scene: Scene, how: dict[str, Any], status: int) -> None:
    """Forged and old signatures are refused."""
    assert status == (await _post(scene, _command(), **how)).status_code


@pytest.mark.parametrize(
    "changed",
    [{"team_id": "T0STRANGER"}, {"is_enterprise_install": "true", "enterprise_id": "E1"}, {"user_id": ""}],
)
async def test_other_workspaces_and_org_installs_open_no_form(scene: Scene, changed: dict[str, str]) -> None:
    """Acknowledged, refused in a sentence, no window."""
    answer = await _post(scene, _command(**changed))
    assert answer.status_code in (200, 401)
    assert await scene.person(town.TEACHER).view() is None


@pytest.mark.parametrize(
    "body", ["", "payload=", "payload=%7B", "payload=[]", "payload=null", "command=", "x=1", '{"type":1}']
)
async def test_malformed_payloads_end_in_no_traceback(scene: Scene, body: str) -> None:
    """Whatever was signed by mistake: a short answer, and the desk goes on."""
    answer = await _post(scene, body)
    assert "Traceback" not in answer.text
    assert 200 == (await _post(scene, _command())).status_code
