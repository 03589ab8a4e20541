"""Drives a simulated Coze over its control API; for tests, demo and benchmarks. Threads may share one."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from wecom_bot.simulators.coze.paths import Path
from wecom_bot.simulators.coze.schema import (
    AskedCall,
    BotAnswer,
    BotSpec,
    CozeFault,
    Form,
    Gateway,
    PathCalls,
    Plot,
    Prediction,
    ProjectSpec,
    Talk,
    TokenSpec,
    Upload,
    WorkflowSpec,
)
from wecom_bot.simulators.wire import ControlWire

Answers = Iterable[BotAnswer | Mapping[str, Any]]
Predictions = Iterable[Prediction | Mapping[str, Any]]


class CozeSimulatorClient:
    """Says what the simulated Coze answers, and tells what it was asked. Every call may raise InvalidInput."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        wire = ControlWire(self.base_url)
        self._tell, self._ask, self.close = wire.tell, wire.ask, wire.close

    def add_token(self, token: str, name: str = "", allows: Iterable[str] = ()) -> None:
        """Believe a token, for these bots, workflows and projects or all; `requests` calls it `name`."""
        self._tell("add_token", TokenSpec(token=token, name=name, allows=tuple(allows)))

    def expire_tokens(self, token: str = "") -> None:
        """The life of a token, or of all so far, is over."""
        self._tell("expire_tokens", {"token": token})

    def add_bot(
        self,
        bot_id: str,
        answers: Answers = (),
        *,
        follow_ups: Iterable[str] = (),
        published: bool = True,
        seconds: float = 0.0,
    ) -> None:
        """Add or replace a bot; see `BotAnswer` for the rules, of which the first that holds is taken."""
        rules = tuple(BotAnswer.model_validate(answer) for answer in answers)
        follow_ups = tuple(follow_ups)
        self._tell(
            "add_bot",
            BotSpec(bot_id=bot_id, answers=rules, follow_ups=follow_ups, published=published, seconds=seconds),
        )

    def add_workflow(
        self,
        workflow_id: str,
        form: Form = "variables",
        predictions: Predictions = (),
        *,
        query: str = "query",
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
        labels: Iterable[str] = (),
        published: bool = True,
        seconds: float = 0.0,
    ) -> None:
        """Add or replace a workflow, which answers in that form; see `Prediction` for the rules."""
        rules = tuple(Prediction.model_validate(prediction) for prediction in predictions)
        spec = WorkflowSpec(
            workflow_id=workflow_id,
            form=form,
            predictions=rules,
            query=query,
            inputs={name: dict(shape) for name, shape in (inputs or {}).items()},
            labels=tuple(labels),
            published=published,
            seconds=seconds,
        )
        self._tell("add_workflow", spec)

    def add_project(self, project_key: str, predictions: Predictions = (), *, seconds: float = 0.0) -> None:
        """Add or replace a project of the intent service, which is not there before the first one."""
        rules = tuple(Prediction.model_validate(prediction) for prediction in predictions)
        self._tell("add_project", ProjectSpec(project_key=project_key, predictions=rules, seconds=seconds))

    def conversations(self, bot_id: str = "") -> list[Talk]:
        """What is remembered, oldest conversation first."""
        return self._ask(list[Talk], "GET", "conversations", {"bot_id": bot_id})

    def forget_conversations(self, bot_id: str = "") -> None:
        """Every conversation so far gets 4002, of a bot or of all."""
        self._tell("forget_conversations", {"bot_id": bot_id})

    def uploads(self) -> list[Upload]:
        """The files that were uploaded, oldest first."""
        return self._ask(list[Upload], "GET", "uploads", {})

    def fault(
        self,
        path: Path | Literal["*"],
        kind: Gateway | Plot,
        value: float = 0,
        *,
        of: str = "",
        times: int | None = None,
        lasting: timedelta | None = None,
    ) -> None:
        """Trouble for the next calls of a path; see `CozeFault`. For one call, unless `times` or `lasting` is given."""
        seconds = None if lasting is None else lasting.total_seconds()
        self._tell("fault", CozeFault(path=path, kind=kind, value=value, of=of, times=times, for_seconds=seconds))

    def clear_faults(self) -> None:
        """No more trouble; calls that hang are broken off."""
        self._tell("clear_faults", {})

    def call_counts(self) -> list[PathCalls]:
        """How often each path was called, by what it was about and outcome."""
        return self._ask(list[PathCalls], "GET", "calls", {})

    def calls(self, path: Path, outcome: str | None = None, of: str | None = None) -> int:
        """How often one path was called, in all or with one outcome, or about one bot, workflow or project."""
        return sum(
            one.count
            for one in self.call_counts()
            if one.path == path and outcome in {None, one.outcome} and of in {None, one.of}
        )

    def requests(self, path: Path | None = None) -> list[AskedCall]:
        """The last 2000 calls, or those of them that asked for one path, oldest first."""
        return self._ask(list[AskedCall], "GET", "requests", {"path": path or ""})

    def reset(self) -> None:
        """Forget everything: tokens, bots, faults, conversations, calls."""
        self._tell("reset", {})
