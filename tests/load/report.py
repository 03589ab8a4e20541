"""The tables of docs/performance.md, from what `make bench JSON=FILE` wrote.

`python -m tests.load.report FILE` prints them; with a page behind the file they are put there in place of the old ones.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.load import goals

_BEGINS, _ENDS = "<!-- figures -->", "<!-- /figures -->"
_LACKING = "没有测到"
_QUIET = 0.5


def tables(found: Mapping[str, Any]) -> str:
    """In Chinese Markdown; what was not measured says so."""
    parts = (_about(found), goals.table(found), _costs(found), _cpu(found), _fairness(found))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _about(found: Mapping[str, Any]) -> Iterable[str]:
    took = sum(found.get("took_s", {}).values())
    yield (
        f"{found['date']}，提交 {found['commit']}，{found['cores']} × {found['cpu']}，Python {found['python']}，"
        f"全部用了 {took / 60:.0f} 分钟；开始时机器的负载是 {found['load']:.1f}，{_noise(found['load'])}。"
    )
    if failed := found.get("failed"):
        yield f"没有测成的部分：{'、'.join(failed)}。"


_PLACE = re.compile(r"\{([\w./]+)(?::(\d))?\}")
_COSTS = """\
落盘应答，64 条连接 `ack_per_s` `ack_p99_ms` | {ack_per_s}/s，p99 {ack_p99_ms} ms \
| 空的 Flask POST {noop_per_s}/s，p99 {noop_p99_ms} ms
与空 POST 之比 `ack_ratio_to_noop` | {ack_ratio_to_noop:2} | 1
落盘应答，16 条连接 | {ack_per_s_16}/s，p99 {ack_p99_ms_16} ms \
| 空的 Flask POST {noop_per_s_16}/s，p99 {noop_p99_ms_16} ms
与空 POST 之比 | {ack_ratio_to_noop_16:2} | 1
客服：从回调到回复，扣子的时间不算，每秒 20 条 `added_ms` | p50 {added_ms.p50} ms，p99 {added_ms.p99} ms \
| 底线 p50 {added_floor_ms.p50} ms，p99 {added_floor_ms.p99} ms
应用：同上 | p50 {added_app_ms.p50} ms，p99 {added_app_ms.p99} ms \
| 底线 p50 {added_floor_app_ms.p50} ms，p99 {added_floor_app_ms.p99} ms
一个客服回合往返 Redis 几次 `redis_trips` | {redis_trips:1} | 底线 0；闲时每秒 {redis_trips_idle_per_s:1} 次，已扣除
一个客服回合执行几条 SQL 语句，每秒 3 条 `sql_statements` | {sql_statements:1} \
| 底线 0；闲时每秒 {sql_statements_idle_per_s:1} 条，已扣除
`serve` 整棵进程树闲时的内存（Pss） `pss_mb` | {pss_mb} MB | 一个空网关 {noop_pss_mb} MB
一个客服回合经过的模块、调用、换模块 `way_calls` | {way_modules} 个，{way_calls} 次，{way_changes} 次 | -
从 `Deliver` 到套接字，我们的帧 `frames_to_socket` | {frames_to_socket} | -
启动到就绪 `cold_start_s` | {cold_start_s:1} s；空目录 {first_start_s:1} s | 一个空网关 {noop_start_s:1} s
20 个回合在办时全部 kill -9，从再启动到最后一个答完 `recovery_s` | {recovery_s:1} s | 就绪用了 {recovery_ready_s:1} s
一个回合的往返走保持着的连接，比每次新连接快几倍、省几毫秒 `pool_ratio` `pool_saved_ms` \
| {pool_ratio:1} 倍，{pool_saved_ms:1} ms | 每次新连接 1
叫一次企业微信的 CPU（kf/send_msg、message/send），毫秒 `call_cpu_ms` \
| {call_cpu_ms.kf/send_msg:2}、{call_cpu_ms.message/send:2} \
| 只用 urllib3 {call_cpu_floor_ms.kf/send_msg:2}、{call_cpu_floor_ms.message/send:2}
叫一次扣子的 CPU（/v3/chat，15 个事件），毫秒 | {call_cpu_ms./v3/chat:2} \
| 只用 urllib3、不读事件 {call_cpu_floor_ms./v3/chat:2}
按意思搜：一个回合的 CPU，每秒 20 条各不相同的问题 `meaning_cpu_ms` | {meaning_cpu_ms.hybrid:1} ms \
| 只按字词 {meaning_cpu_ms.lexical:1} ms
同样的问题占 {hot_repeated:2} 时，从热答案缓存答的 `hot_share` | {hot_share:2} | 重复的 {hot_repeated:2}
热答案省下的思考，一个回合，毫秒 `hot_saved_ms` \
| {hot_saved_ms:2} ms（CPU {hot_saved_cpu_ms:2}） | 不用 {hot_thinking_ms.without:2} ms，用 {hot_thinking_ms.with:2} ms
一位客户连说 1、2、5、10 句，扣子对话几次 `coze_calls` \
| {coze_calls.1}、{coze_calls.2}、{coze_calls.5}、{coze_calls.10} | 各 1
"""


def _noise(load: float) -> str:
    return "安静" if load < _QUIET else "别的程序也在用这些核，时间和 CPU 都偏大"


def _costs(found: Mapping[str, Any]) -> Iterable[str]:
    yield "| 量什么 / figure | 我们 / ours | 旁边的 / beside it |"
    yield "|---|---|---|"
    for line in _COSTS.splitlines():
        yield f"| {_PLACE.sub(lambda place: _figure(found, place[1], int(place[2] or 0)), line)} |"


def _figure(found: Mapping[str, Any], path: str, digits: int) -> str:
    """The figure at `name.of.inner`, with so many decimals."""
    value = goals.at(found, path)
    return _LACKING if value is None else f"{value:.{digits}f}"


_TURNS = {
    "faq": "知识库原文作答，应用",
    "hot_answer": "热答案（刚问过的），应用",
    "order": "查订单，应用",
    "coze_turn": "扣子对话措辞，应用",
    "coze_turn_kf": "扣子对话措辞，微信客服",
}
_KINDS = ("gateway", "worker", "valkey", "supervisor")


def _cpu(found: Mapping[str, Any]) -> Iterable[str]:
    yield "| 一个回合的 CPU，毫秒 `cpu_ms` | 合计 | gateway | worker | Valkey | 监督者 | 底线 | 比例 |"
    yield "|---|---|---|---|---|---|---|---|"
    floor, parts = found.get("cpu_floor_ms", {}), found.get("cpu_by_process", {})
    for name, cpu in found.get("cpu_ms", {}).items():
        each = " | ".join(f"{parts[name].get(kind, 0):.1f}" for kind in _KINDS)
        yield f"| {_TURNS[name]} | {cpu:.1f} | {each} | {_beside(cpu, floor.get(name))} |"
    paced = found.get("cpu_paced_floor_ms", {})
    for name, cpu in found.get("cpu_paced_ms", {}).items():
        yield f"| {_TURNS[name]}，每秒 20 条 | {cpu:.1f} | | | | | {_beside(cpu, paced.get(name))} |"


def _beside(cpu: float, floor: float | None) -> str:
    return f"{floor:.1f} | {cpu / floor:.1f}" if floor else "- | -"


def _fairness(found: Mapping[str, Any]) -> Iterable[str]:
    yield "| 一条单独的消息，从说到看见回答 | 平时中位 | 此时中位 | 比例 | 平时 p99 | 此时 p99 | 一个回合 |"
    yield "|---|---|---|---|---|---|---|"
    titles = {
        "crowd": "另一家公司积压着 10,000 条（单个 worker 进程）",
        "hangs": "同一家公司的一位客户，每个回合都在等扣子直到 8 秒的时限",
    }
    for name, each in found.get("fairness", {}).items():
        alone, beside = each["alone"], each["beside"]
        yield (
            f"| {titles[name]} | {alone['p50_ms']:.1f} ms | {beside['p50_ms']:.1f} ms | {each['ratio']:.2f} |"
            f" {alone['p99_ms']:.1f} ms | {beside['p99_ms']:.1f} ms | {alone['turn_ms']:.1f} ms |"
        )


def renewed(page: str, found: Mapping[str, Any]) -> str:
    """The page with these tables between its marks. Raises ValueError where it has none."""
    before, begins, rest = page.partition(_BEGINS)
    _, ends, after = rest.partition(_ENDS)
    if not (begins and ends):
        raise ValueError(f"the page has no {_BEGINS} and {_ENDS}")
    return f"{before}{begins}\n\n{tables(found)}\n{ends}{after}"


def main(file: str, page: str = "") -> None:
    """Print the tables, or renew the page."""
    found = json.loads(Path(file).read_text(encoding="utf-8"))
    if page:
        Path(page).write_text(renewed(Path(page).read_text(encoding="utf-8"), found), encoding="utf-8")
    else:
        print(tables(found), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
