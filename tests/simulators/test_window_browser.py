"""The window in a real browser, at a desk's width and a phone's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import OpenPage
from tests.fixtures.canned_desk import HOSTILE, CannedDesk, at_cat
from wecom_bot.simulators.window.server import WindowServer

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def desk() -> CannedDesk:
    return CannedDesk()


@pytest.fixture
def url(desk: CannedDesk) -> Iterator[str]:
    server = WindowServer(desk)
    yield server.start()
    server.stop()


@pytest.fixture
def page(url: str, open_page: OpenPage) -> Page:
    return open_page(url)


@pytest.fixture
def phone(url: str, open_page: OpenPage) -> Page:
    return open_page(url, **PHONE, is_mobile=True, has_touch=True)


def ask(page: Page, text: str) -> None:
    page.get_by_label("输入您的问题").fill(text)
    page.keyboard.press("Enter")


def meet(page: Page, company: str, channel: str, customer: str) -> None:
    page.get_by_role("button", name="换一位客户").click()
    page.get_by_label("企业").select_option(label=company)
    page.get_by_role("radio", name=channel).check()
    page.get_by_label("客户名").fill(customer)
    page.get_by_role("button", name="开始聊天").click()


def said(page: Page) -> list[str]:
    words = page.locator("#log .mine .bubble").evaluate_all("all => all.map(one => one.firstChild.textContent)")
    return [str(one) for one in words]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_enter_sends_the_question_and_the_answer_comes_with_its_latency(page: Page) -> None:
    ask(page, "怎么查物流")

    expect(page.locator("#log .theirs .bubble")).to_have_text("在“我的订单”里可以看到物流轨迹。")
    expect(page.locator("#log .meta")).to_contain_text("ms · 知识库")
    expect(page.get_by_label("输入您的问题")).to_have_value("")
    assert said(page) == ["怎么查物流"]


def test_the_turn_beside_the_chat_says_how_the_bot_thought(page: Page) -> None:
    ask(page, "怎么查物流")

    turn = page.locator("#turn")
    for shown in (
        "HTTP 503",
        "HTTP 200",
        "trace-m1",
        "logistics",
        "0.91",
        "规则",
        "0.93",
        "知识库",
        "检索知识",
        "12 ms",
    ):
        expect(turn).to_contain_text(shown)
    expect(turn.locator(".passages details")).to_have_count(2)
    turn.get_by_text("怎么查物流").last.click()
    expect(turn.get_by_text("在“我的订单”里可以看到物流轨迹。")).to_be_visible()
    expect(turn.locator(".stages li")).to_have_count(3)


def test_slots_and_the_question_for_the_next_one_are_shown(page: Page) -> None:
    ask(page, "查订单")

    slots = page.locator("#turn .slots")
    expect(slots).to_contain_text("正在问 order_id（第 2 次）")
    expect(slots).to_contain_text("杭州 本轮说的")


def test_a_click_on_a_menu_says_its_entry(page: Page) -> None:
    ask(page, "快递")
    page.get_by_role("button", name="怎么查物流").click()

    expect(page.locator("#log .theirs .bubble").last).to_have_text("在“我的订单”里可以看到物流轨迹。")
    assert said(page) == ["快递", "怎么查物流"]


def test_something_to_ask_is_offered_until_something_was_said(page: Page) -> None:
    page.get_by_role("group", name="试试这样问").get_by_role("button", name="怎么查物流").click()

    expect(page.locator("#log .theirs")).to_have_count(1)
    expect(page.locator("#openers button")).to_have_count(0)


def test_dots_move_while_the_bot_thinks(page: Page, desk: CannedDesk) -> None:
    ask(page, "等一下")
    expect(page.get_by_label("对方正在输入")).to_be_visible()
    expect(page.locator("#turn")).to_contain_text("还在想")

    desk.go.set()
    expect(page.locator("#log .theirs .bubble")).to_have_text("抱歉，这个问题我还不会。")
    expect(page.get_by_label("对方正在输入")).to_have_count(0)


def test_a_bot_that_stays_silent_says_why(page: Page) -> None:
    ask(page, "转人工")
    expect(page.get_by_role("status")).to_have_text("排队等人工")
    expect(page.locator("#turn .answer")).to_contain_text("客户要求")

    ask(page, "怎么查物流")
    expect(page.locator("#log .hush")).to_contain_text("人工接待中，机器人没有发言")
    expect(page.get_by_label("对方正在输入")).to_have_count(0)


def test_nothing_can_be_said_before_it_is_known_to_whom(url: str, desk: CannedDesk, open_page: OpenPage) -> None:
    desk.away = True
    page = open_page(url, forgive="503")
    expect(page.get_by_role("alert")).to_be_visible()
    for control in (
        page.get_by_label("输入您的问题"),
        *(page.get_by_role("button", name=each) for each in ("发送", "换一位客户")),
    ):
        expect(control).to_be_disabled()
    desk.away = False
    ask(page, "怎么查物流")
    expect(page.locator("#log .theirs .bubble")).to_have_count(1)


def test_customers_of_either_company_and_channel_have_chats_of_their_own(page: Page, desk: CannedDesk) -> None:
    ask(page, "快递")
    expect(page.locator("#log .theirs")).to_have_count(1)
    meet(page, "云上家居", "自建应用", "小林")
    expect(page.locator("#log .bubble")).to_have_count(0)
    expect(page.locator("#as")).to_have_text("自建应用 · 服务台 · 您是 小林")
    ask(page, "怎么查物流")
    expect(page.locator("#log .theirs")).to_have_count(1)

    page.get_by_role("navigation").get_by_role("button", name="访客").click()
    expect(page.locator("#log .mine .bubble")).to_contain_text("快递")
    expect(page.locator("#log .theirs .bubble")).to_contain_text("您是想问下面哪一个？")
    assert [(where.corp_id, where.channel, where.customer) for where in desk.conversations()] == [
        ("ww_cloud", "app", "小林"),
        ("ww_cat", "kf", "访客"),
    ]


def test_what_was_said_before_is_there_after_a_reload(page: Page) -> None:
    ask(page, "怎么查物流")
    expect(page.locator("#log .theirs")).to_have_count(1)
    page.reload()

    expect(page.locator("#log .theirs .bubble")).to_have_text("在“我的订单”里可以看到物流轨迹。")
    expect(page.locator("#turn")).to_contain_text("trace-m1")


def test_an_earlier_turn_can_be_looked_at(page: Page) -> None:
    ask(page, "怎么查物流")
    expect(page.locator("#turn")).to_contain_text("trace-m1")
    ask(page, "快递")
    expect(page.locator("#turn")).to_contain_text("trace-m2")

    page.locator("#log .meta").first.click()
    expect(page.locator("#turn")).to_contain_text("trace-m1")


def test_english_is_a_click_away_and_remembered(page: Page) -> None:
    ask(page, "怎么查物流")
    expect(page.locator("#log .theirs")).to_have_count(1)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#turn")).to_contain_text("acknowledged")
    expect(page.locator("#log .meta")).to_contain_text("Article")

    page.reload()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_words_of_customers_and_articles_are_never_markup(page: Page) -> None:
    meet(page, "花猫百货", "微信客服", "<b>x</b>")
    ask(page, HOSTILE)
    expect(page.locator("#log .theirs")).to_have_count(1)
    ask(page, "网页")
    expect(page.locator("#log .theirs")).to_have_count(2)
    expect(page.locator("#turn .passages")).to_contain_text("<script>")

    assert page.title() == "客户窗口"
    assert said(page)[0] == HOSTILE
    expect(page.locator("#log .theirs .bubble").last).to_have_text(HOSTILE)
    expect(page.locator("#window img, #window script, #window b:not([class]):has(*)")).to_have_count(0)


def test_shift_and_enter_makes_a_line(page: Page) -> None:
    page.get_by_label("输入您的问题").fill("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    page.keyboard.press("Enter")

    expect(page.locator("#log .theirs")).to_have_count(1)
    assert said(page) == ["第一行\n第二行"]


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    ask(page, "快递")
    page.get_by_role("button", name="发什么快递").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#log .theirs")).to_have_count(2)

    page.locator("#newcomer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("客户名")).to_be_focused()
    page.keyboard.type("小周")
    page.keyboard.press("Enter")
    expect(page.locator("#as")).to_contain_text("您是 小周")
    page.locator("#newcomer").press("Enter")
    expect(page.get_by_label("客户名")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_outage_is_shown_and_what_was_typed_can_be_sent_again(
    url: str, open_page: OpenPage, desk: CannedDesk
) -> None:
    page = open_page(url, forgive="503")
    expect(page.locator("#openers button")).to_have_count(2)
    desk.away = True
    ask(page, "怎么查物流")
    again = page.get_by_role("button", name="没有发出去，点此重发")
    expect(again).to_be_visible()

    desk.away = False
    again.click()
    expect(page.locator("#log .theirs .bubble")).to_have_text("在“我的订单”里可以看到物流轨迹。")
    expect(page.get_by_text("连接断开了")).to_be_hidden()
    assert said(page) == ["怎么查物流"]


def test_a_phone_shows_the_chat_without_scrolling_sideways(phone: Page) -> None:
    ask(phone, "长")
    expect(phone.locator("#log .theirs")).to_have_count(1)

    assert overflow(phone) == 0
    expect(phone.locator("#turn")).to_be_hidden()
    expect(phone.get_by_role("navigation")).to_be_hidden()


def test_on_a_phone_the_turn_comes_up_as_a_sheet(phone: Page) -> None:
    ask(phone, "怎么查物流")
    phone.locator("#log .meta").click()

    sheet = phone.locator("#turn")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("trace-m1")
    expect(sheet.get_by_role("button", name="关闭")).to_be_focused()
    assert overflow(phone) == 0

    phone.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_on_a_phone_the_customers_are_behind_a_button(phone: Page) -> None:
    phone.get_by_role("button", name="客户列表").click()
    expect(phone.get_by_role("navigation")).to_be_visible()
    meet(phone, "云上家居", "微信客服", "小林")

    expect(phone.get_by_role("navigation")).to_be_hidden()
    expect(phone.locator("#as")).to_contain_text("您是 小林")


def test_the_night_is_dark(url: str, open_page: OpenPage) -> None:
    by_day, by_night = (open_page(url, color_scheme=scheme) for scheme in ("light", "dark"))

    grounds = [page.evaluate("getComputedStyle(document.body).backgroundColor") for page in (by_day, by_night)]
    assert grounds == ["rgb(237, 237, 237)", "rgb(17, 17, 17)"]


def test_whoever_else_speaks_for_the_customer_is_seen_here(page: Page, desk: CannedDesk) -> None:
    expect(page.locator("#openers button")).to_have_count(2)
    desk.say(at_cat(), "怎么查物流")

    expect(page.locator("#log .theirs .bubble")).to_have_text("在“我的订单”里可以看到物流轨迹。")
    assert said(page) == ["怎么查物流"]
