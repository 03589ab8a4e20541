"""Fixtures for the recorded pages of kf/sync_msg."""

from tests.fixtures.scripted_wecom import caller, valkey, wecom

__all__ = ["caller", "valkey", "wecom"]
