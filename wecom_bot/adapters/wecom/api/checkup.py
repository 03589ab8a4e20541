"""Whether WeCom answers us, and every app of a tenant may do what the bot does with it.

Tokens come from the store that all processes share: a refused secret is asked once, and not again before its pause is
over, so that no check-up bars our address; and no token is taken from a running worker. What WeCom says in words is not
repeated, but for our own address in it: it may quote a secret.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import HTTPError

from wecom_bot.adapters.wecom.api import codes, kf_api
from wecom_bot.adapters.wecom.api.client import Clients, WecomClient
from wecom_bot.adapters.wecom.api.duty import anyone, receivers
from wecom_bot.domain.finding import Finding, doubtful, failed, skipped, well
from wecom_bot.domain.tenant import App, KfAccount, Tenant
from wecom_bot.errors import RateLimited, Rejected, TemporaryFailure
from wecom_bot.outbound import trouble
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.session import session
from wecom_bot.ports import Clock

MOST_APART = timedelta(seconds=2)
"""How far WeCom's clock may be from ours."""

_TIMEOUT = 8.0  # seconds
_TICK = timedelta(seconds=1)  # a Date header says no more than that
_WRONG_AGENT = {40056, 301002}
_OF_KF = dict.fromkeys((48001, 48002, 48006, 95011, 95012), "wecom.kf_permission") | dict.fromkeys(
    (48007, 95000, 95004, 95017), "wecom.kf_account"
)


