"""Polling: look at every kf account now and then; a notification that never came would otherwise be silence."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wecom_bot.domain.job import PullMessages
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InboxFull, TemporaryFailure
from wecom_bot.ports import Clock, Mailroom, PullPlaces, Records, Tenants
from wecom_bot.telemetry import logs, metrics, trace

log = logs.get(__name__)

AT_START = timedelta(seconds=1)
"""Processes that start together look once. No longer: a restart must look although the start before it did."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Ask for a pull of all accounts of all active tenants, once in `every` whichever process comes first.

    Also at the start of a process, however short ago the last one was: while nothing ran, notifications were lost.
    Then only accounts that were pulled before: one that is just being set up is better left alone for a while, for
    WeCom counts wrong secrets.
    Without a notification's token WeCom limits sync_msg strictly (page 94670), so `every` should be a minute or more.
    """

    tenants: Tenants
    inbox: Mailroom
    places: PullPlaces
    records: Records
    clock: Clock
    every: timedelta
    started_at: datetime
    _looked_at: set[CorpId] = field(default_factory=set)

    def __call__(self) -> None:
        """Raises TemporaryFailure when the inbox is away; what was asked for before that stays asked for."""
        for tenant in self.tenants.all():
            if tenant.active and tenant.kf_accounts and self._is_due(tenant):
                self._ask(tenant)
        metrics.SWEEP_AGE.set(self.clock.now().timestamp())

    def _is_due(self, tenant: Tenant) -> bool:
        if tenant.corp_id not in self._looked_at:
            due = self.places.turn_to_sweep(tenant.corp_id, AT_START, "start")
            self._looked_at.add(tenant.corp_id)
            return due
        # at most one unasked call a second for a tenant, however many accounts it has
        every = max(self.every, timedelta(seconds=len(tenant.kf_accounts)))
        return self.places.turn_to_sweep(tenant.corp_id, every)

    def _ask(self, tenant: Tenant) -> None:
        now, trace_id = self.clock.now(), trace.new()
        new_ones_too = now - self.started_at >= self.every
        jobs = [
            PullMessages(tenant.corp_id, account.app, account.open_kfid, "", now, trace_id)
            for account in tenant.kf_accounts
            if new_ones_too or self._pulled_before(tenant.corp_id, account.open_kfid)
        ]
        try:
            self.inbox.put(tenant.corp_id, jobs)
        except InboxFull as e:
            # it has enough to do, and the next sweep comes
            log.warning("sweep.skipped", corp_id=tenant.corp_id, error=str(e))

    def _pulled_before(self, corp_id: CorpId, account: str) -> bool:
        """As the inbox knows; after its loss, or a restore, the record does."""
        if self.places.cursor(corp_id, account):
            return True
        try:
            return self.records.cursor(corp_id, account) is not None
        except TemporaryFailure:  # then with the next sweep
            return False
