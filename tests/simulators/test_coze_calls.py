"""Who may call the simulated Coze; its workflows, its intent service and its OAuth tokens."""

import base64
import json
import time
import uuid
from typing import Any

import pytest
import requests

from tests.fixtures.simulated_coze import BOT, CHAT, PROJECT, TOKEN, WORKFLOW, Api, names
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.schema import FORMS, Form

RUN = "/v1/workflow/run"
PREDICT = "/v1/nlu/predict"
TOKENS = "/api/permission/oauth2/token"
REFUND = {"intents": [{"name": "refund", "score": 0.93}], "slots": {"order_id": "20250001"}}


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def run(api: Api, query: str, **parameters: object) -> dict[str, Any]:
    return api.post(RUN, workflow_id=WORKFLOW, parameters={"query": query} | parameters)


@pytest.mark.parametrize("token", ["", "pat_made_up"])
def test_chat_refuses_on_http_200_and_everything_else_on_401(coze: CozeSimulatorClient, token: str) -> None:
    stranger = Api(coze.base_url, token)

    chat = stranger.start("你好")
    others = [
        stranger.raw("/v3/chat/retrieve", method="GET", conversation_id="1", chat_id="2"),
        stranger.raw("/v3/chat/message/list", method="GET", conversation_id="1", chat_id="2"),
        stranger.raw("/v3/chat/cancel", {"conversation_id": "1", "chat_id": "2"}),
        stranger.raw(RUN, {"workflow_id": WORKFLOW, "parameters": {"query": "x"}}),
        stranger.raw(f"/v1/bots/{BOT}", method="GET"),
    ]

    assert (chat.status_code, chat.json()["code"]) == (200, 4101)
    assert {(answer.status_code, answer.json()["code"]) for answer in others} == {(401, 700012006)}
    assert all(answer.headers["X-Tt-Logid"] for answer in others)


def test_a_bot_that_is_not_there_hides_a_wrong_token(coze: CozeSimulatorClient) -> None:
    answer = Api(coze.base_url, "pat_made_up").start("你好", bot_id="1").json()

    assert answer["code"] == 4200
    assert answer["msg"] == "Requested resource bot_id=1 does not exist"


def test_a_token_may_be_for_some_things_alone(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_token("pat_chat", allows=[BOT])
    limited = Api(coze.base_url, "pat_chat")

    assert names(limited.chat("你好"))[-1] == "done"
    assert run(limited, "退货")["code"] == 4101
    assert limited.raw(PREDICT, {"q": "x", "project_key": PROJECT}).status_code == 403
    assert run(api, "退货")["code"] == 0


def test_tokens_end_on_demand(coze: CozeSimulatorClient, api: Api) -> None:
    coze.expire_tokens(TOKEN)

    assert api.start("你好").json()["code"] == 4100
    assert run(api, "退货")["code"] == 700012006
    assert api.raw(PREDICT, {"q": "x", "project_key": PROJECT}).status_code == 401


def test_an_unknown_path_is_404_and_4000(api: Api) -> None:
    answer = api.raw("/v3/conversation/message/clear_context", {})

    assert answer.status_code == 404
    assert answer.json()["code"] == 4000
    expected = "The requested API endpoint POST /v3/conversation/message/clear_context does not exist"
    assert answer.json()["msg"] == expected
    assert api.raw(CHAT, method="GET").status_code == 404


def test_a_workflow_answers_in_a_text_that_holds_json(api: Api) -> None:
    answer = run(api, "我要退货")

    assert answer["code"] == 0
    assert isinstance(answer["data"], str)
    assert json.loads(answer["data"]) == REFUND
    assert len(answer["execute_id"]) == 19
    assert json.loads(run(api, "你好")["data"]) == {"intents": [], "slots": {}}


def shapes() -> dict[Form, object]:
    text = json.dumps(REFUND, ensure_ascii=False)
    return {
        "variables": text,
        "text": json.dumps({"content_type": 1, "data": text, "original_result": None, "type_for_model": 2}),
        "plain": "refund",
        "classification": '{"classificationId": 2, "reason": ""}',
        "fenced": f"好的，识别结果如下：\n```json\n{text}\n```\n",
        "output": json.dumps({"output": text}),
        "object": REFUND,
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_workflow_answers_in_the_form_it_is_given(coze: CozeSimulatorClient, api: Api, form: Form) -> None:
    coze.add_workflow(WORKFLOW, form, [{"match": "退", **REFUND}], labels=["shipping", "refund"])

    assert run(api, "退货")["data"] == shapes()[form]


def test_a_workflow_may_look_at_its_other_parameters(coze: CozeSimulatorClient, api: Api) -> None:
    many = [{"name": "a", "score": 0.2}, {"name": "b", "score": 0.9}, {"name": "c", "score": 0.5}]
    coze.add_workflow(
        WORKFLOW, predictions=[{"given": {"context": '"intent": "order"'}, **REFUND}, {"intents": many}], query="input"
    )

    known = api.post(RUN, workflow_id=WORKFLOW, parameters={"input": "20250001", "context": {"intent": "order"}})
    other = api.post(RUN, workflow_id=WORKFLOW, parameters=json.dumps({"input": "x", "topk": 2}))

    assert json.loads(known["data"]) == REFUND
    assert [intent["name"] for intent in json.loads(other["data"])["intents"]] == ["b", "c"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"workflow_id": "7379462189365190002"}, 4200),
        ({"workflow_id": None}, 4000),
        ({"parameters": {"text": "x"}}, 4000),
        ({"parameters": "not json"}, 4000),
        ({"bot_id": BOT, "app_id": "1"}, 4000),
        ({"is_async": True}, 6003),
    ],
)
def test_runs_that_the_cloud_refuses(api: Api, changes: dict[str, object], code: int) -> None:
    answer = api.raw(RUN, {"workflow_id": WORKFLOW, "parameters": {"query": "x"}} | changes)

    assert (answer.status_code, answer.json()["code"]) == (200, code)


