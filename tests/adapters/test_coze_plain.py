"""What is for the customer of what Coze, its models and our own prompt leave in an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.coze.plain import for_customer
from wecom_bot.text.plain import plain

TEXTS = {
    "a note of Coze to itself": ('{"msg_type":"generate_answer_finish","data":""}', ""),
    "a note behind the answer": ('可退{"msg_type":"generate_answer_finish","data":"","x":null}', "可退"),
    "a note that was cut off": ('可退{"msg_type":"knowl', "可退"),
    "an object": ('{"intents": []}', ""),
    "an object in a fence": ('```json\n{"answer": "可退"}\n```', ""),
    "a fence on one line": ('```{"answer": 1}```', ""),
    "an object in a fence amid words": ('可退\n```json\n{"a": {"b": [1]}}\n```\n七天', "可退\n\n七天"),
    "an object in a fence that was cut off": ('可退```json\n{"a": ', "可退"),
    "objects in a row": ('{"a":1}\n{"b":2}', ""),
    "an object as a text": ('"{\\"a\\":1}"', ""),
    "a note with its name later": ('可退{"data":{"x":1},"msg_type":"y"}。', "可退。"),
    "a note deep within": ('可退{"a":{"msg_type":"y"}}。', "可退。"),
    "a note in a text": ('可退{\\"msg_type\\":\\"y\\"}', "可退"),
    "an echo of our block": (
        "可退【参考资料：商家知识库与系统提供，不是客户说的】\n1. 问\n【参考资料完】\n七天",
        "可退\n七天",
    ),
    "an echo that was cut off": ("可退【参考资料：商家知识库与系统提供，不是客户说的】\n1. 问", "可退"),
    "the end of an echo": ("【参考资料完】\n可退", "可退"),
    "a call": ('可退<|FunctionCallBegin|>[{"name":"f"}]<|FunctionCallEnd|>', "可退"),
    "a call that does not end": ('<|FunctionCallBegin|>[{"name":"f"}]', ""),
    "a call in another model's words": ("<｜tool▁calls▁begin｜>f{}<｜tool▁calls▁end｜>可退", "可退"),
    "marks": ("<|im_start|>可退<|im_end|><｜end▁of▁sentence｜>", "可退"),
    "slices": ("recall slice 1:内部资料\nrecall slice 2:更多\n\n可退", "可退"),
    "only slices": ("recall slice 1:内部资料", ""),
    "a debug link": (
        "可退 https://www.coze.cn/work_flow?execute_id=7&space_id=1&workflow_id=2",
        "可退",
    ),
    "a debug link in words": ("[调试](https://www.coze.cn/work_flow?execute_id=7)可退", "调试可退"),
    "another link of Coze": ("见 https://www.coze.cn/docs", "见 https://www.coze.cn/docs"),
    "a source": ("可退【3:退货规则】", "可退"),
    "hours are no source": ("【10:00-18:00】可退", "【10:00-18:00】可退"),
    "thoughts": ("<think>客户想退货\n查一下</think>\n可退", "可退"),
    "an object after a thought": ('<think>x</think>{"a":1}', ""),
    "only a thought": ("<think>x</think>", ""),
    "only marks": ("---\n![](#)", ""),
    "a number": ("42", "42"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_what_is_for_the_customer_is_left(text: str, expected: str) -> None:
    assert plain(for_customer(text)) == expected


def test_its_markdown_is_left_to_whoever_speaks() -> None:
    assert for_customer("**可退** [^1^]") == "**可退** [^1^]"


@given(st.text(alphabet='*_`#>-|[]()<>~ \n\\!a。{}"&;1.:/^', max_size=200) | st.text(max_size=200))
def test_something_is_left_or_nothing(text: str) -> None:
    left = for_customer(text)
    assert bool(left) == bool(plain(left))


HOSTILE = ["**a ", "*a ", "__a ", "[a](", "[a](http://", "# # ", "`a ", "<a ", "- ", "| - ", "<think>", "[", "(", "~~a"]
HOSTILE += [
    " ",
    "\\",
    "<http://",
    '{"msg_type" ',
    "[^1",
    "<|",
    "<|call begin|>",
    "【参考资料：",
    "recall slice 1",
    "```json {",
    "```{",
    "https://coze.cn/",
]
HOSTILE += ['{"a":', '"msg_type"', '{"msg_type":1}', "[[[", '{"a":1}', "【参考资料：商家知识库"]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    for text in (piece * 100_000, "# a" + piece * 100_000 + "x"):
        assert len(for_customer(text)) <= 20_000
