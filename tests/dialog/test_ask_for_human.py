from dataclasses import replace

import pytest

from tests.dialog.turns import Desk, RankedArticles, message, tenant, turn
from wecom_bot.dialog.stages.ask_for_human import AskForHuman
from wecom_bot.dialog.wished import Wished
from wecom_bot.dialog.wishes import wishes
from wecom_bot.domain.dialog import Answerer, Handoff
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Channel, Choice, Reply

ASK = AskForHuman(Desk(), RankedArticles(), Wished())
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
我要找人|找人|human_please|human|real_person|talk_to_a_human|I_want_a_human|talk_to_a_real_person|agent_please
operator|找你们领导|叫你们经理来|换人|换个人来|来个活人|有活人吗|叫个人来|我要和真人对话|和人工对话|喊人工|人工在不在|必须人工|人工介入|需要人工帮助|转你妈的人工|转tm人工|不要AI
不要自动回复|我不要智能客服|别tm用机器人糊弄我|拒绝机器人|关闭机器人|转入工|转认工|我要找个人|帮我找个人|能不能找个人跟我说|派个人来处理|让你们老板出来|我要见你们主管|叫店长过来|找负责人
你们领导呢|把你们经理叫来|我要投诉找你们领导|请你们负责人联系我|给我换个人|换个人跟我说|换一个人|来人啊|来个人|来个人行不行|有没有活人在|活人呢|能不能来个活人说话|我要跟活人说话|想跟人说话
我要和人聊|跟真人沟通|与人工沟通|想和人工交流|呼叫人工|求人工|一定要人工|非要人工|只要人工|最好人工|人工呢|人工快出来|人工协助|需要人工协助|人工跟进一下|没有人工吗|人工好不好|人工去哪了
给老子转人工|老子要人工|不想跟AI说话|别用AI回复我|不要智能回复|不需要机器人|别再自动回复了|别拿机器人应付我|屏蔽机器人|退出机器人|关掉AI客服|不要人机|讨厌机器人|转忍工|转刃工|专人公
没人理我吗|有人管吗|有没有人理我|I_need_a_human|can_I_speak_to_someone|get_me_a_human|live_agent|connect_me_to_an_agent
speak_to_a_representative|customer_service_please|human_agent|real_human_please|let_me_talk_to_a_person
I'd_like_to_speak_to_your_manager|transfer_me_to_an_agent_now|hello,_is_anyone_there?
my_order_is_broken,_give_me_a_human|no_bots_please|I_don't_want_to_talk_to_a_robot
could_you_put_me_through_to_an_operator|where_is_my_parcel_I_want_to_talk_to_a_human|stop_the_bot
can_you_get_me_a_real_person_please|is_there_a_human|need_human_support|我要human|转operator|我想找人|找人解决
我就想找个人问问|叫人|叫人出来|喊个人过来|换个人跟我聊|换别人来|安排个人|找经理|找你们老板|叫你们老板来|让你们经理接电话|联系你们负责人|让领导来|找个能管事的人|给我叫经理|把老板叫出来|找主管
找售后|有没有真人|真人呢|来个真人客服|我要活人|我要和活人说话|跟人工聊|想跟真人客服沟通|叫人工来|唤人工|人工有没有|人工快来|务必人工|我只要人工|我需要人工|人工受理|需要人工处理|申请人工介入
我不要AI|别给我AI|不要机器客服|不要智能机器人|不要自动应答|别再用机器人敷衍我|拒绝AI|拒绝自动回复|关闭自动回复|取消机器人|退出智能客服|停用机器人|转任工|转入功|专认工|人工人工人工|转_人_工
human!!!|Human_please!|a_real_person|a_person_please|live_person|I_need_a_real_person|I_want_an_agent
i_want_to_speak_to_a_real_person|speak_to_human|talk_to_agent|can_i_have_an_agent
may_I_speak_to_an_operator|operator_now|representative_please|agent_now|live_agent_please|customer_support
customer_service_agent_please|connect_me_with_customer_service|transfer_to_human|switch_to_human
get_me_an_agent|give_me_a_real_person|human_service|let_me_speak_to_a_manager|manager_please|anyone_there
hello_anybody_here|I_need_someone_to_talk_to|not_a_bot_please|no_AI|I_hate_this_bot|stop_auto_reply
why_can't_I_talk_to_a_human|how_do_I_reach_a_person|are_there_any_humans_here|我想找你们的人|叫你们领导出来跟我谈|和你们老板说
我要和你们负责人沟通|再换一个人|能换个人吗|活人在哪|派个真人来|你们的人呢|帮我喊人工|人工还在不在|请人工介入处理|麻烦人工跟进|一定给我转人工|不要ai回复|我不想用AI|我不要人工智能我要人工
不想和机器说话|不要系统自动回复|把AI关了|别再机器人了|滚机器人|我受够机器人了|转忍功|转仁工客服|转rg|human_being_please|hi_can_i_speak_to_a_human
I'd_rather_talk_to_a_person|hand_me_over_to_an_agent|escalate_to_a_human|let_a_human_answer
talk_to_support|agent!|may_I_have_a_representative|do_you_have_any_real_people
I_don't_want_to_chat_with_AI|转他妈的人工
转人工！什么意思啊你们|人工，你们什么意思|听不懂你什么意思我要转人工|“人工”
转人工等几天了|转人工多久了都没人|转人工操作一下
请个人来|有真人没|我想跟真人谈|转客服人工|人工接待|不要语音助手|传人功|必须真人|换个活人|非得人工|关闭AI
"""
TOPICS = """
回复“人工”是什么意思|回复“人工”_是啥意思|“转人工”这句话什么意思|什么叫转人工|什么是转人工|转人工是啥意思啊|转人工又是什么意思
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
人工客服晚上值班吗|节假日人工客服休息吗|过年人工客服放假吗|人工客服和机器人有什么区别|真人客服跟智能客服哪个快|转人工要按几|转人工按哪个键|别急著转人工
刚才人工客服说可以退|昨天人工客服答应我了|人工客服说今天发货怎么还没发|已经转人工了吗|转人工要多久|转人工要排队吗|找人代收|人工湖|真人图|手工|找不到人收货|上次人工客服告诉我明天到
之前人工客服承诺给我补发|人工客服昨天说能退|前天人工客服让我等|刚才跟我聊的人工客服态度很好|我已经联系人工客服了|昨天转人工等了好久|转人工要等多久|转人工需要排队多长时间|转人工一般几分钟|转人工大概要多久
帮我转人工了吗|转人工了没|我刚刚联系过人工客服|人工客服跟我讲过了|你们换老板了吗|老板在吗|老板你好|老板便宜点|老板椅多少钱|项目经理证怎么考|找领导签字怎么弄|我们领导让我问一下价格|客户经理电话多少
可以找人代签吗|叫人来拿可以吗|可以换人收货吗|可以找人帮我取吗|你们招人吗|你们要人吗|需要个人信息吗|转个人账户可以吗|一个人来可以吗|个人来还是公司来|换个人信息怎么换|换人民币多少|来个人气高的款
活人墓是什么游戏|活动人员名单|不要机器人图案的|不要AI生成的图|不要airpods要充电线|不要自动挡|不用自动续费|怎么设置自动回复|智能客服系统多少钱|我想买智能客服软件|AI课程多少钱
机器人怎么关闭声音|怎么关闭机器人|拒绝签收怎么办|关闭订单|关闭免密支付|取消机器人订单的优惠券|转入工行卡|转入工资卡可以吗|转入公司账户|认工资单吗|必须人工安装吗|真人模特图有吗|人工费必须付吗
人工操作的吗|人工服务费多少|对话框在哪|human_hair_wig|I_want_human_hair|do_you_sell_to_humans|are_you_human
How_do_I_apply_without_a_computer|I_don't_use_a_computer,_how_can_I_apply|How_do_I_stop_the_machine|How_do_I_turn_off_the_robot
Does_the_camera_work_without_AI|captcha_says_I_am_not_a_robot|How_do_I_talk_to_my_manager_about_leave|Should_I_contact_my_manager
Please_send_me_someone_to_install_the_dishwasher|订单里有机器人，不需要机器人了，怎么退？|取消智能语音，怎么办理？|需要联系售后吗
are_you_a_real_person|is_this_a_bot|operator_manual|agent_price_list|real_person_photo
how_to_become_an_agent|I_spoke_to_an_agent_yesterday|customer_service_hours|I_don't_need_a_human
robot_vacuum_price|my_robot_does_not_work|can_I_transfer_it_to_another_person|I_need_two_person_tent
do_not_ship_the_robot|I_am_an_agent_in_Hong_Kong|real_estate_agent|一个人工作多久|有人买过这款吗|这个适合领导用吗|送领导送什么好
刚才人工客服答应给我退款|上次人工客服说可以换|昨天真人客服说的|人工客服答应我的补偿呢|人工客服说没问题|人工客服让我找你们|人工客服已经给我处理了|已经转人工了|已经联系过客服了|已经转过人工了吗
转人工还要多久|转人工要等几分钟|转人工是不是要排队|转人工前面还有多少人|人工客服要等多久|人工客服一般多久回复|转人工收不收费|人工费贵吗|人工降雨|人工流产|人工草坪|人工湖在哪|纯人工制作吗|手工费
真人秀|真人实拍图|真人上身图|是机器人吗|机器人怎么充电|机器人有几个颜色|买机器人送什么|自动感应的吗|AI音箱有吗|不要发货了|不要自动发货|拒收可以吗|找不到快递员|家里没人收|找人代取可以吗|帮别人买的
换人名可以吗|叫人怎么读|有人用过吗|有没有人用过|几个人用|要几个人安装|领导喜欢什么|我们老板要开票|老板包邮吗|老板发货了吗|店长推荐有哪些|主管说要发票|活动还有吗|转入公积金|认工号|换个颜色
换一个新的|找个便宜的|来一件|is_it_for_human_use|personal_info|person_name_on_order|agent_login|cleaning_agent
operator_hours|customer_service_phone_number|is_customer_service_open_today|the_agent_said_I_can_return_it
I_talked_to_a_human_already|are_you_a_robot|am_I_talking_to_a_human|do_you_have_a_robot_vacuum
no_robot_in_the_box|how_long_to_talk_to_an_agent|do_I_need_a_person_to_sign_for_it
can_another_person_pick_it_up|I_want_a_refund|speak_English|no_auto_renew|call_me_tomorrow
real_person_photos_please|the_human_body_model|get_the_operator_manual|前天联系人工客服说今天到|之前人工客服给我改过地址|人工客服骗我说有货
刚和人工客服聊完|早上转人工没人理所以算了|已经接通人工了吗|帮我转接人工了没有|转接人工要等多久啊|转人工要几分钟|联系人工客服要多久|人工审核多久|真人模特吗|真人发的假发|人工钻石|人工费包含吗
要人工安装吗|不需要真人|木工|职工优惠|工人穿的鞋|人工繁育|机器人能语音吗|我的机器人坏了|不要机器人配件只要主机|这个机器人会唱歌吗|取消机器人的订单|关闭通知|怎么取消自动扣款|不要智能锁要机械锁
AI绘画课|换人签收|找人修要多少钱|叫人搬上楼|有人送货上门吗|有人退货吗|多人用|来一个大号|来人民路店|换码|找尺码|给领导送礼|老板人真好|老板发图看看|你们经理电话多少|转让给别人|转入支付宝
human_shaped_pillow|agent_orange|operator_manual_pdf|agent_commission_rate|customer_service_address
robot_toy|automatic_reply_setting|real_person_or_model|is_a_human_reading_this|talk_to_me_in_English
can_I_speak_Chinese|get_me_a_coffee|find_me_a_size_M|your_agent_said_so|when_does_customer_service_open
2_persons|people_say_it_is_good|is_anyone_using_it|agent是什么意思|human这个词怎么读|operator怎么配置|我是agent|你们是agent吗
这是human吗|human_hair|AI_agent_怎么用
"""


def phrases(block: str) -> list[str]:
    return [phrase for line in block.split() for phrase in line.replace("_", " ").split("|")]


@pytest.mark.parametrize("wish", phrases(WISHES))
def test_a_wish_for_a_human_is_understood(wish: str) -> None:
    assert ASK(tenant(), turn(wish)).handoff == Handoff("asked")


@pytest.mark.parametrize("topic", phrases(TOPICS))
def test_the_same_characters_as_a_topic_are_no_wish(topic: str) -> None:
    assert not ASK(tenant(), turn(topic)).settled


def test_the_customer_is_told_and_the_count_of_misses_begins_anew() -> None:
    asked = turn("转人工", offered=(Choice("a", "甲"),), misses=2)
    said = ASK(tenant(phrases={"handoff": "马上来人"}), asked)
    assert said.reply == Reply("马上来人")
    assert said.answerer is Answerer.PHRASE
    assert said.state.misses == 0
    assert said.state.offered == ()


def test_one_wish_among_several_messages_is_enough() -> None:
    assert ASK(tenant(), turn("我的货呢", "人工")).settled


def test_a_click_on_a_menu_entry_of_ours_is_no_wish_of_the_customers() -> None:
    title = "怎么联系人工客服"
    clicked = message(title, menu_id="a")
    assert not ASK(tenant(), turn(clicked, offered=(Choice("a", title),))).settled
    index = RankedArticles.of(Article("a", title, "回复转人工"))
    assert not AskForHuman(Desk(), index, Wished())(tenant(), turn(clicked)).settled


def test_a_click_in_the_menu_of_wecoms_console_is_one() -> None:
    index = RankedArticles.of(Article("101", "怎么退货", "七天内"))
    offered = (Choice("a", "怎么退货"),)
    said = AskForHuman(Desk(), index, Wished())(tenant(), turn(message("转人工", menu_id="101"), offered=offered))
    assert said.handoff == Handoff("asked")


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "找",
            "我要",
            "我不",
            "别再",
            "联系一下",
            "转接客服",
            "有人吗",
            "我要人工",
            "人工的",
            "刚",
            "智能",
            "找你们经理",
        ),
        *("昨天人工客服", "不要机器人", "人 工", "， ", "human ", "i want ", "talk to a ", "dont ", "no a ", "real"),
    ],
)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    ASK(tenant(), turn((piece * 100_000)[:100_000] + "x"))  # its square would take hours


def test_the_words_are_the_tenants() -> None:
    own = tenant(handoff_words=["顾问", "Operator"])
    assert ASK(own, turn("我要找顾问")).settled
    assert ASK(own, turn("OPERATOR")).settled
    assert not ASK(own, turn("Operator manual")).settled
    assert not ASK(own, turn("转人工")).settled
    assert not ASK(tenant(handoff_words=[]), turn("转人工")).settled


@pytest.mark.parametrize(
    "said", ["Advisor please", "I want a duty advisor", "can I talk to an advisor now", "转advisor"]
)
def test_a_word_of_the_tenants_in_english_stands_in_english_sentences(said: str) -> None:
    own = tenant(handoff_words=["duty advisor", "advisor"])
    assert ASK(own, turn(said)).settled
    assert not ASK(own, turn(said.lower().replace("advisor", "operator"))).settled
    assert not ASK(own, turn("advisor是什么")).settled


@pytest.mark.parametrize("said", ["Human, please!", "转他妈的人工", "找你们经理"])
def test_a_bare_wish_is_asked_once_more_where_a_message_is_awaited(said: str) -> None:
    assert wishes(tenant().handoff_words).only(said)
    assert not wishes(tenant().handoff_words).only(f"{said} 杯子碎了")


@pytest.mark.parametrize(("servicers", "handed_off"), [(["ZhangSan"], True), ([], False)])
def test_in_an_app_that_names_no_servicers_nobody_is_promised(servicers: list[str], *, handed_off: bool) -> None:
    own = tenant(apps=[{"name": "shop", "agent_id": 1000002, "servicers": servicers}])
    asked = turn("转人工")
    in_app = replace(asked, conversation=replace(asked.conversation, channel=Channel.APP, account="1000002"))
    said = ASK(own, in_app)
    assert (said.handoff is not None) is handed_off
    assert said.reply == Reply(own.phrases.handoff if handed_off else own.phrases.nobody)
