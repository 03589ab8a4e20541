"""Each thing that `wecom-bot doctor` looks at, broken: it is named, with what to do."""

import sqlite3
from collections.abc import Callable

import pytest

from tests.fixtures.patient import TENANT, Patient
from tests.fixtures.ports import free_port
from tests.fixtures.simulated_coze import BOT, TOKEN, WORKFLOW
from tests.fixtures.simulated_wecom import AGENT_ID, CORP, KF, SECRET, app_spec
from wecom_bot.simulators.wecom.schema import KfSpec

Break = Callable[[Patient], None]


def _nobody_at(port: int) -> str:
    return f"redis://127.0.0.1:{port}"


def _no_schema(patient: Patient) -> None:
    patient.put("DATABASE_URL", f"sqlite:///{patient.command.folder}/empty.sqlite3")
    with sqlite3.connect(patient.command.folder / "empty.sqlite3") as connection:
        connection.execute("CREATE TABLE something (x)")


def _old_schema(patient: Patient) -> None:
    with sqlite3.connect(patient.command.folder / "data" / "wecom-bot.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")


def _new_schema(patient: Patient) -> None:
    with sqlite3.connect(patient.command.folder / "data" / "wecom-bot.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def _no_key(patient: Patient) -> None:
    (patient.command.folder / "data" / "master.key").unlink()


def _open_key(patient: Patient) -> None:
    (patient.command.folder / "data" / "master.key").chmod(0o644)


def _no_kf_permission(patient: Patient) -> None:
    patient.wecom.fault("kf/account/list", "errcode", 48002, times=9)


def _not_trusted(patient: Patient) -> None:
    patient.wecom.fault("*", "errcode", 60020, times=9)


def _unknown_account(patient: Patient) -> None:
    patient.take_in(TENANT.replace(KF, "wkNobody"))


def _another_account(patient: Patient) -> None:
    accounts = [KfSpec(open_kfid=KF, app="shop", servicers=("zhang",)), KfSpec(open_kfid="wkNew", app="shop")]
    patient.wecom.add_corp(CORP, [app_spec()], accounts)


def _no_servicers(patient: Patient) -> None:
    patient.wecom.add_corp(CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])


def _with_nlu(base_url: str, token: str) -> str:
    return TENANT.replace(
        "[tenants.coze]", f'[tenants.nlu]\nbase_url = "{base_url}"\ntoken = "{token}"\n[tenants.coze]'
    )


def _another_agent(patient: Patient) -> None:
    patient.take_in(TENANT.replace(str(AGENT_ID), "1000099").split("[[tenants.kf_accounts]]")[0])


def _lacking_inputs(patient: Patient) -> None:
    patient.coze.add_workflow(WORKFLOW, query="words")


def _needing_inputs(patient: Patient) -> None:
    patient.coze.add_workflow(WORKFLOW, inputs={"shop_id": {"required": True}})


def _odd_inputs(patient: Patient) -> None:
    patient.coze.add_workflow(WORKFLOW, inputs={"topk": {"type": "string"}})


