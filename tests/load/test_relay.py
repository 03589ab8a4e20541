"""What stands between the bot and a search engine in `make outage` passes on, and answers in its place."""

import http.client

import pytest

from tests.fixtures.scripted_elasticsearch import Told, standing_in
from tests.load.relay import WRONG, Relay


def asked(relay: Relay, timeout: float = 60) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=timeout)
    try:
        connection.request("POST", "/_msearch", b"{}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_it_passes_on_or_answers_as_it_is_told_and_passes_on_again() -> None:
    with (
        standing_in(lambda heard: Told(body=b'{"by": "the server"}' + heard.body)) as url,
        Relay(int(url.rpartition(":")[2])) as relay,
    ):
        genuine = (200, b'{"by": "the server"}{}')
        assert asked(relay) == genuine
        found = {}
        for relay.wrong in WRONG:
            if relay.wrong != "silence":
                found[relay.wrong] = asked(relay)[0]
        assert found == {"garbage": 200, "nonsense": 200, "429": 429, "503": 503}
        relay.wrong = "silence"
        with pytest.raises(TimeoutError):
            asked(relay, timeout=0.2)
        relay.wrong = ""
        assert asked(relay) == genuine


def test_a_server_that_is_away_is_away_behind_it_too() -> None:
    with Relay(1) as relay, pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        asked(relay)
