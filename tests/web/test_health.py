"""What the operators' machines ask."""

from tests.fixtures.front_door import front_door


def test_alive_is_alive() -> None:
    assert front_door().client.get("/livez").status_code == 200


def test_ready_when_nothing_is_missing() -> None:
    answer = front_door().client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"missing": []})


def test_not_ready_says_what_is_missing() -> None:
    door = front_door()
    door.missing += ["inbox", "tenants"]
    answer = door.client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"missing": ["inbox", "tenants"]})
    assert door.client.get("/livez").status_code == 200


def test_metrics_come_as_they_are() -> None:
    answer = front_door().client.get("/metrics")
    assert (answer.data, answer.headers["Content-Type"]) == (b"# none\n", "text/plain; version=0.0.4")
