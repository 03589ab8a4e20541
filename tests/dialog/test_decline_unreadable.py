from dataclasses import replace

from tests.dialog.turns import message, tenant, turn
from wecom_bot.dialog.stages.decline_unreadable import DeclineUnreadable
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import MessageKind, Reply

IMAGE = message(kind=MessageKind.IMAGE)


def test_an_image_alone_is_declined_with_the_tenants_phrase() -> None:
    said = DeclineUnreadable()(tenant(phrases={"unreadable": "看不了图片"}), turn(IMAGE))
    assert said.reply == Reply("看不了图片")
    assert said.answerer is Answerer.PHRASE


def test_blanks_are_no_text() -> None:
    assert DeclineUnreadable()(tenant(), turn(" \n ", IMAGE)).settled


def test_an_image_with_a_question_beside_it_is_left_to_the_question() -> None:
    assert not DeclineUnreadable()(tenant(), turn(IMAGE, "这个坏了怎么办")).settled


def test_a_click_without_a_title_is_no_unreadable_message() -> None:
    assert not DeclineUnreadable()(tenant(), turn(message(menu_id="a"))).settled


def test_it_is_a_miss() -> None:
    assert DeclineUnreadable()(tenant(), turn(IMAGE, misses=1)).state.misses == 2


def test_an_image_that_was_taken_in_is_not_declined() -> None:
    assert not DeclineUnreadable()(tenant(), replace(turn(IMAGE), uploads=("7401",))).settled
