"""Fixtures that every test may use; the servers stand in tests/fixtures/."""

pytest_plugins = ["tests.fixtures.redis_servers", "tests.fixtures.sql_servers"]