def test_the_intent_service_keeps_the_articles_contract(api: Api) -> None:
    assert api.post(PREDICT, q="我要退货", project_key=PROJECT, topk=3) == REFUND
    assert api.post(PREDICT, q="你好", project_key=PROJECT) == {"intents": []}
    assert api.raw(PREDICT, {"q": "x", "project_key": "other"}).status_code == 404
    assert api.raw(PREDICT, {"query": "x", "project_key": PROJECT}).status_code == 400


def test_there_is_no_intent_service_at_coze_itself(coze: CozeSimulatorClient, api: Api) -> None:
    coze.reset()

    answer = api.raw(PREDICT, {"q": "x", "project_key": PROJECT})

    assert (answer.status_code, answer.json()["code"]) == (404, 4000)


def jwt(**changes: object) -> str:
    now = int(time.time())
    claims: dict[str, object] = {"iss": "app1", "aud": "api.coze.cn", "iat": now, "exp": now + 600}
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "k1"}, claims | {"jti": uuid.uuid4().hex} | changes)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


def ask_token(coze: CozeSimulatorClient, assertion: str, **changes: object) -> requests.Response:
    body = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "duration_seconds": 86399} | changes
    return Api(coze.base_url, assertion).raw(TOKENS, body)


def test_a_jwt_is_changed_for_a_token_with_the_moment_of_its_end(coze: CozeSimulatorClient) -> None:
    before = int(time.time())

    answer = ask_token(coze, jwt()).json()

    assert answer["access_token"].startswith("czs_")
    assert before + 86399 <= answer["expires_in"] <= time.time() + 86399
    assert names(Api(coze.base_url, answer["access_token"]).chat("你好"))[-1] == "done"


def test_a_jwt_works_once_and_must_be_whole(coze: CozeSimulatorClient) -> None:
    once = jwt()
    assert ask_token(coze, once).status_code == 200

    used = ask_token(coze, once)
    over = ask_token(coze, jwt(exp=1, iat=0))
    wrong = ask_token(coze, jwt(aud="https://api.coze.cn"))
    other = ask_token(coze, jwt(), grant_type="password")

    refused = [(answer.status_code, answer.json()["error_code"]) for answer in (used, over, wrong, other)]
    assert refused == [
        (400, "invalid_request"),
        (401, "invalid_client"),
        (401, "invalid_client"),
        (400, "unsupported_grant_type"),
    ]
    assert "code" not in used.json()


def test_a_workflow_says_what_it_takes_where_that_is_asked(coze: CozeSimulatorClient, api: Api) -> None:
    path = f"/v1/workflows/{WORKFLOW}"
    coze.add_workflow(WORKFLOW, query="words", inputs={"topk": {"type": "integer"}, "shop": {"required": True}})

    shown = api.get(path, include_input_output="true")["data"]

    assert shown["input"]["parameters"] == {
        "words": {"type": "string", "required": True, "default_value": ""},
        "topk": {"type": "integer", "required": False, "default_value": ""},
        "shop": {"type": "string", "required": True, "default_value": ""},
    }
    assert shown["output"]["terminate_plan"] == "return_variables"
    assert "input" not in api.get(path)["data"]
    assert api.get("/v1/workflows/7379462189365190009")["code"] == 4200
    lacking = api.post(RUN, workflow_id=WORKFLOW, parameters={"words": "x"})
    assert (lacking["code"], lacking["msg"]) == (4000, "Missing required parameters: shop")


def test_a_workflow_that_is_not_published_is_not_there(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_workflow(WORKFLOW, published=False)
    assert api.get(f"/v1/workflows/{WORKFLOW}")["code"] == 4200
