"""Access tokens: one fetch for all, no loop, and a wrong secret that is not sent again and again."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes import ACME, SettableClock
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.sharing import TokenKey
from wecom_bot.adapters.wecom.api.tokens import AccessTokens, Fetch, Fetched, fingerprint
from wecom_bot.errors import Misconfigured, RateLimited, TemporaryFailure
from wecom_bot.telemetry import metrics

KEY = TokenKey(ACME, "shop", "f1")
PATIENCE = timedelta(seconds=30)
TWO_HOURS = timedelta(hours=2)


class Fetches:
    """A gettoken that counts, and raises what it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.count = 0

    def __call__(self) -> Fetched:
        self.count += 1
        if self.failures:
            raise self.failures.pop(0)
        return Fetched(f"t{self.count}", TWO_HOURS)


Make = Callable[[Fetch], AccessTokens]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def made(valkey: Client, clock: SettableClock) -> Make:
    def make(fetch: Fetch) -> AccessTokens:
        return AccessTokens(KEY, RedisSharedTokens(valkey), fetch, clock, PATIENCE)

    return make


def test_fifty_threads_with_no_token_fetch_one(caller: Caller, wecom: ScriptedWecom) -> None:
    clients = [caller.clients(timeout=PATIENCE) for _ in range(8)]  # as many processes
    begin = threading.Barrier(50)

    def call(number: int) -> None:
        begin.wait()
        clients[number % 8].of(ACME, "shop").call("kf/sync_msg", {})

    with ThreadPoolExecutor(50) as threads:
        list(threads.map(call, range(50)))
    assert wecom.count("gettoken") == 1
    assert {call.token for call in wecom.calls if call.api == "kf/sync_msg"} == {"token-1"}
    assert wecom.count("kf/sync_msg") == 50


GREENLETS = """
from wecom_bot import startup
startup.patch_all()
import sys
from datetime import timedelta
import gevent
from tests.fakes import ACME, SettableClock, tenant
from tests.fixtures.scripted_wecom import KnownTenants
from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.wecom.api.client import Clients
client = connect(sys.argv[1], timeout=timedelta(seconds=30), most=64)
stores = RedisSharedTokens(client), RedisAllowance(client), SettableClock()
clients = Clients(KnownTenants.of(tenant()), *stores, base_url=sys.argv[2], timeout=timedelta(seconds=30), pool=64)
calls = [gevent.spawn(lambda: clients.of(ACME, "shop").call("kf/sync_msg", {})) for _ in range(50)]
gevent.joinall(calls, raise_error=True)
"""


def test_fifty_greenlets_with_no_token_fetch_one_and_wait_side_by_side(
    wecom: ScriptedWecom, valkey: Client, bundled_valkey_url: str
) -> None:
    assert valkey.ping()
    together = threading.Barrier(50)

    def meet(_call: Call) -> dict[str, int]:
        together.wait(timeout=25)
        return {"errcode": 0}

    wecom.script("kf/sync_msg", meet)  # nobody is answered before all fifty are there
    run = [sys.executable, "-c", GREENLETS, bundled_valkey_url, wecom.url]
    assert subprocess.run(run, check=False, capture_output=True, timeout=60).returncode == 0
    assert wecom.count("gettoken") == 1
    assert wecom.count("kf/sync_msg") == 50


def test_who_waits_for_anothers_fetch_gets_its_token(made: Make) -> None:
    started, may_end = threading.Event(), threading.Event()

    def slow() -> Fetched:
        started.set()
        assert may_end.wait(30)
        return Fetched("slow", TWO_HOURS)

    second = Fetches()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(made(slow).get)
        assert started.wait(30)
        waiting = threads.submit(made(second).get)
        may_end.set()
        assert first.result(30) == waiting.result(30) == "slow"
    assert second.count == 0


def test_who_waits_in_vain_is_told_so(valkey: Client, clock: SettableClock) -> None:
    shared = RedisSharedTokens(valkey)
    shared.claim(KEY, timedelta(hours=1))  # somebody who died
    fetch = Fetches()
    with pytest.raises(TemporaryFailure, match="in time"):
        AccessTokens(KEY, shared, fetch, clock, timedelta(milliseconds=100)).get()
    assert fetch.count == 0


