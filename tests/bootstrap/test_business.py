"""The tenants' own databases, as a worker has them: watched like its other neighbours."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes import FixedTenants, no_limit, tenant
from tests.fixtures.ports import free_port
from wecom_bot.bootstrap.business import watched_queries
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.domain.business import QuerySpec
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import TenantSecrets
from wecom_bot.errors import TemporaryFailure
from wecom_bot.settings import load

ACME = CorpId("ww_acme")
STOCK = QuerySpec(name="stock", sql="SELECT pieces FROM stock", template="{{ pieces }}", public=True)


def test_a_database_that_is_away_shows_in_the_metrics_and_in_the_condition_of_the_worker(tmp_path: Path) -> None:
    tenants, neighbours = FixedTenants.of(tenant(ACME)), Neighbours(no_limit)
    dsn = f"mysql+pymysql://u:p4ss@127.0.0.1:{free_port()}/shop"
    tenants.tokens[ACME] = TenantSecrets(business_dsn=SecretStr(dsn))
    queries = watched_queries(load(None, data=tmp_path), tenants, neighbours)
    for _ in range(3):
        with pytest.raises(TemporaryFailure):
            queries.run(tenants.get(ACME), STOCK, {})
    assert neighbours.usages["business"]() == (0, 4, 0, 3)
    (circuit,) = neighbours.breaker.states()
    assert (circuit.neighbour, circuit.part, circuit.name.split()[0]) == ("business", "host", ACME)
    assert "p4ss" not in str(neighbours.condition())
    del tenants.tenants[ACME]
    for _, chore in neighbours.errands():
        chore()
    assert neighbours.usages["business"]() == (0, 0, 0, 3)
