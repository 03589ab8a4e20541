import pytest

from wecom_bot.dialog.template import render


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("订单 {order_id}：{status}", "订单 1：{order_id}"),  # a value is no template
        ("{{order_id}} {order_id!r} {order_id:>9}", "{order_id} 1 1"),
        ("{order_id.__class__} {order_id[0]}", "1 1"),
        ("{nobody} {} {0} {order_id", "{nobody} {} {0} {order_id"),
        ("}{ {{}}", "}{ {}"),
        ("没有", "没有"),
    ],
)
def test_only_known_names_are_replaced_and_only_by_their_text(template: str, text: str) -> None:
    assert render(template, {"order_id": "1", "status": "{order_id}"}) == text
