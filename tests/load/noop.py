"""The least that a Flask app can do with a POST: what the gateway is measured against."""

from flask import Flask


def create() -> Flask:
    """An app that answers every POST with an empty 200."""
    app = Flask(__name__)

    @app.post("/<path:_path>")
    def nothing(_path: str) -> str:
        return ""

    @app.get("/readyz")
    def ready() -> str:
        return ""

    return app