def look(base_url: str, clock: Clock, egress: Egress = DIRECT) -> Iterator[Finding]:
    """The findings of the way to WeCom, without any token: whether it answers, and what time it is there."""
    before, url = clock.now(), f"{base_url.rstrip('/')}/"
    try:
        with session(1, egress).get(url, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
            after, said = clock.now(), answer.headers.get("Date", "")
    except (requests.RequestException, HTTPError) as e:
        yield failed(
            "wecom",
            f"连不上 / cannot be reached: {base_url} ({trouble.reason(e)})",
            trouble.advice(e)
            or "查 DNS、防火墙、出口代理、系统证书（ca-certificates）和 WECOM_BOT_WECOM_BASE_URL"
            " / see DNS, the firewall, the proxy on the way out, ca-certificates and WECOM_BOT_WECOM_BASE_URL",
        )
        return
    yield well("wecom", base_url)
    yield _clock(before, after, said)


def _clock(before: datetime, after: datetime, said: str) -> Finding:
    check = "wecom.clock"
    try:
        theirs = parsedate_to_datetime(said).astimezone(UTC)
    except ValueError:
        return skipped(check, "企业微信没有说时间 / WeCom did not say what time it is")
    earliest, latest = theirs - after, theirs + _TICK - before
    apart = max(earliest, -latest, timedelta(0))  # what no delay and no rounding explains
    middle = (earliest + latest) / 2
    seen = f"与企业微信相差约 {round(middle.total_seconds()) + 0:+d} 秒 / seconds apart from WeCom"
    if apart > MOST_APART:
        return doubtful(
            check,
            seen,
            "装 NTP（chrony）并确认在同步：`chronyc tracking` / install NTP (chrony) and see that it is in step",
        )
    return well(check, seen)


@dataclass(frozen=True, slots=True)
class WecomCheckup:
    """Looks at the apps of tenants, with the clients that the worker would use."""

    clients: Clients

    def look(self, tenant: Tenant, app: App) -> Iterator[Finding]:
        """The findings of one app: its secret, our address, its AgentID, and its kf accounts."""
        about = f"{tenant.corp_id}/{app.name}"
        accounts = [each for each in tenant.kf_accounts if each.app == app.name]
        refusal = _Refusal(about, speaks_for_kf=bool(accounts))
        client = self.clients.of(tenant.corp_id, app.name)
        asked = refusal.of(lambda: client.wechatpy.agent.get(app.agent_id))
        if asked is None:
            yield well("wecom.app", "Secret、可信 IP、AgentId 都对 / secret, trusted IP and AgentId are right", about)
        else:
            yield asked
        if asked is not None and asked.check != "wecom.agent":
            return
        if accounts:
            yield from _of_accounts(client, accounts, refusal)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Asks, and turns what is raised into a finding."""

    about: str
    speaks_for_kf: bool

    def of(self, ask: Callable[[], object], *, of_kf: bool = False) -> Finding | None:
        """None where it was answered; `of_kf` where a call of 微信客服 is asked."""
        try:
            ask()
        except RateLimited:
            return doubtful(
                "wecom.limited",
                "企业微信要我们停一会，没有再问 / WeCom asked for a pause, so it was not asked",
                "过几分钟再查；一直这样就看日志 token.put_off、wecom.refused / look again in some minutes",
                self.about,
            )
        except TemporaryFailure as e:
            return failed(
                "wecom.app",
                f"没有得到回答 / no answer: {str(e).partition(' (')[0]}",  # behind it stand WeCom's own words
                "再查一次；一直这样就查网络和 WECOM_BOT_WECOM_BASE_URL"
                " / look again; then see the network and the base URL",
                self.about,
            )
        except Rejected as e:
            code = e.code or 0
            return self._of_kf(code) if of_kf and code in _OF_KF else self._rejected(code, codes.address_in(str(e)))
        return None

    def _of_kf(self, code: int) -> Finding:
        check, meaning = _OF_KF[code], codes.CODES[code][1]
        return failed(
            check,
            f"{code} {meaning} / the app may not call 微信客服, or not for this account",
            "管理后台“微信客服 → API”里，把这个应用加进“可调用接口的应用”，并勾选客服账号"
            " / in the console, 微信客服 → API, add the app to those that may call, and tick the accounts",
            self.about,
        )

    def _rejected(self, code: int, address: str) -> Finding:
        if code == codes.NOT_TRUSTED:
            return failed(
                "wecom.trusted_ip",
                f"60020：出口 IP {address or '?'} 不在应用的“企业可信IP”里 / our address {address} is not trusted",
                f"在管理后台把 {address or '出口 IP'} 加进这个应用的“企业可信IP”，约一分钟生效"
                f" / add {address or 'it'} to the app's trusted IPs; it takes about a minute",
                self.about,
            )
        if code in codes.WRONG_SECRET:
            return failed(
                "wecom.secret",
                f"{code}：企业 ID 或 Secret 不对 / the corp ID or the secret is wrong",
                "从应用详情重新复制 Secret，核对企业 ID，写进租户文件再 `wecom-bot tenants import`；"
                "别反复查，错多了出口 IP 会被封一小时"
                " / copy the secret again, import it; do not look again and again: WeCom bars an address for an hour",
                self.about,
            )
        if code in _WRONG_AGENT:
            return self._wrong_agent(code)
        return failed(
            "wecom.app",
            f"{code} {codes.CODES.get(code, (None, '未知错误码 / an unknown code'))[1]}",
            f"见 / see https://open.work.weixin.qq.com/devtool/query?e={code}",
            self.about,
        )

    def _wrong_agent(self, code: int) -> Finding:
        tell = doubtful if self.speaks_for_kf else failed
        return tell(
            "wecom.agent",
            f"{code}：AgentId 不属于这个 Secret / the AgentId is not that of this secret",
            "从应用详情复制 AgentId，写进租户文件；只做微信客服的可以不管"
            " / copy the AgentId from the app's page; where only 微信客服 is served it does not matter",
            self.about,
        )


def _of_accounts(client: WecomClient, accounts: Sequence[KfAccount], refusal: _Refusal) -> Iterator[Finding]:
    listed: list[kf_api.ListedAccount] = []
    refused = refusal.of(lambda: listed.extend(kf_api.accounts(client)), of_kf=True)
    if refused is not None:
        yield refused
        return
    known = {each.open_kfid: each for each in listed}
    for account in accounts:
        yield from _of_account(client, account, known.get(account.open_kfid), refusal)
    ours = {each.open_kfid for each in accounts}
    if others := [f"{each.name or '?'} {each.open_kfid}" for each in listed if each.open_kfid not in ours]:
        yield doubtful(
            "wecom.kf_others",
            "这些客服账号应用看得到、租户文件里没有，客户得不到回答 / not in the tenants' file:"
            f" {'; '.join(others[:10])}",
            "要机器人回答就写进 [[tenants.kf_accounts]]；别的应用或人工在管的可以不管"
            " / add them to [[tenants.kf_accounts]], unless others serve them",
            refusal.about,
        )


def _of_account(
    client: WecomClient, account: KfAccount, listed: kf_api.ListedAccount | None, refusal: _Refusal
) -> Iterator[Finding]:
    check, about = "wecom.kf_account", refusal.about
    if listed is None:
        yield failed(
            check,
            f"应用看不到客服账号 / the app does not see the account: {account.open_kfid}",
            "核对 open_kfid（wk 开头），并在“微信客服 → API”里把账号授权给这个应用"
            " / check the open_kfid, and give the app the account in 微信客服 → API",
            about,
        )
        return
    if not listed.manage_privilege:
        yield failed(
            check,
            f"应用没有这个客服账号的管理权限，收发不了消息 / it may not manage the account: {account.open_kfid}",
            "在“微信客服 → API”里给应用这个账号的管理权限 / give the app the right to manage it in 微信客服 → API",
            about,
        )
        return
    yield well(check, f"{listed.name} {account.open_kfid}", about)
    serving: list[kf_api.Listed] = []
    refused = refusal.of(lambda: serving.extend(kf_api.servicers(client, account.open_kfid)), of_kf=True)
    yield refused or _of_servicers(account, serving, about)


def _of_servicers(account: KfAccount, listed: Sequence[kf_api.Listed], about: str) -> Finding:
    check, strangers = "wecom.servicers", _strangers(account, listed)
    mend = (
        "在管理后台“微信客服”里给账号加接待人员并请他们处于“接待中”；核对租户文件里的 servicers"
        " / add servicers to the account in the console and let them receive; check `servicers` in the tenants' file"
    )
    if not listed:
        return doubtful(check, f"没有接待人员，转不了人工 / no servicer: {account.open_kfid}", mend, about)
    if strangers:
        return doubtful(
            check,
            f"租户文件里的接待人员不在账号里 / not among the account's servicers: {', '.join(strangers)}",
            mend,
            about,
        )
    now = bool(receivers(account.servicers, listed)) if account.servicers else anyone(listed)
    state = "有人在接待 / somebody receives" if now else "现在没有人在接待 / nobody receives now"
    return well(check, f"{account.open_kfid}: {len(listed)}，{state}", about)


def _strangers(account: KfAccount, listed: Sequence[kf_api.Listed]) -> list[str]:
    """Those whom the tenant names and the account has not; a department may hold anybody."""
    known = {each.userid.lower() for each in listed}
    return [] if "" in known else [each for each in account.servicers if each.lower() not in known]
