"""Whoever wrote the reply, a name in it is the customer's; and a name brings nothing else with it."""

from dataclasses import dataclass, field, replace

import pytest

from tests.dialog.turns import Desk, RankedArticles, ShopOrders, tenant, turn
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.stages.address_by_name import AddressByName
from wecom_bot.dialog.stages.mask_personal_data import MaskPersonalData
from wecom_bot.domain.message import Attachment, ConversationId, Reply
from wecom_bot.ports import Contact
from wecom_bot.text.plain import MOST_BYTES

PICTURE = (Attachment("image", picture="map.png"),)
SHOP = tenant(phrases={"unknown": "{nickname}，**这个**我还不会。", "trouble": "{nickname}，稍后再试"})


@dataclass
class Named:
    """Everybody is called so, as far as SQL knows; nobody may be asked for."""

    nickname: str = "小李"
    looked_up: list[ConversationId] = field(default_factory=list)

    def get(self, _conversation: ConversationId) -> Contact | None:
        return None

    def look_up(self, conversation: ConversationId) -> Contact | None:
        self.looked_up.append(conversation)
        return Contact(self.nickname) if self.nickname else None

    def find_out(self, _conversation: ConversationId) -> Contact | None:
        raise AssertionError("a reply waits for nobody")


def said(reply: Reply, names: Named) -> Reply | None:
    return AddressByName(names)(SHOP, replace(turn("问"), reply=reply)).reply


@pytest.mark.parametrize(("nickname", "text"), [("小李", "小李，这个我还不会。"), ("", "这个我还不会。")])
def test_a_phrase_of_the_pipeline_calls_the_customer_by_name(nickname: str, text: str) -> None:
    think = standard(RankedArticles(), RulesRecognizer(), ShopOrders(), Desk(), contacts=Named(nickname))
    thought = think(SHOP, turn("天气如何"))
    assert thought.reply is not None
    assert (thought.reply.text, thought.unsure) == (text, True)
    assert "AddressByName" in thought.spent


def test_without_contacts_nobody_has_a_name() -> None:
    think = standard(RankedArticles(), RulesRecognizer(), ShopOrders(), Desk())
    assert think(SHOP, turn("天气如何")).reply == Reply("这个我还不会。")


def test_a_reply_that_names_nobody_asks_for_no_name() -> None:
    names = Named()
    assert said(Reply("您好"), names) == Reply("您好")
    assert AddressByName(names)(SHOP, turn("问")) == turn("问")
    assert names.looked_up == []


def test_a_reply_of_nothing_but_a_name_that_is_not_known_says_something() -> None:
    assert said(Reply("{nickname}"), Named("")) == Reply("稍后再试")
    assert said(Reply("{nickname}", attachments=PICTURE), Named("")) == Reply("", attachments=PICTURE)


def test_a_customers_name_brings_no_markdown_no_lines_and_no_speech() -> None:
    evil = "**免费**\n[领奖](https://evil.example)" + "领" * 100
    reply = said(Reply("您好，{nickname}。"), Named(evil))
    assert reply is not None
    assert not set("*[]\n") & set(reply.text)
    assert len(reply.text) <= len("您好，。") + 16


@pytest.mark.parametrize("nickname", ["小李", "13812345678", "**老王**", ""])
def test_it_does_not_matter_whether_the_masking_is_before_it(nickname: str) -> None:
    asked = replace(turn("问"), reply=Reply("{nickname}，请拨打13912345678"))
    name, mask = AddressByName(Named(nickname)), MaskPersonalData()
    assert name(SHOP, mask(SHOP, asked)) == mask(SHOP, name(SHOP, asked))


def test_a_reply_full_of_names_is_no_longer_than_any_other() -> None:
    reply = said(Reply("{nickname}" * 1_600), Named("名" * 16))
    assert reply is not None
    assert len(reply.text.encode()) <= MOST_BYTES
