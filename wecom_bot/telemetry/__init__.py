"""Logs, trace ids, metrics and the crash points of tests: what every floor may use."""
