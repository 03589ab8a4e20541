"""Articles that are made up, as many as one likes, each with a question of its own; and vectors that cost nothing."""

import zlib

from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.domain.knowledge import Article

_THINGS = (
    "订单",
    "物流",
    "退款",
    "发票",
    "优惠券",
    "会员",
    "积分",
    "地址",
    "尺码",
    "颜色",
    "保修",
    "安装",
    "电池",
    "快递",
)
_ASKS = (
    "怎么查询",
    "什么时候到",
    "能不能改",
    "在哪里看",
    "为什么没有",
    "多久能处理",
    "怎么申请",
    "可以取消吗",
    "收费吗",
)


def article(place: int) -> Article:
    """Made up, with a question of its own."""
    thing, asks = _THINGS[place % len(_THINGS)], _ASKS[place // len(_THINGS) % len(_ASKS)]
    answer = f"您好，{thing}请在第{place % 97}页查看，三个工作日内处理，如有疑问请联系门店{place % 31}。"
    similar = (f"{place}号的{thing}{asks}", f"请问{thing}{place}")
    return Article(f"a{place:06}", f"{thing}{place}号{asks}", answer, similar)


def made_up_model() -> Embedder:
    """Vectors that cost nothing to make, the same of the same text."""
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    drawn = np.random.default_rng(7).normal(size=(4096, SIZE)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return Embedder("made-up", lambda text, _most: drawn[zlib.crc32(text.encode()) % len(drawn)])
