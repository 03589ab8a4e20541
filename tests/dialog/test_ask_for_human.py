from dataclasses import replace

import pytest

from tests.dialog.turns import Desk, RankedArticles, message, tenant, turn
from wecom_bot.dialog.stages.ask_for_human import AskForHuman
from wecom_bot.domain.dialog import Answerer, Handoff
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Channel, Choice, Reply

WISHES = """
人工|转人工|人工！！！|请帮我转人工|我要找人工客服|有人工吗|人工在吗|你好，人工|人_工|轉人工|真人|我要真人客服
能不能给我转一下人工啊|我的快递三天没到，给我转人工|不想跟你说了转人工|快递丢了你们管不管转人工客服|找个真人跟我聊
转人功|我要转人公一下|快递丢了转人功|人工客fu|转人工客fu|人工kefu|转人工一下|麻烦转人工一下谢谢|人_工|转人_工|人.工|转人.工|人-工客服
快递没到，转人.工|快递没到_转人_工吧|仁工|我要人功客服|zhuanrengong|zhuan_ren_gong|rengong|ren_gong|RENGONG|转rengong|zhuan人工
wo_yao_ren_gong|rengong_kefu|zrg|快递没到转rengong|不想跟机器人说话|我不要跟机器人聊|别用机器人回我|不要这个机器人|不要机器人
怎么联系人工客服|还不转人工|为什么不给我转人工|转人工我受不了了|转人工核实一下|不要机器人，叫人来|可以转人工吗？
转接客服|找客服|联系客服|有人吗|专人工|传人工|转工人|申请人工|你是机器人吗我要真人|你是机器人吗？我要真人|骗人的我要人工|你好，有人吗
有人在吗|有没有人啊|有人吗，我要退货|现在有人吗|我要找客服|请帮我转接客服|东西坏了转接客服|怎么联系客服|联系一下客服|有客服吗|叫客服来
专人工客服|我要传人工|快递丢了专人工|给我转工人|我要申请人工服务|要求人工处理|我想取消订单，联系客服|为什么不转人工|怎么不给我转人工
就是不转人工|你们不转人工吗|不转人工就投诉|不转人工怎么办|还是不转人工|我要取消直接转人工|停止直接转人工|别废话转人工|不用机器人，转人工|转人工不用机器人|取消订单，转人工|我要取消订单转人工|不要了给我转人工
"""
TOPICS = """
人工智能是什么|人工智能客服好用吗|人工费多少|需要人工费吗|你们的产品是人工的吗|转人工智能专业|不要转人工|我不需要人工
rengong_zhineng|机器人功能有哪些|转人公司账户行吗|我要找人公证|转人功能在哪|我要找人_工资怎么发|我要找人，工资多少|联系人.工厂地址
三个人_工期多久|联系人：工商局|你是机器人吗|机器人多少钱|不要机器人玩具|不用机器人可以下单吗|扫地机器人怎么退|别的机器人还有吗
产品是rengong做的|人工湖_门票|人_工智能|人工费|人工审核的订单|能找人共同签收吗|一个人公里数
需要人工安装吗|人工审核要多久|人工客服几点上班|这是真人发吗|是真人吗|人工草坪多少钱|手工还是人工做的|退款多久到账
不要再转人工了|先不转人工|转给客服了吗|申请人工耳蜗|取消转人工|我不找人工|转人工要钱吗|别再给我转人工|先别转人工|不想再找人工了|没让你转人工|我没要转人工|停止转人工
暂时不转人工|不转人工了|那就不转人工了|转人工不用了|人工不用了谢谢|不用联系客服|不要转接客服|转人工收费吗|转人工多少钱|转人工免费吗
转人工客服几点上班|客服电话多少|有客服电话吗|有客服微信吗|怎么联系客服退货|找客服退款要多久|客服几点上班|客服|你好客服|客服说没货
让客服给我回个电话|我已经联系客服了|已转客服吗|人工费多少钱|人工智能|有人买过吗|家里有人吗就送|店里有人吗|有人给我打电话
宣传人工智能|专人工作时间|专人配送吗|把钱转工人了|转工人工资怎么弄|申请人工资证明|联系人工作地址|找人工具|你是真人吗|我要真人娃娃
"""


