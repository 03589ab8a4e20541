"""What is promised of every verb: who may, on whose tenants, what is noted of it, and what nobody learns."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fixtures import actors
from tests.fixtures.actors import OPERATOR, OWNER, READER, SYSTEM
from tests.service.operation.floor import (
    ACME,
    EXAMPLES,
    GLOBEX,
    NOBODY,
    PHONE,
    SECRETS,
    Example,
    furnish,
    furnished,
)
from wecom_bot.errors import NotPermitted, Unknown
from wecom_bot.service.operation.actor import Actor, Right, Role
from wecom_bot.service.operation.operation import Operation

VERBS = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
ON_ONE = {name: example for name, example in EXAMPLES.items() if example.one}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floor")
    furnish(folder)
    return folder


@pytest.fixture
def do(template: Path, tmp_path: Path) -> Iterator[Operation]:
    with furnished(template, tmp_path / "data") as verbs:
        yield verbs


def test_every_verb_has_its_example() -> None:
    assert list(EXAMPLES) == [field.name for field in fields(Operation)]


@VERBS
@pytest.mark.parametrize("actor", [OWNER, OPERATOR, SYSTEM, READER], ids=lambda actor: actor.role)
def test_it_is_done_for_who_has_the_right_and_refused_to_all_others(
    do: Operation, example: Example, actor: Actor
) -> None:
    with capture_logs() as lines:
        if actor.may(example.right):
            example.ask(do, actor, ACME)
        else:
            with pytest.raises(NotPermitted, match=actor.name):
                example.ask(do, actor, ACME)
    (line,) = (each for each in lines if each["event"].startswith("operation."))
    outcome = "done" if actor.may(example.right) else "refused"
    assert (line["event"], line["actor"], line["role"]) == (f"operation.{outcome}", actor.name, actor.role)
    assert ACME in (line.get("corp_id"), *line["ids"]) or line["verb"] == "tenants.list"


@VERBS
def test_who_has_to_do_with_another_tenant_alone_learns_and_changes_nothing(do: Operation, example: Example) -> None:
    before = repr(do.export_tenants(OWNER, with_secrets=True))
    if example is EXAMPLES["list_tenants"]:
        assert ACME not in repr(example.ask(do, actors.of(GLOBEX), ACME))
    else:
        with pytest.raises(NotPermitted) as theirs:
            example.ask(do, actors.of(GLOBEX), ACME)
        with pytest.raises(NotPermitted) as nobodys:  # they do not learn whether there is such a tenant
            example.ask(do, actors.of(GLOBEX), NOBODY)
        assert str(nobodys.value) == str(theirs.value).replace(ACME, NOBODY)
    assert repr(do.export_tenants(OWNER, with_secrets=True)) == before


@pytest.mark.parametrize("example", ON_ONE.values(), ids=ON_ONE)
def test_a_tenant_that_is_not_there_is_said_and_nothing_noted(do: Operation, example: Example) -> None:
    with capture_logs() as lines, pytest.raises(Unknown):
        example.ask(do, OWNER, NOBODY)
    assert lines == []


@VERBS
def test_neither_words_nor_secrets_are_logged(do: Operation, example: Example) -> None:
    with capture_logs() as lines:
        example.ask(do, OWNER, ACME)
    for said in (PHONE, "几点", *SECRETS):
        assert said not in repr(lines)


@VERBS
def test_who_may_not_read_what_customers_said_gets_it_masked(do: Operation, example: Example) -> None:
    if READER.may(example.right):
        assert PHONE not in repr(example.ask(do, READER, ACME))


@VERBS
def test_no_secret_comes_out_unasked(do: Operation, example: Example) -> None:
    answer = repr(example.ask(do, OWNER, ACME))
    assert [secret for secret in SECRETS if secret in answer] == []


def test_every_role_has_its_rights_and_only_the_owner_all() -> None:
    assert Role.OWNER.rights == frozenset(Right)
    for role in set(Role) - {Role.OWNER}:
        assert Right.GOVERN not in role.rights
    assert Role.READER.rights == {Right.LOOK}


def test_secrets_are_given_out_to_who_governs_alone(do: Operation) -> None:
    for actor in (OPERATOR, SYSTEM, READER):
        with pytest.raises(NotPermitted):
            do.export_tenants(actor, [ACME], with_secrets=True)
    assert SECRETS[0] in repr(do.export_tenants(OWNER, [ACME], with_secrets=True))
