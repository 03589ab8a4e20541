"""Whatever is written for a browser becomes what a customer can read in a chat window; ordinary text stays."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.domain.plain import MOST_BYTES, cut, plain

SAMPLES = Path(__file__).parents[2] / "wecom_bot/simulators/samples"

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
    "only a thought": ("<think>x</think>", ""),
    "a number": ("42", "42"),
    "code in a fence that is no object": ("```\n{x} = 1\n```", "{x} = 1"),
    "half a character": ("可\ufffd退", "可退"),
    "a struck price beside the new one": ("~~99~~59 元，原价~~¥19.9~~", "99 59 元，原价¥19.9"),
    "bold within words": ("满**100**减**20**，**“全场”**", "满100减20，“全场”"),
    "an address in bold": ("**见 https://a.cn/x_y_z**", "见 https://a.cn/x_y_z"),
    "thoughts as entities": ("&lt;think&gt;秘密&lt;/think&gt;答&#60;think&#62;秘密&#x3C;/think&#x3e;案", "答案"),
    "thoughts as entities twice": ("&amp;lt;think&amp;gt;秘密&amp;lt;/think&amp;gt;答", "答"),
    "thoughts with an escaped tag": (r"\<think\>秘密\</think\>答", "答"),
    "thoughts with blanks": ("< think >秘密< / think >答<think\n>秘密</think >案", "答案"),
    "thoughts with an attribute": ("<think time='1'>秘密", ""),
    "a thought of nothing": ("<think/>答<think />案", "答案"),
    "thoughts under other names": ("<thinking>秘密</think>答<reasoning>秘密</reasoning>◁think▷秘密◁/think▷案", "答案"),
    "a tag in pieces": ("<thi**nk**>秘密</think>答", "答"),
    "bold before Latin words": ("**VIP**8折，**B**9折，**5**MB以内，型号**X1**Pro", "VIP8折，B9折，5MB以内，型号X1Pro"),
    "bold before a number": ("**iPhone15**128G版", "iPhone15 128G版"),
    "bold within Latin words": ("iPhone**15**Pro，VIP**8**折，**好**的，**A**B**C**", "iPhone15Pro，VIP8折，好的，ABC"),
    "bold over lines": ("**退款\n流程**说明\n- **换货\n  流程**：略", "退款\n流程说明\n· 换货\n  流程：略"),
    "bold over lines of a quote": ("> **退款\n> 流程**", "退款\n流程"),
    "bold in each of two lines": ("**价格**不含\n另**运费**计", "价格不含\n另运费计"),
    "bold over lines in code": ("`**a`\n`b**`", "**a\nb**"),
    "headings without a blank": ("####标题\n##说明##\n##C#", "标题\n说明\nC#"),
    "a link that nobody can open": ("<a href='javascript:x'>点</a>我", "点我"),
    "a citation with a place": ("七天【4:0†规则】。", "七天。"),
}

ORDINARY = [
    "价格 2*3*4，面积 5 *3* 2，2**3 和 4**2",
    "2**3**2，x**2**n，width**2 + height**2，a*b*c，5**3**元",
    "**价格\n\n**运费",
    "1. **甲\n2. **乙",
    "（**为选填）\n（**为必填）",
    "我 think 7<8 >2，<rethink>",
    "order_id_new、_id、a_b_c@example.com",
    "见 https://a.cn/_a_/b~~c~~/__d__?x=1&copy=2&lt=3 和 http://b.cn/a_b_c",
    '<a href="https://a.cn/a_b_c?x=1&amp;y=2">点_这_里</a>',
    '看<a href="http://www.qq.com" data-miniprogram-appid="wx123" data-miniprogram-path="/a_b_c">小程序</a>',
    "亲~~欢迎光临~~",
    "运费 100~~200 元，偏远 300~~400 元",
    "~~~亲，欢迎~~~",
    "1. 打开订单\n2. 点退款\n3)  等待",
    "（*为必填，*号不填）\n*为必填，**为选填",
    "> 100 元包邮，>= 200 元再减",
    "+ 10 元可换购",
    "• 一\n· 二\n①三",
    "【10:00-18:00】营业",
    "[会员](九折)",
    "\\\\server\\公共\\说明.docx",
    "AT&T、R&D，a<b，x>y，1<2>0",
    "#1 号库 #话题#",
    "13800138000 138****8000",
    "周一至周五——9:00~18:00",
    "(^_^) *^_^*",
]


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_it_makes_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*_faq.jsonl")), ids=lambda path: path.stem)
def test_articles_without_markdown_stay(sample: Path) -> None:
    answers = [json.loads(line)["answer"] for line in sample.read_text("utf-8").splitlines()]
    assert answers
    for answer in answers:
        assert plain(answer) == answer


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="*_`#<>~[]|\\&+-=\ufffd【"))
)
def test_text_without_marks_stays(text: str) -> None:
    assert plain(text) == text


def test_a_long_text_ends_with_a_sentence() -> None:
    text = cut("这是一个句子。" * 1000)
    assert len(text.encode()) <= MOST_BYTES
    assert text.endswith("。…")
    assert cut("短") == "短"


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(3, 100))
def test_a_cut_fits(text: str, most: int) -> None:
    assert len(cut(text, most).encode("utf-8", "replace")) <= most


@given(st.text(alphabet='*_`#>-|[]()<>~ \n\\!a。{}"&;1.:/^', max_size=200) | st.text(max_size=200))
def test_whatever_comes_is_made_plain(text: str) -> None:
    made = plain(text)
    assert made == made.strip()
    made.encode()


HOSTILE = ["**a ", "*a ", "__a ", "[a](", "[a](http://", "# # ", "`a ", "<a ", "- ", "| - ", "<think>", "[", "(", "~~a"]
HOSTILE += [
    " ",
    "\\",
    "<http://",
    "[^1",
    "```",
    "<a href=https://",
    "https://_",
    "【1",
    "&a",
    "~~1",
    "<a href='http://a'>",
    "**a\n",
    "A**",
    "**a1**1 ",
    "`a`**b\n",
    "&amp;lt;",
    "< think ",
    "<think/>",
    "</think>",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    for text in (piece, "# a" + piece):
        plain((text * 20_000)[:20_000] + "x")
