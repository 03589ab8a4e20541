"""The machine that we run on: its disk, its limits, its programs, and what its environment would have us do."""

import json
import os
import platform
import resource
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from wecom_bot import __version__
from wecom_bot.domain.finding import Finding, doubtful, failed, skipped, well
from wecom_bot.environment import proxies

_MB, _GB = 2**20, 2**30
_TOO_LITTLE = 200 * _MB  # bytes free: SQLite and the append-only file soon cannot write
_LITTLE, _LITTLE_SHARE = _GB, 0.10
_ANYWHERE = {"", "0.0.0.0", "::"}
_PATIENCE, _MOST_SAID = 10.0, 1 << 20  # seconds (Redis may hang there), and bytes
_FILES = 4096  # what the gateway raises its limit to


def disk(folder: Path, free: int, total: int) -> Finding:
    """The finding of the disk of the data folder, with so many bytes free of so many."""
    seen = f"{free / _GB:.1f} GB / {total / _GB:.1f} GB（{folder}）"
    mend = (
        f"腾出空间或换大盘：`du -xh {folder} | sort -h | tail`；旧的日志和备份先移走"
        " / make room, or take a bigger disk; move old logs and backups away first"
    )
    if free < _TOO_LITTLE:
        return failed("machine.disk", f"磁盘快满了，只剩 / the disk is nearly full, free: {seen}", mend)
    if free < _LITTLE or free < total * _LITTLE_SHARE:
        return doubtful("machine.disk", f"磁盘空间不多，只剩 / little room on the disk, free: {seen}", mend)
    return well("machine.disk", f"剩 / free {seen}")


def data_folder(folder: Path) -> Iterator[Finding]:
    """The findings of the data folder: its disk, and whether it is ours to write into."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    usage = shutil.disk_usage(there)
    yield disk(folder.absolute(), usage.free, usage.total)
    if there != folder.absolute():
        yield doubtful(
            "machine.data",
            f"数据目录还不在 / the data folder is not there yet: {folder.absolute()}",
            "看 WECOM_BOT_DATA 指对了没有；首次启动会建 / see that it is right; the first start makes it",
        )
        return
    owner = there.stat().st_uid
    if owner != os.geteuid():
        yield doubtful(
            "machine.data",
            f"数据目录属于用户 {owner}，现在的用户是 {os.geteuid()}：查到的可能与服务看到的不同"
            " / the data folder is another user's: the service may see something else",
            "以服务的用户运行 / run as the service's user: sudo -u wecom-bot …",
        )
    elif not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield failed("machine.data", f"数据目录写不进去 / cannot be written: {there}", f"chmod u+rwx {there}")
    else:
        yield well("machine.data", str(there))


def open_files(soft: int, hard: int) -> Finding:
    """The finding of the limits for open files, as `ulimit -n` and `ulimit -Hn` say them."""
    seen = f"{_shown(soft)}（上限 / hard {_shown(hard)}）"
    if hard != resource.RLIM_INFINITY and hard < _FILES:
        return doubtful(
            "machine.files",
            f"打开文件数的上限偏低 / few files may be open: {seen}",
            f"systemd 写 LimitNOFILE={_FILES * 4}，或 ulimit -n；这里看的是当前 shell 的"
            " / set LimitNOFILE or ulimit -n; what is seen here is this shell's",
        )
    return well("machine.files", seen)


def limits() -> Finding:
    """The finding of this process's own."""
    return open_files(*resource.getrlimit(resource.RLIMIT_NOFILE))


def versions() -> Finding:
    """What runs here."""
    seen = f"wecom-bot {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return well("machine.versions", seen)


def environment(given: Mapping[str, str], egress_proxy: str = "") -> Finding:
    """The finding of the machine's proxies, which we never use; `egress_proxy` is our own, without credentials."""
    check, found = "machine.proxy", proxies(given)
    if egress_proxy:
        return well(check, f"经代理出去 / through the proxy: {egress_proxy}")
    if found:
        return doubtful(
            check,
            f"环境里有 {', '.join(found)}，机器人不用它们，直接连企业微信和扣子"
            " / they are set, and the bot does not use them: it calls WeCom and Coze directly",
            "要走代理就设 WECOM_BOT_EGRESS_PROXY；不要就不用管 / to go through a proxy set WECOM_BOT_EGRESS_PROXY",
        )
    return well(check, "不走代理 / no proxy")


def worker(host: str, port: int) -> Finding:
    """The finding of the worker that runs here, by its own word: which engines are down, whom it leaves alone."""
    check, where = "machine.worker", f"{'127.0.0.1' if host in _ANYWHERE else host}:{port}"
    try:
        said = _readiness(where) if port else {}
    except (OSError, HTTPException, ValueError):
        said = {}
    if not said:
        return skipped(
            check,
            f"这台机器上没有 worker 应答 / no worker answers on this machine: {where}",
            "没有启动就启动；端口是 WECOM_BOT_WORKER_PORT / start one, or see WECOM_BOT_WORKER_PORT",
        )
    if said.get("missing"):
        return failed(
            check,
            f"worker 没有就绪，缺 / it is not ready and lacks: {_names(said['missing'])}（{where}）",
            "修好它缺的，worker 自己接着办 / put right what it lacks: it goes on by itself",
        )
    open_circuits = [f"{each['neighbour']} {each['part']}" for each in said.get("circuits", ())]
    if said.get("down") or open_circuits:
        return doubtful(
            check,
            f"照常回答，但这些不应答 / it answers without what is down: {_names(said.get('down', ()))}；"
            f"断路器没有闭合 / circuits not closed: {_names(open_circuits)}",
            "见“引擎不在了” / see docs/operations.md, an engine is down",
        )
    return well(check, f"就绪，断路器全都闭合 / ready, all circuits closed（{where}）")


def _readiness(where: str) -> dict[str, Any]:
    connection = HTTPConnection(where, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        said = json.loads(connection.getresponse().read(_MOST_SAID))
    finally:
        connection.close()
    return said if isinstance(said, dict) else {}


def _names(found: Iterable[object]) -> str:
    return "、".join(dict.fromkeys(map(str, found))) or "-"


def _shown(limit: int) -> str:
    return "∞" if limit == resource.RLIM_INFINITY else str(limit)
