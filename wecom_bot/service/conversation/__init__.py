"""The bot's verbs: what happens with each message, from the callback to the last part that was sent."""
