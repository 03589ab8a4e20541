"""What a tenant may set of courtesies."""

import pytest

from tests.dialog.turns import tenant
from wecom_bot.text.reading import Courtesy, Language


def test_every_courtesy_has_a_phrase_in_each_language() -> None:
    courtesies = tenant().courtesies
    said = {language: [courtesies.to(kind, language) for kind in Courtesy] for language in Language}
    assert all(map(all, said.values()))
    assert not set(said[Language.CHINESE]) & set(said[Language.ENGLISH])


def test_a_tenants_phrase_replaces_its_own_only() -> None:
    own = tenant(courtesies={"zh": {"greeting": "您好，花猫百货"}}).courtesies
    assert own.to(Courtesy.GREETING, Language.CHINESE) == "您好，花猫百货"
    assert own.to(Courtesy.THANKS, Language.CHINESE) == tenant().courtesies.zh.thanks


@pytest.mark.parametrize(
    ("courtesies", "told"),
    [
        ({"zh": {"greeting": " "}}, "must not be empty"),
        ({"silent": ["nods"]}, "silent"),
        ({"zh": {"hello": "您好"}}, "hello"),
    ],
)
def test_a_mistake_is_named(courtesies: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        tenant(courtesies=courtesies)
