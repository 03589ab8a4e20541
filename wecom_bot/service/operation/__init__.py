"""The operators' verbs: what people do to the bot, whichever door they come in by."""
