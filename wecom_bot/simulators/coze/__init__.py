"""Coze (扣子), simulated: chat v3, workflow run, OAuth, an intent service, and under /_sim/ its mind and its troubles.

`server.CozeSimulator` runs it, `client.CozeSimulatorClient` drives it. Frames, codes and HTTP statuses are those of the
cloud. What a bot, workflow or project answers is data (rules in `schema`); a bot without a rule that fits shows what it
was given: the first of the `passages` among its custom variables, else the question.
"""
