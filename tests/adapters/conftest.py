"""Fixtures for what calls WeCom."""

from tests.fixtures.scripted_wecom import caller, valkey, wecom

__all__ = ["caller", "valkey", "wecom"]
