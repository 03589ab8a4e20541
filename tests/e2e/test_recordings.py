"""Every recorded callback goes the whole way: posted, worked, and the reply seen at the simulated WeCom."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.deadlines import PATIENCE
from tests.e2e.house import House
from wecom_bot.domain.courtesies import Courtesies
from wecom_bot.domain.tenant import Phrases
from wecom_bot.text.reading import Language, read

SAMPLES = Path(__file__).parents[2] / "callback_samples"


def recordings() -> list[Path]:
    return sorted(path.parent for path in SAMPLES.glob("*/request.json") if _read(path)["kind"] == "delivery")


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def places() -> dict[str, tuple[str, str]]:
    """Where each recording is posted: corp ID and app name."""
    return {folder.name: (corp_id, name) for folder, corp_id, name, _ in _apps()}


def companies() -> list[dict[str, object]]:
    """All tenants of the recordings, those of one corp in one."""
    found: dict[str, dict[str, Any]] = {}
    for folder, corp_id, _, app in _apps():
        company = found.setdefault(corp_id, {"corp_id": corp_id, "apps": [], "kf_accounts": []})
        if app not in company["apps"]:
            company["apps"].append(app)
        known = {account["open_kfid"] for account in company["kf_accounts"]}
        for account in _read(folder / "request.json")["tenant"]["kf_accounts"]:
            if account["open_kfid"] not in known:
                company["kf_accounts"].append({"open_kfid": account["open_kfid"], "app": app["name"]})
    return list(found.values())


def _apps() -> Iterator[tuple[Path, str, str, dict[str, Any]]]:
    """Recording, corp, app name, app: recordings of one corp share an app if they have the same keys."""
    made: dict[str, list[dict[str, Any]]] = {}
    # those that ask for work first: their AgentID is in the message, the others' is free
    for folder in sorted(recordings(), key=lambda path: not _read(path / "expected.json").get("jobs")):
        request = _read(folder / "request.json")
        corp_id, given = request["tenant"]["corp_id"], request["tenant"]["apps"][0]
        apps = made.setdefault(corp_id, [])
        keys = {"token": request["token"], "encoding_aes_key": request["encoding_aes_key"]}
        keys["receive_ids"] = given["receive_ids"]
        app = next((app for app in apps if keys.items() <= app.items()), None)
        if app is None:
            free = given["agent_id"] not in {other["agent_id"] for other in apps}
            agent_id = given["agent_id"] if free else 2000000 + len(apps)
            app = {"name": f"app{len(apps)}", "agent_id": agent_id, "secret": f"secret-{len(apps)}"} | keys
            apps.append(app)
        if given.get("menu"):
            app["menu"] = app.get("menu", {}) | given["menu"]
        yield folder, corp_id, app["name"], app


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("recordings"), companies())
    try:
        yield made.open()
    finally:
        made.close()


@pytest.mark.parametrize("folder", recordings(), ids=lambda path: path.name)
def test_a_recording_goes_the_whole_way(house: House, folder: Path) -> None:
    corp_id, app = places()[folder.name]
    expected = _read(folder / "expected.json")
    jobs = expected.get("jobs", [])
    pulled = {job["open_kfid"] for job in jobs if job["kind"] == "pull"}
    for account in pulled:
        # the recorded notification only announces: what it announces has to be there
        house.wecom.say(corp_id, account, f"wm-{folder.name}", "在吗", swallow=True)
    (body,) = [path for path in folder.iterdir() if path.stem == "body"]
    url = f"{house.url}/callback/{corp_id}/{app}"
    answer = requests.post(
        url, params=_read(folder / "request.json")["query"], data=body.read_bytes(), timeout=PATIENCE
    )
    assert (answer.status_code, answer.content) == (expected["status"], b"")
    for account in pulled:
        (seen,) = house.wecom.wait_seen(corp_id, account, f"wm-{folder.name}")
        assert seen.text == reply_to("在吗")
    for job in jobs:
        if job["kind"] == "answer":
            (seen,) = house.wecom.wait_seen(corp_id, job["account"], job["customer"])
            assert seen.text == reply_to(job["text"])


def reply_to(text: str) -> str:
    """What a tenant without articles says: to a courtesy its phrase, to anything else that it does not know."""
    if not text:
        return Phrases().unreadable
    said = read(text)
    if said.courtesy is None:
        return Phrases().unknown
    return Courtesies().to(said.courtesy, said.language or Language.CHINESE)
