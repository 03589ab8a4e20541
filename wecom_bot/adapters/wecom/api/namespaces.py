"""wechatpy's namespaces, over our own client: `.user.get(...)`, `.media.upload(...)`, for what is seldom called.

wechatpy 2.0.0a26 retries a refused token without end, fetches tokens without a timeout and once for every caller, files
them under a piece of the secret, and reads its media from a fixed host. All of that is replaced here; what is left of
it is what each namespace knows about paths and bodies.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol

from wechatpy.work import WeChatClient
from wechatpy.work.client.api import WeChatMedia

from wecom_bot.adapters.sharing import TokenKey
from wecom_bot.adapters.wecom.api.wire import Body
from wecom_bot.outbound.form import form


class Caller(Protocol):
    """What they speak through: WecomClient."""

    key: TokenKey

    @property
    def access_token(self) -> str:
        """The app's token."""

    def call(
        self,
        api: str,
        data: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        body: Body | None = None,
        file: bool = False,
    ) -> Any:  # noqa: ANN401 - the JSON of each API
        """What the API answers."""


class MediaCalls(WeChatMedia):  # type: ignore[misc]  # wechatpy has no types
    """Files, from the host that is set, within the deadline, and with no URL that holds a token."""

    def download(self, media_id: str) -> bytes:
        found: bytes = self._client.get("media/get", params={"media_id": media_id}, file=True)
        return found

    def get_url(self, media_id: str) -> NoReturn:
        raise NotImplementedError(f"a URL for {media_id} would hold the access token: use download")

    get_jssdk_url = get_url


class Namespaces(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """All that wechatpy knows of WeCom's API. Raises what WecomClient raises."""

    media = MediaCalls()

    def __init__(self, caller: Caller) -> None:
        # no secret: wechatpy would file the token under its first ten characters
        super().__init__(caller.key.corp_id, secret="", auto_retry=False)
        self._http = None  # whatever of wechatpy still went past us would fail at once
        self._caller = caller

    @property
    def access_token(self) -> str:
        # AttributeError while wechatpy's __new__ looks at every attribute, which it takes for "none"
        return self._caller.access_token

    def fetch_access_token(self) -> None:
        _ = self.access_token

    def _request(
        self,
        method: str,
        url_or_endpoint: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        result_processor: Callable[[Any], Any] | None = None,
        file: bool = False,
    ) -> Any:  # noqa: ANN401 - as wechatpy has it
        body = None
        if files:
            data, body = None, Body(*form(files))
        elif data is None and method == "post":
            body = Body(b"")
        found = self._caller.call(url_or_endpoint, data, params, body=body, file=file)
        return result_processor(found) if result_processor and isinstance(found, dict) else found
