"""What Coze writes becomes what a customer can read in a chat window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.coze.plain import MOST_BYTES, cut, plain

TEXTS = {
    "plain text stays": ("您好，7 天内可退。", "您好，7 天内可退。"),
    "thoughts": ("<think>客户想退货\n查一下</think>\n可退", "可退"),
    "a thought that does not end": ("可退<think>等等", "可退"),
    "a thought that did not begin": ("想想</think>可退", "可退"),
    "headings": ("# 退货 #\n## C#\n正文", "退货\nC#\n正文"),
    "bold": ("这是**重点**和__重点__，***全部***", "这是重点和__重点__，全部"),
    "bold between blanks": ("a __b__ c", "a b c"),
    "italics": ("请 *注意* _时间_", "请 注意 时间"),
    "a product is no emphasis": ("2*3*4 和 价格*数量*折扣", "2*3*4 和 价格*数量*折扣"),
    "what is masked stays masked": (
        "138****1234 和 139****5678，z***@qq.com 和 w***@qq.com",
        "138****1234 和 139****5678，z***@qq.com 和 w***@qq.com",
    ),
    "names with underscores": ("order_id_new", "order_id_new"),
    "struck": ("~~99~~ 59 元", "99 59 元"),
    "code": ("发送 `**退货**` 即可", "发送 **退货** 即可"),
    "a fence": ("请输入：\n```python\nprint('*a*')\n```\n完", "请输入：\nprint('*a*')\n完"),
    "a fence that does not end": ("```\n代码", "代码"),
    "links": ('见[帮助](https://a.cn/h?x=1 "帮助")', "见帮助（https://a.cn/h?x=1）"),
    "a link with brackets": ("[页](https://a.cn/w(1))", "页（https://a.cn/w(1)）"),
    "a link that is its text": ("[https://a.cn](https://a.cn)", "https://a.cn"),
    "an image": ("![图](https://a.cn/i.png) ![](https://a.cn/j.png)", "图（https://a.cn/i.png） https://a.cn/j.png"),
    "a link to nowhere": ("[点我](javascript:alert(1)) [上](#top)", "点我 上"),
    "a bare link": ("<https://a.cn>", "https://a.cn"),
    "lists": ("- 一\n* 二\n  + 三\n1. 四\n2) 五\n- [x] 六", "· 一\n· 二\n  · 三\n1. 四\n2) 五\n· 六"),
    "quotes": ("> 引用\n>> 更深", "引用\n更深"),
    "rules": ("上\n\n---\n\n下", "上\n\n下"),
    "a table": (
        "运费：\n| 地区 | 费用 |\n|:---|---:|\n| **江浙** | 0 元 |\n| 其他 | 8 元 |\n\n完",
        "运费：\n· 地区：江浙；费用：0 元\n· 地区：其他；费用：8 元\n\n完",
    ),
    "a bar is no table": ("a | b\n下一行", "a | b\n下一行"),
    "citations": ("可退[^1^]，七天[^2]【3†来源】[citation:4]。", "可退，七天。"),
    "escapes": (r"5\*6\*7 \# \[a\](b)", "5*6*7 # [a](b)"),
    "tags": ("<b>可退</b><br>7<8 &amp; 好<p class='x'>段</p>", "可退\n7<8 & 好段"),
    "gaps": ("a\r\n\r\n\r\n\r\nb  \n", "a\n\nb"),
    "control characters": ("可\x00退\ud83d", "可退"),
    "a note of Coze to itself": ('{"msg_type":"generate_answer_finish","data":""}', ""),
    "a note behind the answer": ('可退{"msg_type":"generate_answer_finish","data":"","x":null}', "可退"),
    "a note that was cut off": ('可退{"msg_type":"knowl', "可退"),
    "an object": ('{"intents": []}', ""),
    "only a thought": ("<think>x</think>", ""),
    "a number": ("42", "42"),
    "an object in a fence": ('```json\n{"answer": "可退"}\n```', ""),
    "a fence on one line": ('```{"answer": 1}```', ""),
    "an object in a fence amid words": ('可退\n```json\n{"a": {"b": [1]}}\n```\n七天', "可退\n\n七天"),
    "an object in a fence that was cut off": ('可退```json\n{"a": ', "可退"),
    "code in a fence that is no object": ("```\n{x} = 1\n```", "{x} = 1"),
    "objects in a row": ('{"a":1}\n{"b":2}', ""),
    "an object as a text": ('"{\\"a\\":1}"', ""),
    "a note with its name later": ('可退{"data":{"x":1},"msg_type":"y"}。', "可退。"),
    "a note deep within": ('可退{"a":{"msg_type":"y"}}。', "可退。"),
    "a note in a text": ('可退{\\"msg_type\\":\\"y\\"}', "可退"),
    "half a character": ("可\ufffd退", "可退"),
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
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_it_makes_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_long_text_ends_with_a_sentence() -> None:
    text = plain("这是一个句子。" * 1000)
    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("。…")


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(3, 100))
def test_a_cut_fits(text: str, most: int) -> None:
    assert len(cut(text, most).encode("utf-8", "replace")) <= most


@given(st.text(alphabet='*_`#>-|[]()<>~ \n\\!a。{}"&;1.:/^', max_size=200) | st.text(max_size=200))
def test_whatever_comes_is_made_plain(text: str) -> None:
    made = plain(text)
    assert len(made.encode()) <= MOST_BYTES
    assert made == made.strip()


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
        assert len(plain(text).encode()) <= MOST_BYTES
