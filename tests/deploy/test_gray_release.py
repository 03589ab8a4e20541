"""A new version of the gateway gets a share of the callbacks, and old ones are replaced: nobody outside notices."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from tests.fixtures.callers import PATH, TIME, calling, posted
from tests.fixtures.front_door import KEY, TOKEN
from tests.fixtures.front_proxy import LIST_OF_ONE, FrontProxy, OpenGateway, front_proxy, status
from tests.fixtures.ports import free_ports
from tests.fixtures.served_door import CORP
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto

ON = ("    # 20% gray;", "    20% gray;")
OFF = ON[::-1]
MANY = range(400)
TRACES = count(10_000_000)


@pytest.fixture
def front(front: FrontProxy) -> FrontProxy:
    """One that knows the tests for WeCom: a fast machine would be over the limit for others."""
    return unlimited(front)


def unlimited(front: FrontProxy) -> FrontProxy:
    front.write("callers.conf", LIST_OF_ONE)
    front.reload()
    return front


def same_every_time(number: int, trace: str) -> bytes:
    """A callback whose signature depends on the number alone."""
    plain = "<xml><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>x</Event></xml>"
    prefix = sha256(str(number).encode()).digest()[:16]
    sealed = CallbackCrypto(TOKEN, KEY).seal(plain, CORP, TIME, "nonce", prefix=prefix)
    body = f"<xml><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    query = f"msg_signature={sealed.signature}&timestamp={TIME}&nonce=nonce"
    lines = (f"POST {PATH}?{query} HTTP/1.1", "Host: localhost", "Connection: close", f"X-Trace-Id: {trace}")
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", body)).encode()


def sides(front: FrontProxy, requests: Sequence[bytes], traces: Sequence[str]) -> list[str]:
    """Which gateways took these requests, in order."""
    assert {status(front.say(each)) for each in requests} == {200}
    wait_until(lambda: {line["trace_id"] for line in front.lines()} >= set(traces))
    by_trace = {line["trace_id"]: line["gateways"] for line in front.lines()}
    return [by_trace[each] for each in traces]


def sides_of_many(front: FrontProxy) -> list[str]:
    traces = [str(next(TRACES)) for _ in MANY]
    return sides(front, [same_every_time(*each) for each in zip(MANY, traces, strict=True)], traces)


def side(front: FrontProxy, *headers: str) -> str:
    trace = str(next(TRACES))
    return sides(front, [posted(1, f"X-Trace-Id: {trace}", *headers)], [trace])[0]


def test_a_fifth_goes_to_the_gray_ones_and_the_same_callback_always_to_the_same_side(front: FrontProxy) -> None:
    assert set(sides_of_many(front)) == {"stable"}
    front.edit("upstreams.conf", *ON)
    front.reload()
    first = sides_of_many(front)
    assert 0.16 < first.count("gray") / len(first) < 0.24
    assert sides_of_many(front) == first
    front.edit("upstreams.conf", "20% gray;", "40% gray;")
    front.reload()
    more = sides_of_many(front)
    assert 0.35 < more.count("gray") / len(more) < 0.45
    assert all(now == "gray" for before, now in zip(first, more, strict=True) if before == "gray")


def test_a_header_chooses_the_side_whatever_the_share(front: FrontProxy) -> None:
    assert side(front, "X-WeCom-Bot-Gray: 1") == "gray"
    assert side(front, "X-WeCom-Bot-Gray: 0") == "stable"
    assert side(front, "X-WeCom-Bot-Gray: of course") == "stable"
    front.edit("upstreams.conf", "    # 20% gray;\n    * stable;", "    * gray;")
    front.reload()
    assert side(front) == "gray"
    assert side(front, "X-WeCom-Bot-Gray: 0") == "stable"


def test_a_tenant_goes_to_the_gray_ones_by_name(front: FrontProxy) -> None:
    assert side(front) == "stable"
    front.edit("upstreams.conf", "    # ww1234567890abcdef gray;", f"    {CORP} gray;")
    front.reload()
    assert side(front) == "gray"


def test_tenants_are_divided_whole_where_that_is_wanted(front: FrontProxy) -> None:
    front.edit("upstreams.conf", *ON)
    front.edit("upstreams.conf", 'split_clients "$arg_msg_signature"', 'split_clients "$corp_id"')
    front.reload()
    assert len(set(sides_of_many(front))) == 1


def test_switched_on_and_off_under_load_no_callback_is_lost_or_refused(front: FrontProxy) -> None:
    with calling(front) as told:
        for change in (ON, OFF, ON):
            told.wait_for_more(20)
            front.edit("upstreams.conf", *change)
            front.reload()
        told.wait_for_more(200)
    assert set(told.statuses) == {200}
    assert front.lines(gateways="gray", upstream_status="200")


# A gateway that goes


@pytest.fixture
def three(tmp_path: Path) -> Iterator[tuple[FrontProxy, list[int]]]:
    """nginx before three ports where nobody is yet."""
    ports = free_ports(3)
    with front_proxy(tmp_path, ports[:2], ports[2]) as front:
        yield unlimited(front), ports


def test_gateways_restarted_one_by_one_under_load_refuse_no_callback(
    three: tuple[FrontProxy, list[int]], open_gateway: OpenGateway
) -> None:
    front, ports = three
    with ExitStack() as first, ExitStack() as second:
        for opened, port in ((first, ports[0]), (second, ports[1])):
            opened.enter_context(open_gateway(port))
        with calling(front) as told:
            for opened, port in ((first, ports[0]), (second, ports[1])):
                told.wait_for_more(50)
                opened.close()  # as an operator does, by SIGTERM: it finishes what it has
                told.wait_for_more(50)
                opened.enter_context(open_gateway(port))
            told.wait_for_more(50)
    assert set(told.statuses) == {200}


def test_where_the_gray_one_is_silent_the_others_take_its_callbacks(
    three: tuple[FrontProxy, list[int]], open_gateway: OpenGateway
) -> None:
    front, ports = three
    with open_gateway(ports[0]):
        assert {side(front, "X-WeCom-Bot-Gray: 1") for _ in range(6)} == {"gray"}
    lines = front.lines(gateways="gray")
    assert {line["status"] for line in lines} == {200}
    assert all(f"127.0.0.1:{ports[2]}" in line["upstream"] for line in lines)


def test_with_no_gateway_wecom_is_told_to_come_again(three: tuple[FrontProxy, list[int]]) -> None:
    front, _ = three
    assert status(front.say(posted())) == 502
