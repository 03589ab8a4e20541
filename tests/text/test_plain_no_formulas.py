r"""Prices, variables, faces, escapes and sources, whose dollars, brackets and marks are no formula's."""

import pytest

from wecom_bot.text.plain import plain

ASIDE = {
    "prices beside a formula": (r"价格 $5，公式 $x^2$，共 $10", "价格 $5，公式 x²，共 $10"),
    "prices with a command between them": (r"$5 \times 2 = $10", "$5 × 2 = $10"),
    "escapes": (r"2\*3\*4，a\_b，\#1，\[图片\]，价格\(含税\)，R\&D", "2*3*4，a_b，#1，[图片]，价格(含税)，R&D"),
    "sources with escapes": (r"可退\[1\]，见\[1-3\]，\[官网\](x)", "可退[1]，见[1-3]，[官网](x)"),
    "steps with escapes": ("\\(1\\) 打开\n\\(2\\) 关闭", "(1) 打开\n(2) 关闭"),
    "words with escapes": (
        r"\(optional\) \[optional\] \(周一 9:00-18:00\) f\(x\)",
        "(optional) [optional] (周一 9:00-18:00) f(x)",
    ),
    "numbers with escapes": (r"电话\(400-800-1234\)，\(2024-01-01\)", "电话(400-800-1234)，(2024-01-01)"),
    "boxes to tick with escapes": (r"\[x\] 完成 \[ \] 未完成", "[x] 完成 [ ] 未完成"),
    "entities": (r"5 &times; 3 &le; 20，&frac12;，x&sup2;，&yen;5", "5 × 3 ≤ 20，½，x²，¥5"),
}

ORDINARY = [
    "价格 $5 to $10，US$100 和 HK$80",
    "$5-$10，$5/$10，$5+$3=$8，$1,000~$2,000，$5*3=$15, $20/4=$5",
    "从$5涨到$10，约$3.5和$4之间，每月 $9.9，年付 $99（省 $19.8）",
    "A $5 item costs less than a $10 item; save up to $2.",
    "$5=35元，$10=70元，$1=¥7.2",
    "5$-6$，余额($5)，赠送($2)，($100-$50)=$50，(US$5)($6)",
    "$HOME 和 $PATH，$HOME/$USER，$PATH:$HOME，$x+$y，$i<$n; $i++",
    "${name} 和 ${order_id}，{nickname}，{{name}}，$name$",
    "https://a.cn/odata?$filter=x&$top=5 和 https://a.cn/x^2/a_{b}",
    "赚$$$，$$优惠$$，$特斯拉(TSLA)$ 和 $AAPL",
    "(^_^) ^o^ T^T 0^0 Ctrl+^C >_<",
    "=A1^2+B1^2、=SUM($A$1:$A$10)、A$1=B$2、grep '^a.*b$' file$1",
    "u_{nickname}、u_{kind}、a \\\\ b",
    "可退^1^",
    "a_b、order_1、user_{name}、file_1_2、x_1",
    "C#、C++、100%、50% off & more、{a: 1}、[1, 2]、(x)、¥1,234 → ¥2,345",
    "CORP\\alpha 登录，男\\女，AC\\DC，and\\or",
    "正则 \\d{11}、^\\w+@\\w+$、\\s*、\\b\\w+\\b",
    "反斜杠 \\ 和斜杠 /，\\o/",
]


@pytest.mark.parametrize(("text", "expected"), ASIDE.values(), ids=ASIDE)
def test_what_is_no_formula_is_read_as_it_was(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert plain(text) == text
