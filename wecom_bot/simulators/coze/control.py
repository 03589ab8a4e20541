"""What can be done to the simulated Coze over its control API."""

from dataclasses import dataclass

from flask import Blueprint

from wecom_bot.simulators import deeds
from wecom_bot.simulators.coze import schema, tokens
from wecom_bot.simulators.coze.faults import Faults
from wecom_bot.simulators.coze.world import Token, World


@dataclass(frozen=True, slots=True)
class Control:
    """The deeds."""

    world: World
    faults: Faults

    def add_token(self, spec: schema.TokenSpec) -> None:
        with self.world.lock:
            self.world.tokens[spec.token] = Token(spec)

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

    def uploads(self, _query: schema.Nothing) -> list[schema.Upload]:
        with self.world.lock:
            return list(self.world.uploads.values())

    def fault(self, fault: schema.Fault) -> None:
        self.faults.add(fault)

    def clear_faults(self, _order: schema.Nothing) -> None:
        self.faults.clear()

    def calls(self, _query: schema.Nothing) -> list[schema.CallCount]:
        with self.world.lock:
            return self.world.call_counts()

    def requests(self, query: schema.OfPath) -> list[schema.Asked]:
        with self.world.lock:
            return [asked for asked in self.world.asked if query.path in {"", asked.path}]

    def reset(self, _order: schema.Nothing) -> None:
        self.world.reset()
        self.faults.clear()


DEEDS: dict[str, deeds.Deed] = {
    "add_token": ("POST", schema.TokenSpec, Control.add_token),
    "expire_tokens": ("POST", schema.OfToken, Control.expire_tokens),
    "add_bot": ("POST", schema.BotSpec, Control.add_bot),
    "add_workflow": ("POST", schema.WorkflowSpec, Control.add_workflow),
    "add_project": ("POST", schema.ProjectSpec, Control.add_project),
    "conversations": ("GET", schema.OfBot, Control.conversations),
    "forget_conversations": ("POST", schema.OfBot, Control.forget_conversations),
    "uploads": ("GET", schema.Nothing, Control.uploads),
    "fault": ("POST", schema.Fault, Control.fault),
    "clear_faults": ("POST", schema.Nothing, Control.clear_faults),
    "calls": ("GET", schema.Nothing, Control.calls),
    "requests": ("GET", schema.OfPath, Control.requests),
    "reset": ("POST", schema.Nothing, Control.reset),
}


def blueprint(world: World, faults: Faults) -> Blueprint:
    """The control of this world and its faults."""
    return deeds.blueprint(Control(world, faults), DEEDS)
