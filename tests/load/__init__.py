"""Programs that measure and torture; `make` names each of them."""
