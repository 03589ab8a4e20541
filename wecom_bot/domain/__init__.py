"""The nouns: frozen dataclasses that know nothing of Flask, Redis, SQL or WeCom's wire formats."""