def test_a_token_that_came_between_the_look_and_the_claim_is_taken(valkey: Client, clock: SettableClock) -> None:
    class Late(RedisSharedTokens):
        def claim(self, key: TokenKey, length: timedelta) -> bool:
            RedisSharedTokens(valkey).put(key, "theirs", TWO_HOURS)
            return super().claim(key, length)

    fetch = Fetches()
    assert AccessTokens(KEY, Late(valkey), fetch, clock, PATIENCE).get() == "theirs"
    assert fetch.count == 0
    assert RedisSharedTokens(valkey).claim(KEY, PATIENCE)


def test_a_token_is_used_for_nine_tenths_of_its_life(made: Make, valkey: Client) -> None:
    made(Fetches()).get()
    store: Any = valkey
    (key,) = store.keys("*token:shop*")
    assert 6470 < store.ttl(key) <= 6480


def test_after_a_failed_fetch_nobody_asks_for_a_moment_that_grows(made: Make, clock: SettableClock) -> None:
    fetch = Fetches(*(TemporaryFailure("away") for _ in range(6)))
    for lull in (1, 2, 4, 8, 10, 10):
        asked = fetch.count
        with pytest.raises(TemporaryFailure, match="away"):
            made(fetch).get()
        clock.forward(seconds=lull - 0.5)
        for _ in range(10):
            with pytest.raises(RateLimited, match="away") as limited:
                made(fetch).get()
            assert limited.value.retry_after == timedelta(seconds=0.5)
        assert fetch.count == asked + 1
        clock.forward(seconds=0.5)
    assert made(fetch).get() == "t7"


def refused_shown(app: str) -> float | None:
    labels = {"corp_id": ACME, "app": app}
    return next(
        (each.value for family in metrics.TOKEN_REFUSED.collect() for each in family.samples if each.labels == labels),
        None,
    )


