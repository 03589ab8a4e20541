"""Whatever is written for a browser becomes what a customer can read in a chat window; ordinary text stays."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.text.plain import MOST_BYTES, cut, plain

SAMPLES = Path(__file__).parents[2] / "wecom_bot/simulators/samples"

TEXTS = {
    "plain text stays": ("您好，7 天内可退。", "您好，7 天内可退。"),
    "thoughts": ("<think>客户想退货\n查一下</think>\n可退", "可退"),
    "a thought that does not end": ("可退<think>等等", "可退"),
    "a thought that did not begin": ("想想</think>可退", "可退"),
    "headings": ("# 退货 #\n## C#\n正文", "退货\nC#\n正文"),
    "bold": ("这是**重点**和__重点__，***全部***", "这是重点和重点，全部"),
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
    "citations by other names": ("【citation:1】可退[citation:1,2][cite:3][[1]]。", "可退。"),
    "citations that are links": (
        "可退[[1]](https://a.cn/x_y)，[[^2]](#source)七天。",
        "可退（https://a.cn/x_y），七天。",
    ),
    "links in two brackets": (
        "[[帮助]](https://a.cn)和[文[字]](https://b.cn)",
        "帮助（https://a.cn）和文[字]（https://b.cn）",
    ),
    "an image that is a link": (
        "[![图](https://a.cn/i.png)](https://a.cn/p)",
        "图（https://a.cn/i.png）（https://a.cn/p）",
    ),
    "links with their address below": (
        '见[文字][1]、[帮助 中心][]和[官网]。\n\n[1]: https://a.cn/x_y_z\n[帮助  中心]: <https://a.cn/h> "帮助"\n[官网]：https://a.cn',
        "见文字（https://a.cn/x_y_z）、帮助 中心（https://a.cn/h）和官网（https://a.cn）。",
    ),
    "links with their address below, behind citations": (
        "可退[^1][文字][1]，[2][帮助][b]\n[1]: https://a.cn/x\n[b]: https://a.cn/y",
        "可退文字（https://a.cn/x），[2]帮助（https://a.cn/y）",
    ),
    "an image with its address below": ("![图][img]\n\n[IMG]: https://a.cn/i.png", "图（https://a.cn/i.png）"),
    "an address that a bare number needs": (
        "可退[1][2]，[详情][1]。\n[1]: https://a.cn/x\n[2]: https://a.cn/y",
        "可退[1][2]，详情（https://a.cn/x）。\n[1]: https://a.cn/x\n[2]: https://a.cn/y",
    ),
    "a link with its address below, in code": ("发`[a][1]`，[b][1]\n[1]: https://a.cn", "发[a][1]，b（https://a.cn）"),
    "notes that name a source": (
        "可退[^1]，七天[^2]，包邮[^a]。\n\n[^1]: 来源\n[^2]: 退货规则.docx\n[^a]: [规则](https://a.cn)\n",
        "可退，七天，包邮。",
    ),
    "a note on a note that ends": ("可退[^1^]\n[^1^]: 《退货规则》第 3 条", "可退"),
    "a note that says something": (
        "包邮[^1]。\n\n[^1]: 偏远地区除外，\n    以结算页为准。\n\n谢谢",
        "包邮。\n\n注：偏远地区除外， 以结算页为准。\n\n谢谢",
    ),
    "comments": ("可退<!-- 内部\n\n说明 -->，七天<!---->。<!-- 没完", "可退，七天。"),
    "a comment in code": ("发 `<!--` 即可", "发 <!-- 即可"),
    "pictures as tags": (
        "<img src='https://a.cn/i_j_k.png' width=9/>看<img alt=\"标[志]\" src=https://a.cn/j.png><img src='x'>图",
        "图片（https://a.cn/i_j_k.png）看标 志（https://a.cn/j.png）图",
    ),
    "tags in a fence": ("```\n<img src='https://a.cn/i'><!--\n```\n好", "<img src='https://a.cn/i'><!--\n好"),
    "a fence in a comment": ("可退<!--\n```\n内部\n```\n-->七天", "可退七天"),
    "a video": ("<video controls src='https://a.cn/v.mp4'></video>", "视频（https://a.cn/v.mp4）"),
    "details": (
        "<details open>\n<summary>**更多**</summary>\n内容\n</details>好<details><summary>问</summary>答</details>",
        "更多\n\n内容\n\n好问\n答",
    ),
    "tags of blocks": ("<blockquote>引用</blockquote>甲<hr>乙<small>丙</small>", "引用\n甲\n乙丙"),
    "sources as tags": (
        "可退<ref>3</ref>，<ref id='1'>规则\n一</ref>七天<ref name='a'/>。<ref>没完",
        "可退，七天。没完",
    ),
    "sources above the line": ("可退<sup>[1]</sup><sup>[2][3]</sup>，9m<sup>2</sup>", "可退，9m2"),
    "what was cited stays": ("<cite index='1'>七天</cite>可退", "七天可退"),
    "programs": ("<style>p{}</style>可退<script>alert(1<2)</script>", "可退"),
    "wrappers": ("<think>想</think>\n<answer>\n可退\n</answer>", "可退"),
    "a wrapper that does not end": ("<final_answer>可退", "可退"),
    "tokens": ("<|im_start|>assistant\n可退<|im_end|><｜end▁of▁sentence｜><end_of_turn>[/INST]", "可退"),
    "tokens as entities or escaped": (r"可退&lt;|im_end|&gt;\<|im_end|\>", "可退"),
    "emphasis within Chinese": (
        "内容*重点*内容，请*注意*，*勿拆*封，联系*人工*客服",
        "内容重点内容，请注意，勿拆封，联系人工客服",
    ),
    "emphasis of other words within Chinese": (
        "用*VIP*卡或*Apple Watch*登录，看*《规则》*第3条，仅需*99元*即可，第1步*点击*第2步",
        "用VIP卡或Apple Watch登录，看《规则》第3条，仅需99元即可，第1步点击第2步",
    ),
    "a link within emphasis": (
        "请看*[文字](https://a.cn)*吧，下单*立减*10元",
        "请看文字（https://a.cn）吧，下单立减10元",
    ),
    "notes that begin as a source does": (
        "见证人需到场[^1]，资料齐全[^2]\n\n[^1]: 见证人须年满18周岁\n[^2]: 下载申请表：https://a.cn/form.doc",
        "见证人需到场，资料齐全\n\n注：见证人须年满18周岁\n注：下载申请表：https://a.cn/form.doc",
    ),
    "underlines within Chinese": ("注意__重点__哦，用__VIP__卡", "注意重点哦，用VIP卡"),
    "more than one mark": (
        "内容***重点***内容，内容**_重点_**内容，**优惠*最大*啊**",
        "内容重点内容，内容重点内容，优惠最大啊",
    ),
    "marks around a tag": ("__<b>重点</b>__，*<u>注意</u>*", "重点，注意"),
}

SHOWN_MARKS = {"code", "bold over lines in code", "a comment in code", "a fence", "tags in a fence", "escapes"}
"""Of these a second reading would find marks: they were shown on purpose."""

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
    "(^_^) *^_^* o(*≧▽≦)ツ <|°_°|>",
    "3*4*5=60，10*10*10厘米，100%*0.8*2",
    "a_b_c、my__var__x、A*B*C型号",
    "<3 爱你，x<y，价格<100元，<- 左，A --> B",
    "《书》[图片]【提示】(1)【1】(c)",
    "[1] 甲\n[2] 乙",
    "可退[1][2]。\n\n[1] https://a.cn/x\n[2] 规则",
    "[官网]: https://a.cn",
    "[选项A][选项B] [^_^] [[会员]]专享",
    "https://a.cn/a_b__c__d*e*f?q=*x*&r=__y__ 和 https://a.cn/*/x/*/y",
    "6222 **** **** 1234、傻*、五*级、你*的和他*的",
    "张*明和李*华，王*、赵*，张*先生和李*女士",
    "单价*数量*（1-折扣），总价=单价*会员折*数量",
    "长*宽*高，长30厘米*宽40厘米*高50厘米，30cm*40cm*50cm",
    "单价*2*数量，单价*数量*10，5个*10包*2箱，每箱10*5*2瓶",
    "按*99#键，拨*100*转接，*号键和*键",
    "买*送*活动，2024年*月*日，主机*1+充电器*1+数据线*1，成人票*2+儿童票*1共260元，大米*5kg*2袋",
    "北京市*区*街道",
    "带*的为必填，不带*的选填；带*为必填项 带*号可不填",
    "价格*不含税，运费*另计",
    "姓名__电话__",
    "姓名：__，电话：__，____年__月__日",
    "报表_2024_最终、文件__v2__最终版、调用__init__方法",
    "请回复<姓名>和<address>",
    "来源：京东\n注：偏远除外",
]


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_it_makes_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in SHOWN_MARKS])
def test_what_is_plain_stays_so(name: str) -> None:
    assert plain(TEXTS[name][1]) == TEXTS[name][1]


WRITTEN = [
    "内容*重点*内容",
    "注意__重点__哦",
    "**好**",
    "[[1]](https://a.cn/x_y)",
    "[文字][1]",
    "\n[1]: https://a.cn/x\n",
]
WRITTEN += [
    "[^1]",
    "\n[^1]: 偏远除外\n",
    "<!-- x -->",
    "<ref>1</ref>",
    "<answer>",
    "<|im_end|>",
    "<img src='https://a.cn'>",
]
WRITTEN += [
    "，",
    "\n\n",
    "3*4*5",
    "a_b_c",
    "138****1234",
    "价格",
    "数量",
    "[1]",
    "x<y",
    "（1）",
    "https://a.cn/a*b ",
]


@given(st.lists(st.sampled_from(WRITTEN), max_size=12).map("".join))
def test_a_second_reading_finds_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*_faq.jsonl")), ids=lambda path: path.stem)
def test_articles_without_markdown_stay(sample: Path) -> None:
    answers = [json.loads(line)["answer"] for line in sample.read_text("utf-8").splitlines()]
    assert answers
    for answer in answers:
        assert plain(answer) == answer


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="*_`#<>~[]|\\&+-=$^\ufffd【")
    )
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
    "[[a](",
    "[[1]](https://",
    "[a][1]\n",
    "[1]: https://a\n",
    "[a]: https://a.cn/(\n[a][a] ",
    "[^1]: a\n",
    "[^1]:\n  a",
    "[^1]: 见",
    "[^1]: .pdf ",
    "<!--",
    "`a<!--",
    "<img ",
    "<img src='",
    "<img src=a ",
    "<ref>",
    "<ref>a</ref",
    "<sup>[1]",
    "<|a ",
    "中*",
    "中*中",
    "中__",
    "中_中",
    "https://a*b",
    "[citation:1,",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    for text in (piece, "# a" + piece, "[1]: https://a.cn\n[^1]: a\n" + piece):
        plain((text * 20_000)[:20_000] + "x")


@given(st.text("好a1 \n\u3000，。！？；：、“”‘’（）《》…—·,.!?:xX²éй१", max_size=60))
def test_ordinary_text_is_the_same_beside_what_is_taken_away(text: str) -> None:
    assert plain(text) == plain(f"{text}<b></b>")


@pytest.mark.parametrize(
    ("text", "shown"), [("您好。|\n-", "您好。"), ("| 名称 | 价格 |\n|---|---|\n完", "名称；价格\n完")]
)
def test_a_table_without_rows_keeps_its_headings(text: str, shown: str) -> None:
    assert plain(text) == shown
