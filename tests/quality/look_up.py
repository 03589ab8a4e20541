"""What a look-up takes, as a worker does it: `python -m tests.quality.look_up`, with the model of `make model`.

Under gevent, over 10,000 made-up phrasings: how long a look-up takes by words and by meaning. Then how late the hub is
while 100 look-ups a second are made over the retail articles, and with none made; and the same while 20,000 phrasings
of another tenant are embedded in the background, and how long that takes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import click
from gevent import monkey, sleep, spawn
from gevent.event import Event

from wecom_bot.domain.knowledge import Article, SearchMode
from wecom_bot.domain.message import CorpId

CORP = CorpId("ww_quality")
MODEL = Path(__file__).parents[2] / "data" / "model"
_THINGS = """
    手机 电脑 耳机 冰箱 洗衣机 空调 电视 音箱 台灯 沙发 床垫 书桌 椅子 衣柜 窗帘 地毯 炒锅 饭碗 杯子 菜刀 毛巾
    牙刷 面霜 口红 香水 衬衫 裤子 裙子 外套 鞋子 袜子 帽子 围巾 手套 手表 项链 戒指 背包 行李箱 雨伞 积木 童车
    奶粉 尿布 猫粮 狗粮 鱼缸 花盆 书架 洗发水
    """.split()  # noqa: SIM905 - as in words.py
_ASKED = """
    怎么退货 多久发货 能换颜色吗 坏了怎么修 保修多久 有没有优惠 怎么安装 可以分期吗 发票怎么开 运费谁出 何时补货
    怎么清洗 说明书在哪 尺寸有哪些 能上门取件吗 能送到公司吗 降价退差价吗 能用积分吗 质检报告在哪看 怎么评价
    少了配件怎么办 能周末送吗 能代写贺卡吗 有实体店吗 买两件打折吗 充电要多久 费电吗 噪音大吗 适合老人吗
    儿童能用吗 是正品吗 产地在哪 可以定制吗 换货要几天 退款到哪里 怎么查真伪 配件单卖吗 能货到付款吗 怎么延保
    发错了怎么办 破了怎么办 开专票吗 旧的能折价吗 能寄国外吗 能加急吗 怎么改订单 会员价多少 赠品是什么
    能拆开卖吗 缺货登记在哪
    """.split()  # noqa: SIM905
_WAYS = ("{0}{1}", "请问{0}{1}呢", "我买的{0}，{1}", "想问下你家的{0}到底{1}")
_MORE_WAYS = ("{0}的话{1}", "关于{0}我想知道{1}", "昨天看的{0}{1}呀", "同事推荐的{0}，{1}")
_ANSWER = "关于{0}{1}：请在订单页面申请，客服会在一个工作日内处理，如有问题请联系我们。"


@dataclass(frozen=True)
class Figures:
    """Times in milliseconds."""

    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f}  p95 {self.p95:.1f}  p99 {self.p99:.1f} ms"


def figures(seconds: Sequence[float]) -> Figures:
    taken = sorted(seconds)
    p50, p95, p99 = (1000 * taken[min(len(taken) - 1, int(len(taken) * share))] for share in (0.5, 0.95, 0.99))
    return Figures(p50, p95, p99)


def made_up(count: int, ways: Sequence[str] = _WAYS) -> list[Article]:
    """Articles of as many phrasings as there are ways, `count` phrasings in all."""
    articles = []
    for named in list(product(_THINGS, _ASKED))[: count // len(ways)]:
        question, *similar = (way.format(*named) for way in ways)
        articles.append(Article("".join(named), question, _ANSWER.format(*named), tuple(similar)))
    return articles


def timed(look_up: Callable[[str], object], questions: Sequence[str]) -> Figures:
    """What each look-up takes."""
    taken = []
    for question in questions:
        began = time.perf_counter()
        look_up(question)
        taken.append(time.perf_counter() - began)
    return figures(taken)


def hub_lag(
    look_up: Callable[[str], object] | None,
    questions: Sequence[str],
    rate: float,
    seconds: float = inf,
    until: Event | None = None,
) -> Figures:
    """How late a greenlet wakes that sleeps a millisecond, while `rate` look-ups a second are made."""
    late: list[float] = []
    stopped = False

    def sleep_and_wake() -> None:
        while not stopped:
            began = time.perf_counter()
            sleep(0.001)
            late.append(time.perf_counter() - began - 0.001)

    watch = spawn(sleep_and_wake)
    began, asked = time.perf_counter(), 0
    while (now := time.perf_counter() - began) < seconds and not (until and until.is_set()):
        if asked < now * rate:
            if look_up:
                spawn(look_up, f"{questions[asked % len(questions)]} {asked}")  # none is remembered
            asked += 1
        else:
            sleep(0.001)
    stopped = True
    watch.join()
    return figures(late)


def main() -> None:
    """Measure and print."""
    monkey.patch_all()
    from tests.quality.questions import DATA, articles, questions  # noqa: PLC0415 - after the patches
    from wecom_bot.adapters.search.embedded import EmbeddedSearch  # noqa: PLC0415
    from wecom_bot.adapters.search.embedding import Embedder  # noqa: PLC0415
    from wecom_bot.bootstrap.workbench import Shelf  # noqa: PLC0415

    asked = [each.text for each in questions(DATA / "retail_queries.jsonl")]
    asked += [f"你们家的{thing}{words}啊" for thing, words in zip(_THINGS * 4, _ASKED[::-1] * 4, strict=False)]

    def made(folder: str, written: Sequence[Article], embedder: Embedder | None) -> EmbeddedSearch:
        shelf = Shelf()
        shelf.save(CORP, written)
        return EmbeddedSearch(Path(folder) / f"{uuid4().hex}.sqlite", shelf, embedder=embedder)

    def search(folder: str, written: Sequence[Article], embedder: Embedder | None) -> Callable[[str], object]:
        index = made(folder, written, embedder)
        index.prepare(CORP)
        return lambda question: index.search(CORP, question, 3)

    def embed_behind(folder: str, written: Sequence[Article], embedder: Embedder, ready: Event) -> None:
        """As a worker does it: the words answer until all the meaning is there."""
        index = made(folder, written, embedder)
        began = time.perf_counter()
        index.start()
        while index.search(CORP, written[0].similar[0], 1)[0].mode is not SearchMode.HYBRID:
            sleep(0.25)
        took = time.perf_counter() - began
        phrasings = sum(1 + len(each.similar) for each in written)
        click.echo(f"{phrasings:,} phrasings of {len(written):,} articles embedded behind customers in {took:.1f} s")
        index.stop()
        ready.set()

    model = Embedder.load(MODEL)
    with TemporaryDirectory() as folder:
        for name, embedder in (("lexical", None), ("hybrid", model)):
            taken = timed(search(folder, made_up(10_000), embedder), asked)
            click.echo(f"{name}: a look-up among 10,000 phrasings {taken}")
        retail = search(folder, articles(), model)
        click.echo(f"hub, nothing asked: late by {hub_lag(None, asked, 100, 10)}")
        click.echo(f"hub, 100 look-ups a second over the retail articles: late by {hub_lag(retail, asked, 100, 10)}")
        ready = Event()
        spawn(embed_behind, folder, made_up(20_000, (*_WAYS, *_MORE_WAYS)), model, ready)
        click.echo(f"the same meanwhile: late by {hub_lag(retail, asked, 100, until=ready)}")


if __name__ == "__main__":
    main()
