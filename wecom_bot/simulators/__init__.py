"""Simulators of the neighbours, to run and test everything with no outside.

Each is a real HTTP server beyond the wire: the bot is pointed at it by a setting and cannot tell the difference. No
production code imports one, and none imports production code but the callback crypto and, for the window, the nouns.
"""
