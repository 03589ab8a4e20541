"""How many of our functions a reply passes on its way to the socket."""

import pytest

from tests.load.canned import CUSTOMER, OPEN_KFID, canned
from tests.load.frames import chain
from tests.load.outlet import CORP, MEMBER
from wecom_bot.domain.message import Channel, ConversationId


@pytest.mark.parametrize(
    "conversation", [ConversationId(CORP, Channel.KF, OPEN_KFID, CUSTOMER), MEMBER], ids=["kf", "app"]
)
def test_between_deliver_and_the_socket_stand_at_most_eight_functions_of_ours(conversation: ConversationId) -> None:
    with canned() as url:
        found = chain(url, conversation)
    assert (found[0], found[-1]) == ("by_name.ByName.send", "pool.HostPool.send")
    assert len(found) <= 8, found
