"""What is said outside the pipeline, by name as well."""

import pytest

from tests.fakes import ACME, KF, ScriptedSpeaker, message
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.ports import Contact, Cut
from wecom_bot.service.conversation.by_name import ByName

WHERE = message().conversation
ELSEWHERE = ConversationId(ACME, Channel.KF, KF, "wm2")


class Li:
    """wm1 is 小李, and nobody else is known."""

    def get(self, conversation: ConversationId) -> Contact | None:
        return Contact("小李") if conversation == WHERE else None

    look_up = find_out = get


@pytest.fixture
def speaker() -> ScriptedSpeaker:
    return ScriptedSpeaker()


def test_a_reply_is_cut_with_the_name_in_it(speaker: ScriptedSpeaker) -> None:
    cut = ByName(speaker, Li()).split(WHERE, Reply("{nickname}，一|二~余下{nickname}"))
    assert cut == Cut((Reply("小李，一"), Reply("二")), "余下小李")


def test_what_the_channel_adds_names_nobody() -> None:
    class Wordy(ScriptedSpeaker):
        def split(self, _conversation: ConversationId, reply: Reply) -> Cut:
            return Cut((Reply(f"{reply.text}\n{{nickname}}，回复“继续”查看余下部分。"),), "余下")

    cut = ByName(Wordy(), Li()).split(WHERE, Reply("一"))
    assert cut == Cut((Reply("一\n回复“继续”查看余下部分。"),), "余下")


@pytest.mark.parametrize(("where", "text"), [(WHERE, "小李，客服已接入"), (ELSEWHERE, "客服已接入")])
def test_what_is_said_by_a_code_is_said_by_name(speaker: ScriptedSpeaker, where: ConversationId, text: str) -> None:
    ByName(speaker, Li()).say_by_code(where, "code1", Reply("{nickname}，客服已接入"), "d1")
    assert speaker.said_by_code == [("code1", text)]
