"""The engines that the bot stands on: whether each answers, and how the connections to each neighbour are used."""

from collections.abc import Callable, Mapping

from wecom_bot.outbound.usage import Usage

Ping = Callable[[], None]
"""Returns when an engine answers. Raises TemporaryFailure, or what else it is refused with."""

Usages = Mapping[str, Callable[[], Usage]]
"""How the connections to each neighbour are used, by its name. Raises nothing."""
