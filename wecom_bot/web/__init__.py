"""The front door: what WeCom and the operators' machines call over HTTP."""