BROKEN: dict[str, tuple[Break, str, str, str]] = {
    "Redis away": (lambda p: p.put("REDIS_URL", _nobody_at(free_port())), "redis", "failed", "systemctl status"),
    "Redis URL": (lambda p: p.put("REDIS_URL", "redis://one,two"), "redis", "failed", "WECOM_BOT_REDIS_URL"),
    "SQL away": (
        lambda p: p.put("DATABASE_URL", f"mysql+pymysql://u:p@127.0.0.1:{free_port()}/d"),
        "sql",
        "failed",
        "see whether it runs",
    ),
    "no database": (
        lambda p: p.put("DATABASE_URL", f"sqlite:///{p.command.folder}/none.sqlite3"),
        "sql",
        "failed",
        "wecom-bot migrate",
    ),
    "no schema": (_no_schema, "sql.schema", "failed", "wecom-bot migrate"),
    "old schema": (_old_schema, "sql.schema", "failed", "wecom-bot migrate"),
    "new schema": (_new_schema, "sql.schema", "failed", "upgrade wecom-bot"),
    "no master key": (_no_key, "master_key", "failed", "put back master.key"),
    "open master key": (_open_key, "master_key", "failed", "照上面说的改"),
    "another master key": (
        lambda p: p.put("MASTER_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        "tenants.secrets",
        "failed",
        "put the right master key back",
    ),
    "malformed master key": (lambda p: p.put("MASTER_KEY", "short"), "master_key", "failed", "照上面说的改"),
    "wrong secret": (
        lambda p: p.take_in(TENANT.replace(SECRET, "another")),
        "wecom.secret",
        "failed",
        "copy the secret again",
    ),
    "wrong corp": (
        lambda p: p.take_in(TENANT.replace(CORP, "ww_nobody")),
        "wecom.secret",
        "failed",
        "copy the secret again",
    ),
    "untrusted address": (_not_trusted, "wecom.trusted_ip", "failed", "add 127.0.0.1 to the app's trusted IPs"),
    "AgentId": (_another_agent, "wecom.agent", "failed", "copy the AgentId"),
    "no kf permission": (_no_kf_permission, "wecom.kf_permission", "failed", "可调用接口的应用"),
    "unknown account": (_unknown_account, "wecom.kf_account", "failed", "check the open_kfid"),
    "another account": (_another_account, "wecom.kf_others", "warning", "[[tenants.kf_accounts]]"),
    "no servicers": (_no_servicers, "wecom.servicers", "warning", "add servicers"),
    "WeCom busy": (
        lambda p: p.wecom.fault("agent/get", "errcode", -1, times=9),
        "wecom.app",
        "failed",
        "look again",
    ),
    "WeCom limits": (
        lambda p: p.wecom.fault("agent/get", "errcode", 45009, times=9),
        "wecom.limited",
        "warning",
        "look again in some minutes",
    ),
    "WeCom away": (
        lambda p: p.put("WECOM_BASE_URL", f"http://127.0.0.1:{free_port()}"),
        "wecom",
        "failed",
        "WECOM_BOT_WECOM_BASE_URL",
    ),
    "Coze token": (
        lambda p: p.take_in(TENANT.replace(TOKEN, "pat_wrong")),
        "coze.token",
        "failed",
        "the token is invalid",
    ),
    "Coze token over": (lambda p: p.coze.expire_tokens(), "coze.token", "failed", "has expired"),
    "no Coze token": (
        lambda p: p.take_in(TENANT.replace(TOKEN, "").replace(CORP, "ww_new")),
        "coze.token",
        "failed",
        "WECOM_BOT_COZE_TOKEN",
    ),
    "Coze rights": (
        lambda p: p.coze.fault("/v1/bots", "code", 4101, times=9),
        "coze.bot",
        "warning",
        "tick getMetadata",
    ),
    "bot not published": (lambda p: p.coze.add_bot(BOT, published=False), "coze.bot", "failed", "publish the bot"),
    "no such bot": (
        lambda p: p.take_in(TENANT.replace(BOT, "7379462189365190000")),
        "coze.bot",
        "failed",
        "check its id",
    ),
    "workflow not published": (
        lambda p: p.coze.add_workflow(WORKFLOW, published=False),
        "coze.workflow",
        "failed",
        "check its id",
    ),
    "no words for the workflow": (_lacking_inputs, "coze.parameters", "failed", "[tenants.coze.parameters]"),
    "more for the workflow": (_needing_inputs, "coze.parameters", "failed", "give it a default"),
    "odd for the workflow": (_odd_inputs, "coze.parameters", "warning", "Integer for topk"),
    "Coze away": (
        lambda p: p.put("COZE_BASE_URL", f"http://127.0.0.1:{free_port()}"),
        "coze.bot",
        "failed",
        "WECOM_BOT_COZE_BASE_URL",
    ),
    "intent service away": (
        lambda p: p.take_in(_with_nlu(f"http://127.0.0.1:{free_port()}", "nlu-token-1")),
        "nlu",
        "failed",
        "see whether it runs",
    ),
    "no token for the intent service": (
        lambda p: p.take_in(_with_nlu("http://127.0.0.1:1", "")),
        "nlu",
        "failed",
        "nlu.token",
    ),
    "intent service there": (lambda p: p.take_in(_with_nlu(p.coze.base_url, "nlu-token-1")), "nlu", "ok", ""),
    "nobody at the public URL": (
        lambda p: p.put("PUBLIC_URL", f"http://127.0.0.1:{free_port()}"),
        "callback.door",
        "failed",
        "nginx",
    ),
    "no name": (lambda p: p.put("PUBLIC_URL", "https://nobody.invalid"), "callback.door", "failed", "DNS"),
    "another server": (
        lambda p: p.put("PUBLIC_URL", p.wecom.base_url),
        "callback",
        "failed",
        "passes /callback/",
    ),
    "no model": (lambda _: None, "search.model", "warning", "wecom-bot model install"),
    "no model where one is named": (
        lambda p: p.put("EMBEDDING_MODEL", str(p.command.folder / "nothing")),
        "search.model",
        "failed",
        "wecom-bot model install",
    ),
    "a corp that is not there": (lambda _: None, "tenants", "failed", "wecom-bot tenants list"),
}


@pytest.mark.parametrize(("harm", "check", "state", "mend"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named_with_its_mend(
    patient: Patient, harm: Break, check: str, state: str, mend: str
) -> None:
    harm(patient)
    said, found = patient.examine(*(["ww_not_there"] if mend == "wecom-bot tenants list" else []))
    assert check in found, sorted(found)
    assert (found[check]["state"], said.complaint) == (state, "")
    assert mend in found[check]["mend"]
    assert said.status == (1 if state == "failed" else 0)
    assert found[check]["docs"].startswith("docs/operations.md#doctor-")
