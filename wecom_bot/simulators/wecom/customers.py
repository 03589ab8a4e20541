"""A WeChat user as a corp knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wecom_bot.simulators.wecom.conversation import WINDOW


@dataclass(slots=True)
class SimulatedCustomer:
    """`entrance` is the last way into a conversation, as enter_session told it, and `entered_at` its stamp."""

    external_userid: str
    nickname: str = "微信用户"
    avatar: str = ""
    gender: int = 0
    unionid: str = ""
    entrance: Mapping[str, Any] | None = None
    entered_at: float = 0.0

    def become(self, profile: Mapping[str, Any]) -> None:
        """Take what the profile names of nickname, avatar, gender and unionid."""
        self.nickname = profile.get("nickname", self.nickname)
        self.avatar = profile.get("avatar", self.avatar)
        self.gender = profile.get("gender", self.gender)
        self.unionid = profile.get("unionid", self.unionid)

    def enters(self, now: float, entrance: Mapping[str, Any]) -> None:
        """Remember the way in."""
        self.entered_at, self.entrance = now, entrance

    def shown(self, now: float, *, with_entrance: bool) -> dict[str, Any]:
        """As kf/customer/batchget gives it; an entrance is told for 48 hours."""
        fields: dict[str, Any] = {"external_userid": self.external_userid, "nickname": self.nickname}
        fields |= {"avatar": self.avatar, "gender": self.gender}
        if self.unionid:
            fields["unionid"] = self.unionid
        if with_entrance and self.entrance is not None and now - self.entered_at <= WINDOW:
            fields["enter_session_context"] = dict(self.entrance)
        return fields
