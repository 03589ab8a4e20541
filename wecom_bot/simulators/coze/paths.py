"""The paths that the API has."""

from typing import Literal

Path = Literal[
    "/v3/chat",
    "/v3/chat/retrieve",
    "/v3/chat/message/list",
    "/v3/chat/cancel",
    "/v1/conversation/message/list",
    "/v1/conversation/message/delete",
    "/v1/workflow/run",
    "/v1/workflows",
    "/v1/files/upload",
    "/v1/audio/transcriptions",
    "/v1/bots",
    "/v1/nlu/predict",
    "/api/permission/oauth2/token",
]
