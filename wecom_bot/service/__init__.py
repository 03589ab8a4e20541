"""The verbs: one use case a file, made of ports, with no idea of Flask, Redis or SQL."""
