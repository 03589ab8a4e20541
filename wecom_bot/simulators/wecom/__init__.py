"""WeCom, simulated: its API under /cgi-bin/, its callbacks, and under /_sim/ the people and the trouble.

`server.WecomSimulator` runs it, `client.SimulatorClient` drives it. Field names, error codes and limits are those of
WeCom's documentation; where that is silent there is a mode for either reading.
"""
