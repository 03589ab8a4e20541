"""What can be done to the simulated Coze over its control API."""

from dataclasses import dataclass

from flask import Blueprint

from wecom_bot.simulators import actions
from wecom_bot.simulators.coze import schema, tokens
from wecom_bot.simulators.coze.faults import CozeFaults
from wecom_bot.simulators.coze.world import CozeToken, CozeWorld


@dataclass(frozen=True, slots=True)
class CozeControl:
    """The actions."""

    world: CozeWorld
    faults: CozeFaults

    def add_token(self, spec: schema.TokenSpec) -> None:
        with self.world.lock:
            self.world.tokens[spec.token] = CozeToken(spec)

    def expire_tokens(self, order: schema.OfToken) -> None:
        with self.world.lock:
            tokens.expire(self.world, order.token)

    def add_bot(self, spec: schema.BotSpec) -> None:
        with self.world.lock:
            self.world.bots[spec.bot_id] = spec

    def add_workflow(self, spec: schema.WorkflowSpec) -> None:
        with self.world.lock:
            self.world.workflows[spec.workflow_id] = spec

    def add_project(self, spec: schema.ProjectSpec) -> None:
        with self.world.lock:
            self.world.projects[spec.project_key] = spec

    def conversations(self, query: schema.OfBot) -> list[schema.Talk]:
        with self.world.lock:
            return [talk.shown() for talk in self.world.conversations.values() if query.bot_id in {"", talk.bot_id}]

    def forget_conversations(self, order: schema.OfBot) -> None:
        with self.world.lock:
            known = self.world.conversations
            self.world.conversations = {
                key: talk for key, talk in known.items() if order.bot_id not in {"", talk.bot_id}
            }

    def uploads(self, _query: schema.CozeNothing) -> list[schema.Upload]:
        with self.world.lock:
            return list(self.world.uploads.values())

    def fault(self, fault: schema.CozeFault) -> None:
        self.faults.add(fault)

    def clear_faults(self, _order: schema.CozeNothing) -> None:
        self.faults.clear()

    def calls(self, _query: schema.CozeNothing) -> list[schema.PathCalls]:
        with self.world.lock:
            return self.world.call_counts()

    def requests(self, query: schema.OfPath) -> list[schema.AskedCall]:
        with self.world.lock:
            return [asked for asked in self.world.asked if query.path in {"", asked.path}]

    def reset(self, _order: schema.CozeNothing) -> None:
        self.world.reset()
        self.faults.clear()


ACTIONS: dict[str, actions.Action] = {
    "add_token": ("POST", schema.TokenSpec, CozeControl.add_token),
    "expire_tokens": ("POST", schema.OfToken, CozeControl.expire_tokens),
    "add_bot": ("POST", schema.BotSpec, CozeControl.add_bot),
    "add_workflow": ("POST", schema.WorkflowSpec, CozeControl.add_workflow),
    "add_project": ("POST", schema.ProjectSpec, CozeControl.add_project),
    "conversations": ("GET", schema.OfBot, CozeControl.conversations),
    "forget_conversations": ("POST", schema.OfBot, CozeControl.forget_conversations),
    "uploads": ("GET", schema.CozeNothing, CozeControl.uploads),
    "fault": ("POST", schema.CozeFault, CozeControl.fault),
    "clear_faults": ("POST", schema.CozeNothing, CozeControl.clear_faults),
    "calls": ("GET", schema.CozeNothing, CozeControl.calls),
    "requests": ("GET", schema.OfPath, CozeControl.requests),
    "reset": ("POST", schema.CozeNothing, CozeControl.reset),
}


def blueprint(world: CozeWorld, faults: CozeFaults) -> Blueprint:
    """The control of this world and its faults."""
    return actions.blueprint(CozeControl(world, faults), ACTIONS)
