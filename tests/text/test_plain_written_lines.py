r"""Line breaks that were written out as \n, and the backslashes of paths, which are none."""

import pytest

from wecom_bot.text.plain import plain

WRITTEN = {
    "a line break": (r"您好！\n请提供订单号。", "您好！\n请提供订单号。"),
    "two of them": (r"退货流程：\n\n1. 申请\n2. 寄回\n3. 退款", "退货流程：\n\n1. 申请\n2. 寄回\n3. 退款"),
    "a doubled one": (r"您好\\n请稍候\\n\\n谢谢", "您好\n请稍候\n\n谢谢"),
    "one of Windows": (r"第一行\r\n第二行\\r\\n第三行", "第一行\n第二行\n第三行"),
    "beside real ones": ("一\n二\\n三", "一\n二\n三"),
    "English lines": (r"Hello,\nyour order has shipped.\nThanks", "Hello,\nyour order has shipped.\nThanks"),
    "lines that begin with n": (
        r"Note one\nnote two\nNothing else\n\nname: x",
        "Note one\nnote two\nNothing else\n\nname: x",
    ),
    "lists": (r"支持：\n- 微信\n- 支付宝\n* 银行卡", "支持：\n· 微信\n· 支付宝\n· 银行卡"),
    "headings and bold": (r"## 退货\n**七天**内可退\n> 偏远除外", "退货\n七天内可退\n偏远除外"),
    "a table": (r"| 地区 | 费用 |\n|---|---|\n| 江浙 | 0 元 |", "· 地区：江浙；费用：0 元"),
    "a fence": (r"运行：\n```sh\necho a_b_c\n```\n完", "运行：\necho a_b_c\n完"),
    "at the ends": (r"\n可退\n", "可退"),
    "after an address": (r"见 https://a.cn/x_y\n谢谢", "见 https://a.cn/x_y\n谢谢"),
    "before a number": (r"合计：\n100 元\n8 折", "合计：\n100 元\n8 折"),
    "tabs": (r"姓名\t电话\n张三\t10086", "姓名 电话\n张三 10086"),
    "tabs in English": (r"Name\tAge\nTom\t30", "Name Age\nTom 30"),
    "quotes": (r"他说\"可以\"。\n好", '他说"可以"。\n好'),
    "formulas between them": (
        r"解：\n\(x \neq 0\)\n$\nu = \nabla \times \theta$\n所以 x \ne 1",
        "解：\nx ≠ 0\nν = ∇ × θ\n所以 x ≠ 1",
    ),
    "all written out": (
        r"解：\n\\(x^2 \\times 3\\)\n\\[\n\\frac{1}{2} \\neq \\text{一}\n\\]\n见 \"C:\\new\"",
        '解：\nx² × 3\n1/2 ≠ 一\n见 "C:\\new"',
    ),
    "all written out twice": (r"解：\\n\\(x \\times 3\\)\\n完", "解：\nx × 3\n完"),
    "rows that are lines": (
        r"\begin{aligned}\na &= 1 \\\nb &= 2\n\end{aligned}\n完",
        "a = 1\nb = 2\n完",
    ),
    "a row and a letter": (r"$$m=1\\n=2$$", "m=1\nn=2"),
    "a blank beside it": (r"稍等 \n 谢谢\n  - 一", "稍等\n谢谢\n  · 一"),
    "questions and answers": (r"Q: 多久发货？\nA: 48 小时\nQ:\nA:\n略", "Q: 多久发货？\nA: 48 小时\nQ:\nA:\n略"),
    "prices": (r"A 款：$19.9\nB 款：$29.9\n\nTotal: $49.8", "A 款：$19.9\nB 款：$29.9\n\nTotal: $49.8"),
    "answers with formulas": (r"A. \(x=1\)\nB. $x=2$\n故 $x_1=1$", "A. x=1\nB. x=2\n故 x₁=1"),
    "a path and a line break": (r"保存到 C:\data\new\n然后重启\n2. 完成", "保存到 C:\\data\\new\n然后重启\n2. 完成"),
    "a server and a line break": (r"打开 \\nas\公共\n找到说明", "打开 \\\\nas\\公共\n找到说明"),
}


ORDINARY = [
    "C:\\new、D:\\table\\name.txt、C:\\Users\\nina\\text、D:\\n1",
    "安装到 C:\\Program Files (x86)\\nginx\\temp 即可",
    'cd "C:\\my files\\new"，打开“D:\\旧 资料\\name”',
    "安装目录（C:\\nginx）下，D:\\资料\\新建\\notes",
    "\\\\server\\name、\\\\192.168.1.1\\new、\\\\fileserver\\share\\tools\\nettest.exe",
    "打开 \\\\nas 即可，访问 \\\\nas01\\team\\new",
    "C:\\\\new\\\\table、\\\\\\\\server\\\\name",
    "%APPDATA%\\npm、%USERPROFILE%\\new、.\\node\\temp、..\\new、$env:TEMP\\new",
    "HKEY_LOCAL_MACHINE\\Software\\new、HKLM\\system\\name",
    "bin\\node.exe、docs\\notes.txt、setup\\new\\tool.exe",
    "Users\\Public\\names、资料\\合同\\new、\\data\\new",
    "域账号 CORP\\nancy、用户名：CORP\\tom、登录名 shop\\nora",
    "用 \\n 表示换行，换行符（\\n），反斜杠 “\\n”，按 \\t 分隔",
    "old\\new、yes\\no、AC\\DC、日期\\时间\\名称",
    "文件名不能包含 \\ / : * ?",
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_a_written_line_break_is_a_line(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_backslashes_of_paths_and_words_stay(text: str) -> None:
    assert plain(text) == text


def test_code_shows_its_line_breaks() -> None:
    assert plain('用 `a\\nb`：\n```python\nprint("a\\nb")\n```\n完') == '用 a\\nb：\nprint("a\\nb")\n完'
