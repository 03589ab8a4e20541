"""Who is asked for WeCom's addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest

from tests.fakes import MemoryTenantStore, tenant
from tests.fixtures.actors import OWNER
from tests.fixtures.actors import of as somebody_of
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import Misconfigured, NotPermitted, TemporaryFailure, Unknown, WecomBotError
from wecom_bot.ports import Network
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.callers import FindCallers

HERE = [ip_network("1.2.3.4")]
SHOP, HELP = App(name="shop", agent_id=1), App(name="help", agent_id=2)


@dataclass
class Source:
    """A CallerSource that fails for some."""

    failing: dict[str, WecomBotError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, corp_id: CorpId, app: str) -> Sequence[Network]:
        self.asked.append(f"{corp_id} {app}")
        if error := self.failing.get(self.asked[-1]):
            raise error
        return HERE


def find(source: Source) -> FindCallers:
    off = tenant(CorpId("ww_a"), apps=[SHOP], active=False)
    return of(source, off, tenant(CorpId("ww_b"), apps=[SHOP, HELP]), tenant(CorpId("ww_c"), apps=[SHOP]))


def of(source: Source, *tenants: Tenant) -> FindCallers:
    store = MemoryTenantStore.of(*tenants)
    return FindCallers(Admission(lambda corp_id: store.load(corp_id).tenant), store, lambda: source)


def test_one_that_is_told_is_enough_and_who_is_off_is_not_asked() -> None:
    source = Source()
    found = find(source)(OWNER)
    assert (found.networks, found.corp_id, found.app, found.failed) == (HERE, "ww_b", "shop", [])
    assert source.asked == ["ww_b shop"]


def test_where_one_is_refused_the_next_is_asked_and_it_is_said() -> None:
    source = Source({"ww_b shop": Misconfigured("wrong secret"), "ww_b help": TemporaryFailure("away")})
    found = find(source)(OWNER)
    assert (found.corp_id, found.app) == ("ww_c", "shop")
    assert found.failed == [("ww_b", "shop", "wrong secret"), ("ww_b", "help", "away")]


def test_who_is_named_is_asked_alone() -> None:
    source = Source()
    find(source)(OWNER, CorpId("ww_b"), "help")
    find(source)(OWNER, CorpId("ww_c"))
    assert source.asked == ["ww_b help", "ww_c shop"]


def test_the_only_one_s_refusal_is_told_as_it_is() -> None:
    with pytest.raises(Misconfigured, match="wrong secret"):
        find(Source({"ww_c shop": Misconfigured("wrong secret")}))(OWNER, CorpId("ww_c"))


def test_all_refusals_are_told() -> None:
    source = Source({"ww_b shop": Misconfigured("wrong secret"), "ww_b help": TemporaryFailure("away")})
    with pytest.raises(TemporaryFailure, match=r"(?s)ww_b shop: wrong secret.*ww_b help: away"):
        find(source)(OWNER, CorpId("ww_b"))


@pytest.mark.parametrize("named", [(CorpId("ww_nobody"),), (CorpId("ww_b"), "none")])
def test_who_is_not_there_is_not_asked(named: tuple[Any, ...]) -> None:
    source = Source()
    with pytest.raises(Unknown):
        find(source)(OWNER, *named)
    assert source.asked == []


def test_without_tenants_there_is_nobody_to_ask_as() -> None:
    with pytest.raises(Unknown, match="wecom-bot tenants import"):
        of(Source())(OWNER)


def test_who_has_to_do_with_one_tenant_asks_as_that_one_alone() -> None:
    source = Source()
    find(source)(somebody_of(CorpId("ww_c")))
    assert source.asked == ["ww_c shop"]
    with pytest.raises(NotPermitted):
        find(source)(somebody_of(CorpId("ww_c")), CorpId("ww_b"))
    assert source.asked == ["ww_c shop"]
