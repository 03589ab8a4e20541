"""What articles show: proved as operators write it, stored and read again."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from wecom_bot.domain.attachments import MOST, dumped, loaded, proved
from wecom_bot.domain.message import Attachment
from wecom_bot.errors import InvalidInput

LINK = {"kind": "link", "title": "地图", "description": "一楼", "url": "https://a.cn/m", "picture": "map.png"}
IMAGE = {"kind": "image", "picture": "门店 (1).JPG"}
MINIPROGRAM = {
    "kind": "miniprogram",
    "title": "下单",
    "app_id": "wx1234567890abcdef",
    "url": "pages/index.html",
    "picture": "order.png",
}


def test_every_kind_is_proved_stored_and_read_again() -> None:
    found = proved(json.dumps([LINK, IMAGE, MINIPROGRAM]))
    assert [{name: value for name, value in asdict(each).items() if value} for each in found] == [
        LINK,
        IMAGE,
        MINIPROGRAM,
    ]
    assert loaded(dumped(found)) == proved(dumped(found)) == found


def test_one_need_not_be_a_list_and_none_is_none() -> None:
    assert proved(json.dumps(IMAGE)) == (Attachment("image", picture="门店 (1).JPG"),)
    assert proved("") == proved(" \n") == proved("[]") == loaded(None) == loaded("[]") == ()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{", "不是正确的 JSON"),
        ("7", "对象的列表"),
        ('["a"]', "对象的列表"),
        ([IMAGE] * (MOST + 1), f"超过 {MOST} 个"),
        ([IMAGE | {"kind": "video"}], "第 1 个附件：kind 应是 link、image、miniprogram 之一"),
        ([{}], "kind 应是"),
        ([IMAGE, LINK | {"urls": "x"}], "第 2 个附件：不认识的键 urls"),
        ([IMAGE | {"picture": 7}], "字符串"),
        ([{"kind": "image"}], "image 缺少 picture"),
        ([LINK | {"title": " ", "url": ""}], "link 缺少 title、url"),
        ([MINIPROGRAM | {"app_id": "", "picture": ""}], "miniprogram 缺少 app_id、picture"),
        ([LINK | {"title": "题" * 43}], "title 有 129 字节，最多 128"),
        ([MINIPROGRAM | {"title": "题" * 22}], "title 有 66 字节，最多 64"),
        ([LINK | {"url": "www.a.cn"}], "url 应以 http"),
        ([LINK | {"url": "https://a.cn/ b"}], "url 应以 http"),
        ([LINK | {"picture": "../../etc/passwd.png"}], "文件名"),
        ([LINK | {"picture": ".png"}], "文件名"),
        ([IMAGE | {"picture": "a/b.png"}], "文件名"),
        ([IMAGE | {"picture": "a.svg"}], "文件名"),
        ([LINK | {"title": "a\x00b"}], "无法显示的字符"),
    ],
)
def test_what_is_wrong_is_said(said: Any, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        proved(said if isinstance(said, str) else json.dumps(said))
    assert problem in str(refused.value)
