"""The bot as it is served, while strangers do their worst: every genuine callback is taken.

How soon is a matter of the machine: `make flood` measures it.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.deadlines import PATIENCE
from tests.e2e.house import ACME, House, company
from tests.load.flood import PATH, call, nginx
from tests.load.strangers import Form, flooding, forms

SECONDS = 1.5


@pytest.fixture(scope="module")
def stormed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("stormed"), [company(ACME)], env={"WECOM_BOT_MAX_WAITING": "1000000"})
    try:
        yield made.open()
    finally:
        made.close()


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in forms(PATH)])
def test_every_genuine_callback_is_taken(stormed: House, form: Form) -> None:
    with nginx(stormed.port) if form.through_nginx else nullcontext(stormed.port) as port:
        if port is None:
            pytest.skip("nginx is not installed")
        with flooding(form, port, SECONDS) as told:
            taken = call(port, SECONDS, PATIENCE)
            answers = told()
    assert taken.accepted == len(taken.times) > 0
    assert sum(answers.values()) > 0
    assert not [answer for answer in answers if answer in {"500", "502", "503"}]
    said = stormed.log.read_text()
    assert "Traceback" not in said
    assert "x" * 65 not in said
