"""The steps that must be atomic, one Lua script each. Those that drain also run when the server is out of memory."""
