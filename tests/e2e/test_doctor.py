"""The doctor beside a running `serve`: it finds the Valkey that came with it, and nothing wrong."""

import json

from tests.e2e.house import ACME, House


def test_beside_a_running_serve_everything_is_well_and_nothing_is_touched(house: House) -> None:
    house.env["WECOM_BOT_PUBLIC_URL"] = house.url

    document = json.loads(house.run("doctor", "--json", ACME))

    states = {each["check"]: each["state"] for each in document["findings"]}
    assert document["ok"], document
    assert {states[each] for each in ("redis", "sql", "sql.schema", "tenants", "wecom.app", "callback")} == {"ok"}
    assert states["redis.durability"] == "ok"
    assert house.wecom.calls("gettoken", ACME) == 1  # the worker's own token, or the one that it takes next


def test_when_serve_has_stopped_that_is_what_is_said(house: House) -> None:
    house.stop()  # the last thing that happens in this house
    done = house.attempt("doctor", "--json")
    found = {each["check"]: each for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert "wecom-bot serve" in found["redis"]["mend"]
    assert found["sql"]["state"] == "ok"
