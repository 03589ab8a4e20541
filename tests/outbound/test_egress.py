"""The settings of the way out, taken apart."""

import pytest

from wecom_bot.outbound.egress import Egress

URL = "https://qyapi.weixin.qq.com/cgi-bin/gettoken"


@pytest.mark.parametrize(
    ("proxy", "place", "said"),
    [
        ("http://proxy.corp:3128", "http://proxy.corp:3128", None),
        ("http://proxy.corp:3128/", "http://proxy.corp:3128", None),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", None),
        ("http://bot:geheim@proxy:3128", "http://proxy:3128", "Basic Ym90OmdlaGVpbQ=="),
        ("http://bot:p@s/s?#:@proxy:3128", "http://proxy:3128", "Basic Ym90OnBAcy9zPyM6"),
        ("http://bot:p%40s%2Fs?%23:@proxy:3128/", "http://proxy:3128", "Basic Ym90OnBAcy9zPyM6"),
        ("http://bot@proxy:3128", "http://proxy:3128", "Basic Ym90Og=="),
        ("http://bot:%E5%AF%86@proxy:3128", "http://proxy:3128", "Basic Ym90OuWvhg=="),
    ],
)
def test_a_proxy_is_called_by_its_place_and_told_the_credentials(proxy: str, place: str, said: str | None) -> None:
    egress = Egress.parse(proxy, "")
    assert egress.proxies(URL) == {"http": place, "https": place}
    assert egress.headers().get("Proxy-Authorization") == said
    assert "geheim" not in repr(egress)


@pytest.mark.parametrize(
    "proxy",
    [
        "geheim",
        "proxy:3128",
        "https://bot:geheim@proxy:3128",
        "socks5://bot:geheim@proxy:3128",
        "http://bot:geheim@proxy",
        "http://bot:geheim@:3128",
        "http://bot:geheim@proxy:port",
        "http://bot:geheim@proxy:99999",
        "http://bot:geheim@proxy:3128/path",
        "http://bot:geheim@proxy:3128?x=1",
        "http://bot:geh/eim",
        "http://bot@proxy:geheim",
    ],
)
def test_what_is_no_proxy_is_refused_and_not_quoted(proxy: str) -> None:
    with pytest.raises(ValueError, match="http://user:password@host:port") as refused:
        Egress.parse(proxy, "")
    assert "geh" not in str(refused.value)


@pytest.mark.parametrize(
    ("listed", "host", "direct"),
    [
        ("localhost,127.0.0.0/8,::1", "127.0.0.1", True),
        ("localhost,127.0.0.0/8,::1", "LOCALHOST", True),
        ("localhost,127.0.0.0/8,::1", "[::1]", True),
        ("localhost,127.0.0.0/8,::1", "qyapi.weixin.qq.com", False),
        ("", "127.0.0.1", False),
        ("coze.internal", "coze.internal", True),
        ("coze.internal", "x.coze.internal", False),
        (".corp.example", "nlu.corp.example", True),
        (".corp.example", "corp.example", False),
        (".corp.example", "evilcorp.example", False),
        (" 10.0.0.0/8 , fd00::/8 ", "10.1.2.3", True),
        (" 10.0.0.0/8 , fd00::/8 ", "[fd00::7]", True),
        (" 10.0.0.0/8 , fd00::/8 ", "11.1.2.3", False),
        ("10.0.0.7", "10.0.0.7", True),
    ],
)
def test_what_lies_on_this_side_is_called_directly(listed: str, host: str, *, direct: bool) -> None:
    for scheme in ("http", "https"):
        assert (not Egress.parse("http://proxy:3128", listed).proxies(f"{scheme}://{host}:8443/x")) == direct


def test_without_a_proxy_everything_is_called_directly() -> None:
    assert Egress.parse("", "").proxies(URL) == {}


@pytest.mark.parametrize("listed", ["*.example", "10.0.0.1/8", "host:80", "http://host", "a@b", "host/path"])
def test_a_list_that_is_none_is_refused(listed: str) -> None:
    with pytest.raises(ValueError, match=r"host names, \.suffixes and networks"):
        Egress.parse("", listed)
