"""The kf/ calls that list: accounts, servicers, customers (WeCom pages 94661, 94645 and 95159)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from wecom_bot.simulators.wecom.caller import CallingApp


class _Page(BaseModel):
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 100


class _AskedCustomers(BaseModel):
    external_userid_list: Annotated[list[str], Field(min_length=1, max_length=100)]
    need_enter_session_context: Literal[0, 1] = 0


def list_accounts(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """The accounts that the app may call for."""
    page = _Page.model_validate(body)
    own = [account.spec for account in caller.corp.accounts.values() if account.app == caller.grant.app]
    shown = [
        {"open_kfid": spec.open_kfid, "name": spec.name, "avatar": spec.avatar, "manage_privilege": spec.managed}
        for spec in own[page.offset : page.offset + page.limit]
    ]
    return {"account_list": shown}


def list_servicers(caller: CallingApp, query: dict[str, Any]) -> dict[str, Any]:
    """The account's servicers; here 0 is receiving and 1 is not, unlike in the event that tells of a change."""
    account = caller.account(query.get("open_kfid", ""))
    listed = [
        {"userid": userid, "status": 0} if stopped is None else {"userid": userid, "status": 1, "stop_type": stopped}
        for userid, stopped in account.stopped.items()
    ]
    return {"servicer_list": listed}


def get_customers(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Who these WeChat users are; whom the corp never met comes back as invalid."""
    request = _AskedCustomers.model_validate(body)
    known = caller.corp.customers
    wanted = list(dict.fromkeys(request.external_userid_list))
    with_entrance = request.need_enter_session_context == 1
    shown = [known[one].shown(caller.now, with_entrance=with_entrance) for one in wanted if one in known]
    return {"customer_list": shown, "invalid_external_userid": [one for one in wanted if one not in known]}
