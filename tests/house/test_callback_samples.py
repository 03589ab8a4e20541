"""Every folder of callback_samples/ comes to its expected.json: callbacks the whole way from HTTP to the inbox."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Response
from prometheus_client import REGISTRY

from tests.fixtures.front_door import NOW, credentials, front_door
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.adapters.wecom.inbound.source import KfSource
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.job import AnswerMessage, Job, ObserveEvent, PullMessages
from wecom_bot.domain.message import InboundMessage
from wecom_bot.domain.tenant import Tenant

FOLDER = Path(__file__).parents[2] / "callback_samples"
SAMPLES = sorted(path.parent for path in FOLDER.glob("*/request.json"))


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(path, id=path.name) for path in SAMPLES if read(path, "request.json")["kind"] in kinds]


def told(job: Job) -> dict[str, Any]:
    """The job in the words of expected.json."""
    match job:
        case PullMessages():
            told = {"kind": "pull", "app": job.app, "open_kfid": job.open_kfid, "token": job.token}
            return told | {"notified_at": job.notified_at.isoformat()}
        case AnswerMessage(message=message):
            assert job.received_at == NOW
            return {"kind": "answer", "app": message.app} | said(message)
        case ObserveEvent(event=event):
            return {"kind": "event", "app": event.app} | happened(event)
        case _:
            raise AssertionError(f"a callback never asks for {job}")


def said(message: InboundMessage) -> dict[str, Any]:
    """A message in the words of expected.json; what is not there is left out."""
    extras = {"menu_id": message.menu_id, "servicer": message.servicer, "detail": dict(message.detail)}
    return {
        "account": message.conversation.account,
        "customer": message.conversation.customer,
        "message_id": message.message_id,
        "message": message.kind.value,
        "sent_at": message.sent_at.isoformat(),
        "text": message.text,
    } | {name: value for name, value in extras.items() if value}


def happened(event: InboundEvent) -> dict[str, Any]:
    """An event in the words of expected.json."""
    return {
        "account": event.conversation.account,
        "customer": event.conversation.customer,
        "event_id": event.event_id,
        "event": event.name,
        "happened_at": event.happened_at.isoformat(),
        "happening": asdict(event.happening),
    } | ({"detail": dict(event.detail)} if event.detail else {})


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("wecom_bot_callbacks_total", {"outcome": outcome}) or 0


def test_there_are_samples_and_each_folder_is_whole() -> None:
    assert len(SAMPLES) >= 80
    for folder in (path for path in FOLDER.iterdir() if path.is_dir()):
        assert (folder / "request.json").exists(), folder.name
        assert (folder / "expected.json").exists(), folder.name


@pytest.mark.parametrize("folder", of_kind("delivery", "verification"))
def test_a_recorded_callback_comes_to_what_is_expected(folder: Path) -> None:
    request, expected = read(folder, "request.json"), read(folder, "expected.json")
    tenant = Tenant.model_validate(request["tenant"])
    door = front_door(tenant, secrets=credentials(request["token"], request["encoding_aes_key"]))
    outcome = expected.get("refused") or ("verified" if request["kind"] == "verification" else "accepted")
    before = counted(outcome)

    answer = door.client.open(
        f"/callback/{tenant.corp_id}/{request['app']}",
        method=request["method"],
        query_string=request["query"],
        data=b"".join(path.read_bytes() for path in folder.glob("body.*")),
    )

    assert answer.status_code == expected["status"]
    assert answer.get_data(as_text=True) == expected.get("body", "")
    assert [told(job) for job in door.inbox.jobs] == expected["jobs"]
    assert counted(outcome) == before + 1


@pytest.mark.parametrize("folder", of_kind("seal"))
def test_sealing_with_the_recorded_prefix_gives_the_recorded_ciphertext(folder: Path) -> None:
    given, expected = read(folder, "request.json"), read(folder, "expected.json")
    crypto = CallbackCrypto(given["token"], given["encoding_aes_key"])
    at = (given["timestamp"], given["nonce"])
    sealed = crypto.seal(given["message"], given["receive_id"], *at, prefix=bytes.fromhex(given["prefix_hex"]))
    assert {"encrypted": sealed.encrypted, "signature": sealed.signature} == expected
    assert crypto.open(sealed.signature, *at, sealed.encrypted, {given["receive_id"]}) == given["message"]


@pytest.mark.parametrize("folder", of_kind("sync"))
def test_a_recorded_page_of_kf_sync_msg_comes_to_what_is_expected(
    folder: Path, caller: Caller, wecom: ScriptedWecom
) -> None:
    given, expected = read(folder, "request.json"), read(folder, "expected.json")
    tenant = Tenant.model_validate(given["tenant"])
    caller.tenants.tenants[tenant.corp_id] = tenant
    wecom.script("kf/sync_msg", Response((folder / "body.json").read_bytes(), mimetype="application/json"))
    (account,) = (account.open_kfid for account in tenant.kf_accounts)

    page = KfSource(caller.clients()).fetch(tenant.corp_id, given["app"], account, "before", "")

    found = [said(each) if isinstance(each, InboundMessage) else happened(each) for each in page.messages]
    assert {"cursor": page.cursor, "has_more": page.has_more, "messages": found} == expected


def test_every_source_is_named_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for sample in SAMPLES:
        repository = read(sample, "request.json")["source"].get("repository")
        assert repository is None or repository in readme, repository
