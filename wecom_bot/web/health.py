"""What the operators' machines ask: alive, ready, and the metrics."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, jsonify


def blueprint(ready: Callable[[], Sequence[str]], metrics: Callable[[], tuple[bytes, str]]) -> Blueprint:
    """/livez answers while the process does; /readyz is 503, with what is missing, when callbacks would be refused."""
    routes = Blueprint("health", __name__)

    @routes.get("/livez")
    def alive() -> Response:
        return Response("ok", mimetype="text/plain")

    @routes.get("/readyz")
    def readiness() -> Response:
        missing = list(ready())
        answer = jsonify(missing=missing)
        answer.status_code = 503 if missing else 200
        return answer

    @routes.get("/metrics")
    def numbers() -> Response:
        body, content_type = metrics()
        return Response(body, content_type=content_type)

    return routes