def test_a_wrong_secret_is_one_line_that_says_what_to_do_and_an_alert_until_it_is_right(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    wecom.refuse("gettoken", 40001, "invalid credential")
    with capture_logs() as lines:
        for clients in [caller.clients() for _ in range(8)]:
            for _ in range(5):
                with pytest.raises(Misconfigured):
                    clients.of(ACME, "shop").call("kf/sync_msg", {})
    (line,) = [each for each in lines if each["log_level"] == "error"]
    assert (line["event"], line["corp_id"], line["app"], line["code"]) == ("token.refused", ACME, "shop", 40001)
    assert "应用 shop 的 Secret" in line["advice"]
    assert "the secret of app shop" in line["advice"]
    assert refused_shown("shop") == 1
    wecom.script("gettoken", {"errcode": 0, "access_token": "good", "expires_in": 7200})
    caller.clock.forward(seconds=60)
    caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    assert refused_shown("shop") == 0


def test_an_address_that_is_not_trusted_is_named_in_the_line_for_the_operator(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    wecom.refuse("gettoken", 60020, "not allow to access from your ip, hint: [17], from ip: 1.2.3.4, more info at x")
    with capture_logs() as lines, pytest.raises(Misconfigured, match=r"add 1\.2\.3\.4 to"):
        caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    (line,) = [each for each in lines if each["event"] == "token.refused"]
    assert "请把出口 IP 1.2.3.4 加入" in line["reason"]


def test_an_open_circuit_is_an_alert_in_every_process(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("gettoken", 40001)
    with pytest.raises(Misconfigured):
        caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    metrics.TOKEN_REFUSED.labels(corp_id=ACME, app="shop").set(0)  # the process that found out has ended
    with pytest.raises(Misconfigured):
        caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    assert refused_shown("shop") == 1


def test_a_refused_token_is_fetched_anew_by_one_and_read_by_the_others(made: Make) -> None:
    fetch = Fetches()
    tokens, elsewhere = made(fetch), made(fetch)
    refused = tokens.get()
    assert tokens.renew(refused) == "t2"
    assert elsewhere.renew(refused) == "t2"
    assert fetch.count == 2


def test_tokens_that_are_always_refused_are_fetched_once_more_however_many_ask(made: Make) -> None:
    fetch = Fetches()
    tokens = made(fetch)
    first = tokens.get()
    second = tokens.renew(first)
    for late in (tokens, made(fetch)):  # each of them was refused the second one
        with pytest.raises(RateLimited, match="just given"):
            late.renew(second)
    assert fetch.count == 2


def test_after_a_wrong_secret_nobody_asks_for_ever_longer_pauses(made: Make, clock: SettableClock) -> None:
    fetch = Fetches(*(Misconfigured("40001 wrong secret", 40001) for _ in range(7)))
    for pause in (60, 120, 240, 480, 900, 900):
        asked = fetch.count
        with pytest.raises(Misconfigured, match="wrong secret"):
            made(fetch).get()
        assert fetch.count == asked + 1
        clock.forward(seconds=pause - 1)
        with pytest.raises(Misconfigured, match="not asked again for 1 s") as refused:
            made(fetch).get()
        assert refused.value.code == 40001
        assert fetch.count == asked + 1
        clock.forward(seconds=1)


def test_what_is_wrong_but_no_secret_is_asked_for_again_every_minute(made: Make, clock: SettableClock) -> None:
    fetch = Fetches(*(Misconfigured("60020 not trusted", 60020) for _ in range(4)))
    for _ in range(4):
        with pytest.raises(Misconfigured):
            made(fetch).get()
        clock.forward(seconds=60)
    assert made(fetch).get() == "t5"


def test_a_limit_on_fetching_makes_everybody_wait(made: Make, clock: SettableClock) -> None:
    fetch = Fetches(RateLimited("45009", timedelta(seconds=60)))
    with pytest.raises(RateLimited):
        made(fetch).get()
    clock.forward(seconds=20)
    with pytest.raises(RateLimited) as limited:
        made(fetch).get()
    assert limited.value.retry_after == timedelta(seconds=40)
    clock.forward(seconds=40)
    assert made(fetch).get() == "t2"


def test_a_corrected_secret_works_at_once(caller: Caller, wecom: ScriptedWecom) -> None:
    clients = caller.clients()
    wecom.refuse("gettoken", 40001, "invalid credential")
    for _ in range(3):
        with pytest.raises(Misconfigured, match="核对应用的 Secret"):
            clients.of(ACME, "shop").call("kf/sync_msg", {})
    assert wecom.count("gettoken") == 1
    wecom.script("gettoken", {"errcode": 0, "access_token": "good", "expires_in": 7200})
    caller.tenants.app_secrets["shop"] = "corrected-secret"
    clients.of(ACME, "shop").call("kf/sync_msg", {})
    assert wecom.calls[-2].query == {"corpid": ACME, "corpsecret": "corrected-secret"}
    assert wecom.calls[-1].token == "good"


def test_another_process_does_not_try_a_secret_that_was_refused_here(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("gettoken", 40001)
    for clients in (caller.clients(), caller.clients()):
        with pytest.raises(Misconfigured):
            clients.of(ACME, "shop").call("kf/sync_msg", {})
    assert wecom.count("gettoken") == 1


def test_no_piece_of_a_secret_stands_in_redis(caller: Caller, valkey: Client) -> None:
    secret = "Zq7-verySecretSecret_0123456789abcdefXYZ"
    caller.tenants.app_secrets["shop"] = secret
    caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    store: Any = valkey
    kinds = {b"string": store.get, b"hash": lambda name: b"".join(chain(*store.hgetall(name).items()))}
    stored = b"".join(name + kinds[store.type(name)](name) for name in store.keys("*"))
    assert stored
    assert not any(secret[at : at + 4].encode() in stored for at in range(len(secret) - 3))
    assert fingerprint(secret) != fingerprint(secret[:10])