def phrases(block: str) -> list[str]:
    return [phrase for line in block.split() for phrase in line.replace("_", " ").split("|")]


@pytest.mark.parametrize("wish", phrases(WISHES))
def test_a_wish_for_a_human_is_understood(wish: str) -> None:
    assert AskForHuman(Desk(), RankedArticles())(tenant(), turn(wish)).handoff == Handoff("asked")


@pytest.mark.parametrize("topic", phrases(TOPICS))
def test_the_same_characters_as_a_topic_are_no_wish(topic: str) -> None:
    assert not AskForHuman(Desk(), RankedArticles())(tenant(), turn(topic)).settled


def test_the_customer_is_told_and_the_count_of_misses_begins_anew() -> None:
    asked = turn("转人工", offered=(Choice("a", "甲"),), misses=2)
    said = AskForHuman(Desk(), RankedArticles())(tenant(phrases={"handoff": "马上来人"}), asked)
    assert said.reply == Reply("马上来人")
    assert said.answerer is Answerer.PHRASE
    assert said.state.misses == 0
    assert said.state.offered == ()


def test_one_wish_among_several_messages_is_enough() -> None:
    assert AskForHuman(Desk(), RankedArticles())(tenant(), turn("我的货呢", "人工")).settled


def test_a_click_on_a_menu_entry_of_ours_is_no_wish_of_the_customers() -> None:
    title = "怎么联系人工客服"
    clicked = message(title, menu_id="a")
    assert not AskForHuman(Desk(), RankedArticles())(tenant(), turn(clicked, offered=(Choice("a", title),))).settled
    index = RankedArticles.of(Article("a", title, "回复转人工"))
    assert not AskForHuman(Desk(), index)(tenant(), turn(clicked)).settled


def test_a_click_in_the_menu_of_wecoms_console_is_one() -> None:
    index = RankedArticles.of(Article("101", "怎么退货", "七天内"))
    offered = (Choice("a", "怎么退货"),)
    said = AskForHuman(Desk(), index)(tenant(), turn(message("转人工", menu_id="101"), offered=offered))
    assert said.handoff == Handoff("asked")


@pytest.mark.parametrize(
    "piece", ["找", "我要", "我不", "别再", "联系一下", "转接客服", "有人吗", "我要人工", "人工的"]
)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    AskForHuman(Desk(), RankedArticles())(tenant(), turn((piece * 2000)[:4000] + "x"))


def test_the_words_are_the_tenants() -> None:
    own = tenant(handoff_words=["顾问", "Operator"])
    assert AskForHuman(Desk(), RankedArticles())(own, turn("我要找顾问")).settled
    assert AskForHuman(Desk(), RankedArticles())(own, turn("OPERATOR")).settled
    assert not AskForHuman(Desk(), RankedArticles())(own, turn("Operator manual")).settled
    assert not AskForHuman(Desk(), RankedArticles())(own, turn("转人工")).settled
    assert not AskForHuman(Desk(), RankedArticles())(tenant(handoff_words=[]), turn("转人工")).settled


@pytest.mark.parametrize(("servicers", "handed_off"), [(["ZhangSan"], True), ([], False)])
def test_in_an_app_that_names_no_servicers_nobody_is_promised(servicers: list[str], *, handed_off: bool) -> None:
    own = tenant(apps=[{"name": "shop", "agent_id": 1000002, "servicers": servicers}])
    asked = turn("转人工")
    in_app = replace(asked, conversation=replace(asked.conversation, channel=Channel.APP, account="1000002"))
    said = AskForHuman(Desk(), RankedArticles())(own, in_app)
    assert (said.handoff is not None) is handed_off
    assert said.reply == Reply(own.phrases.handoff if handed_off else own.phrases.nobody)
