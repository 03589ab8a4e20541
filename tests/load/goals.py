"""What the figures of the bench are held against: what each must be, and what we aim at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """A figure, named by its place in the record (`cpu_ms.faq`), and its bounds. Small is good, unless `more` is."""

    what: str
    path: str
    must: float
    aim: float | None = None
    unit: str = ""
    floor: str | float = ""  # the least that it could be, or the place of that
    more: bool = False

    def verdict(self, value: float) -> str:
        """In both languages, in a word."""
        if self.aim is not None and self._within(value, self.aim):
            return "目标 aim"
        return "达到 yes" if self._within(value, self.must) else "没有 NO"

    def bound(self, value: float) -> str:
        """A bound, as it is written in a table."""
        return f"{'≥' if self.more else '≤'} {value:g}"

    def _within(self, value: float, bound: float) -> bool:
        return value >= bound if self.more else value <= bound


GOALS = (
    Goal("落盘应答与空 POST 之比，64 条 / durable acks over no-op", "ack_ratio_to_noop", 0.45, 0.5, "", 1, more=True),
    Goal("CPU，扣子回合，应用 / a Coze turn, app", "cpu_ms.coze_turn", 4.5, 3, "ms", "cpu_floor_ms.coze_turn"),
    Goal("CPU，扣子回合，客服 / the same, kf", "cpu_ms.coze_turn_kf", 7, 5, "ms", "cpu_floor_ms.coze_turn_kf"),
    Goal("CPU，知识库原文，词法 / a turn by article, lexical", "cpu_ms.faq", 2.5, 1.5, "ms", "cpu_floor_ms.faq"),
    Goal("CPU，热答案，应用 / a hot answer, app", "cpu_ms.hot_answer", 2, None, "ms", "cpu_ms.faq"),
    Goal("七成二重复时的热答案 / hot answers where 72 % repeat", "hot_share", 0.7, None, "", "hot_repeated", more=True),
    Goal("客服回合往返 Redis / Redis round trips of a kf turn", "redis_trips", 12, 8, "", 0),
    Goal("客服回合的 SQL 语句 / SQL statements of a kf turn", "sql_statements", 5, None, "", 0),
    Goal("Deliver 到套接字之间我们的帧 / frames of ours to the socket", "frames_to_socket", 8),
    Goal("闲时内存 / memory at rest (Pss)", "pss_mb", 200, 150, "MB", "noop_pss_mb"),
    Goal("全部 kill -9 之后就绪 / ready after kill -9 of everything", "recovery_ready_s", 2, unit="s"),
    Goal("最后一个等着的答完 / the last waiting answer", "recovery_s", 4, unit="s"),
    Goal("连说 1 句的扣子对话 / Coze chats for 1 in a row", "coze_calls.1", 1, None, "", 1),
    Goal("连说 2 句 / for 2", "coze_calls.2", 2, None, "", 1),
    Goal("连说 5 句 / for 5", "coze_calls.5", 5, 2, "", 1),
    Goal("连说 10 句 / for 10", "coze_calls.10", 10, None, "", 1),
    Goal("检索 p95，自带，2,500 条 / a look-up, embedded, of 2,500", "search_ms.embedded.p95", 15, None, "ms"),
    Goal("检索 p95，Elasticsearch，50,000 条 / the same of 50,000", "search_ms.elasticsearch_many.p95", 25, None, "ms"),
    Goal("两种引擎第一条相同 / the same first article", "search_agreement.retail.first", 0.99, None, more=True),
    Goal("前三条相同 / the same first three", "search_agreement.retail.three", 0.98, None, more=True),
    # shorter than it was when it was first measured so; what it was by an earlier measure is the aim
    Goal("客服回合调用我们的函数 / calls of our functions in a kf turn", "way_calls", 2041, 1398),
    Goal("经过的模块 / modules on its way", "way_modules", 130, 110),
    Goal("换模块的次数 / changes of module", "way_changes", 789, 643),
)


def at(found: Mapping[str, Any], path: str) -> float | None:
    """The figure at that place; None if it was not measured."""
    value: Any = found
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) else None


def rows(found: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    """A row of words for each goal: what, measured, floor, must, aim, whether it is reached."""
    for goal in GOALS:
        value = at(found, goal.path)
        floor = at(found, goal.floor) if isinstance(goal.floor, str) else goal.floor
        yield (
            goal.what,
            "没有测到 -" if value is None else f"{value:.4g} {goal.unit}".strip(),
            "-" if floor is None else f"{floor:.3g}",
            goal.bound(goal.must),
            "-" if goal.aim is None else goal.bound(goal.aim),
            "-" if value is None else goal.verdict(value),
        )


HEAD = ("什么 / figure", "我们 / ours", "底线 / floor", "须 / must", "愿 / aim", "达到 / reached")


def table(found: Mapping[str, Any]) -> Iterable[str]:
    """The rows in Markdown."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|" + "---|" * len(HEAD)
    for row in rows(found):
        yield f"| {' | '.join(row)} |"
