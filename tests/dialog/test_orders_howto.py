"""What the how-to shows, tried."""

import tomllib
from pathlib import Path

import pytest

from tests.dialog.turns import CORP
from wecom_bot.dialog.slots import find, is_bare
from wecom_bot.domain.tenant import Tenant

HOWTO = Path(__file__).parents[2].joinpath("docs", "howto", "orders.md").read_text("utf-8")
EXAMPLE = HOWTO.partition("```toml\n")[2].partition("```")[0]
SHOP = Tenant.model_validate(tomllib.loads(f'[[tenants]]\ncorp_id = "{CORP}"\n{EXAMPLE}')["tenants"][0])
(ORDER_ID,) = SHOP.intents[0].slots


@pytest.mark.parametrize("word", ["Thanks", "refund", "iPhone15", "13812345678", "hello123456"])
def test_a_word_is_no_order_number(word: str) -> None:
    assert find(ORDER_ID, word) is None
    assert not is_bare(ORDER_ID, word)


def test_the_number_of_the_imported_order_is_one() -> None:
    assert "202611200001," in HOWTO
    assert find(ORDER_ID, "单号202611200001，谢谢") == "202611200001"
