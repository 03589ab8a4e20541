"""What is recognised in a text: by a workflow, or by the tenant's own intent service."""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from wecom_bot.simulators.coze import ids, replies
from wecom_bot.simulators.coze.asking import Id
from wecom_bot.simulators.coze.refusals import CozeRefusal, ForeignError, new_logid
from wecom_bot.simulators.coze.schema import Form, WorkflowSpec
from wecom_bot.simulators.coze.world import CozeWorld


class RunRequest(BaseModel):
    """The body of /v1/workflow/run; `parameters` may come as JSON text."""

    workflow_id: Id
    parameters: dict[str, Any] | str = {}
    bot_id: Id = ""
    app_id: Id = ""
    is_async: bool = False


class PredictRequest(BaseModel):
    """The body of /v1/nlu/predict."""

    q: str
    project_key: str
    topk: int | None = Field(None, ge=1)


def run(world: CozeWorld, asked: RunRequest) -> tuple[dict[str, Any], float]:
    """The answer of a run, and how many seconds it takes. Raises CozeRefusal."""
    spec = _published(world, asked.workflow_id)
    if asked.bot_id and asked.app_id:
        raise CozeRefusal(4000, "bot_id and app_id must not be given together")
    if asked.is_async:
        raise CozeRefusal(6003)
    variables = _variables(asked.parameters)
    needed = [name for name, each in _declared(spec).items() if each["required"] and not each["default_value"]]
    if missing := [name for name in needed if name not in variables]:
        raise CozeRefusal(4000, f"Missing required parameters: {', '.join(missing)}")
    said = variables[spec.query]
    found = replies.understood(replies.chosen(spec.predictions, said, variables), variables.get("topk"))
    return _envelope(spec, said, shaped(spec.form, found, spec.labels)), spec.seconds


def show(world: CozeWorld, workflow_id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The `data` about a workflow; what it takes and gives only where that is asked for. Raises CozeRefusal."""
    spec = _published(world, workflow_id)
    detail = {"workflow_id": spec.workflow_id, "workflow_name": "", "description": ""}
    if query.get("include_input_output") != "true":
        return {"workflow_detail": detail}
    given = {"intents": {"type": "array"}, "slots": {"type": "object"}}
    output = {"terminate_plan": "return_variables", "parameters": given, "content": ""}
    return {"workflow_detail": detail, "input": {"parameters": _declared(spec)}, "output": output}


def _declared(spec: WorkflowSpec) -> dict[str, dict[str, Any]]:
    """All that the start node takes."""
    usual = {"type": "string", "required": False, "default_value": ""}
    return {name: usual | shape for name, shape in ({spec.query: {"required": True}} | spec.inputs).items()}


def _published(world: CozeWorld, workflow_id: str) -> WorkflowSpec:
    spec = world.workflows.get(workflow_id)
    if spec is None or not spec.published:
        raise CozeRefusal(4200, f"Workflow {workflow_id} does not exist or is not published")
    return spec


def _variables(parameters: dict[str, Any] | str) -> Mapping[str, str]:
    try:
        given = json.loads(parameters) if isinstance(parameters, str) else parameters
    except ValueError as e:
        raise CozeRefusal(4000, "parameters: not JSON") from e
    if not isinstance(given, dict):
        raise CozeRefusal(4000, "parameters: not an object")
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in given.items()
    }


def _envelope(spec: WorkflowSpec, said: str, data: object) -> dict[str, Any]:
    execute_id, output = ids.new(), len(json.dumps(data))
    link = f"https://www.coze.cn/work_flow?execute_id={execute_id}&space_id=1&workflow_id={spec.workflow_id}"
    return {
        "code": 0,
        "msg": "",
        "data": data,
        "execute_id": execute_id,
        "debug_url": link,
        "token": secrets.randbelow(100),
        "cost": "0",
        "usage": {"input_count": len(said), "output_count": output, "token_count": len(said) + output},
        "detail": {"logid": new_logid()},
    }


def shaped(form: Form, found: dict[str, Any], labels: tuple[str, ...]) -> object:
    """What was found, as an end node of that form says it: text, except for "object"."""
    if form == "object":
        return found
    return _FORMS[form](found, labels)


def _json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False)


def _first(found: dict[str, Any]) -> str:
    return str(found["intents"][0]["name"]) if found["intents"] else ""


def _classified(found: dict[str, Any], labels: tuple[str, ...]) -> str:
    """As an intent node says it: its number from 1, or 0."""
    number = labels.index(_first(found)) + 1 if _first(found) in labels else 0
    return _json({"classificationId": number, "reason": ""})


def _in_text(found: dict[str, Any], _labels: tuple[str, ...]) -> str:
    return _json({"content_type": 1, "data": _json(found), "original_result": None, "type_for_model": 2})


_Shaped = Callable[[dict[str, Any], tuple[str, ...]], str]
_FORMS: dict[Literal["variables", "text", "plain", "classification", "fenced", "output"], _Shaped] = {
    "variables": lambda found, _: _json(found),
    "text": _in_text,
    "plain": lambda found, _: _first(found),
    "classification": _classified,
    "fenced": lambda found, _: f"好的，识别结果如下：\n```json\n{_json(found)}\n```\n",
    "output": lambda found, _: _json({"output": _json(found)}),
}


def predict(world: CozeWorld, asked: PredictRequest) -> tuple[dict[str, Any], float]:
    """The article's contract: intents, and slots where there are any. Raises ForeignError."""
    spec = world.projects.get(asked.project_key)
    if spec is None:
        raise ForeignError(404, {"error": "no such project"})
    found = replies.understood(replies.chosen(spec.predictions, asked.q, {}), asked.topk)
    shown = {"intents": found["intents"]}
    return shown | ({"slots": found["slots"]} if found["slots"] else {}), spec.seconds
