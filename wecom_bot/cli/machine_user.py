"""Who gives a command: whoever may run one here may read the bot's files anyway, and so may do everything."""

import os
import pwd
from contextlib import suppress

from wecom_bot.service.operation.actor import Actor, EveryTenant, Role


def me() -> Actor:
    """The user of the machine, as the owner; behind sudo it is who called that."""
    name = os.environ.get("SUDO_USER", "")
    if not name:
        name = str(os.getuid())  # a container's need not have a name
        with suppress(KeyError):
            name = pwd.getpwuid(os.getuid()).pw_name
    return Actor(name, Role.OWNER, EveryTenant())
