"""The manifests, as kustomize builds them: Kubernetes's own schemas, and what has to agree with the program."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.tools import tool
from wecom_bot.environment import PREFIX
from wecom_bot.settings import Settings
from wecom_bot.web import gunicorn_conf

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATIONS = ("base", "overlays/example")
VERSIONS = ("1.25", "1.29", "1.33", "1.37")  # the oldest that we promise, and the newest that is known
FIELDS = Settings.model_fields

Manifest = Mapping[str, Any]


def kubectl() -> str:
    """Its path: 1.21 or newer builds the overlay, and Debian has an older one."""
    return tool("kubectl", "1.21 or newer", is_packaged=False)


@cache
def built(name: str) -> tuple[Manifest, ...]:
    """What `kubectl apply -k` would send."""
    command = [
        kubectl(),
        "kustomize",
        str(FOLDER / name),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def one(kind: str, name: str) -> Manifest:
    (found,) = (each for each in built("base") if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def pods(name: str = "base") -> Iterator[tuple[str, Manifest]]:
    """The pods that come of it, and their names."""
    for each in built(name):
        if each["kind"] in {"Deployment", "Job"}:
            yield each["metadata"]["name"], each["spec"]["template"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_kubernetes_knows_every_field(name: str, version: str) -> None:
    manifests = built(name)
    assert len(manifests) > 10
    for each in manifests:
        kubernetes_validate.validate(each, version, strict=True)


def test_the_schemas_would_see_a_mistake() -> None:
    wrong = {**one("Deployment", "wecom-bot-gateway"), "spec": {"replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_nobody_is_given_names_of_services_or_a_token() -> None:
    for name, pod in pods():
        assert pod["spec"]["enableServiceLinks"] is False, name
        assert pod["spec"]["automountServiceAccountToken"] is False, name


def test_pods_are_restricted() -> None:
    """The profile `restricted` of Pod Security Standards, and a root that nobody can write."""
    for _, pod in pods():
        of_pod = pod["spec"]["securityContext"]
        assert of_pod["runAsNonRoot"] is True
        assert (of_pod["runAsUser"], of_pod["fsGroup"]) == (10001, 10001)
        assert of_pod["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
            volumes = {volume["name"] for volume in pod["spec"]["volumes"] if "emptyDir" in volume}
            assert mounts["/var/lib/wecom-bot"] in volumes


@pytest.mark.parametrize(("name", "field"), [("gateway", "port"), ("worker", "worker_port")])
def test_health_is_asked_where_it_is_answered(name: str, field: str) -> None:
    (container,) = one("Deployment", f"wecom-bot-{name}")["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    assert port["containerPort"] == FIELDS[field].default
    probes = {probe: container[f"{probe}Probe"] for probe in ("startup", "readiness", "liveness")}
    assert {probe: each["httpGet"]["path"] for probe, each in probes.items()} == {
        "startup": "/readyz",
        "readiness": "/readyz",
        "liveness": "/livez",
    }
    for probe in probes.values():
        assert probe["httpGet"]["port"] == port["name"]
        assert probe["timeoutSeconds"] == 5, "who answers for a worker that stands still takes a while"


def test_who_is_stopped_has_the_time_that_it_needs() -> None:
    graces = {
        "gateway": timedelta(seconds=gunicorn_conf.graceful_timeout),
        "worker": FIELDS["shutdown_grace"].default,
    }
    for name, grace in graces.items():
        pod = one("Deployment", f"wecom-bot-{name}")["spec"]["template"]["spec"]
        before = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])
        given = timedelta(seconds=pod["terminationGracePeriodSeconds"] - int(before[1]))
        assert given >= grace + timedelta(seconds=5), name


def test_every_selector_finds_its_pods() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}
    for each in built("base"):
        spec = each.get("spec", {})
        chosen = spec.get("podSelector") or spec.get("selector")
        if chosen is None or each["kind"] == "Job":
            continue
        wanted = chosen.get("matchLabels", chosen)
        name = each["metadata"]["name"]
        assert wanted.items() <= labels[name].items(), f"{each['kind']} {name}"
        others = [other for other, has in labels.items() if other != name and wanted.items() <= has.items()]
        assert not others, f"{each['kind']} {name} finds {others}"


def test_only_callbacks_come_in_from_outside() -> None:
    ingress = one("Ingress", "wecom-bot")["spec"]
    paths = [path for rule in ingress["rules"] for path in rule["http"]["paths"]]
    assert [(path["path"], path["pathType"]) for path in paths] == [("/callback/", "Prefix")]
    assert "defaultBackend" not in ingress
    (service,) = {path["backend"]["service"]["name"] for path in paths}
    assert one("Service", service)["spec"].get("type", "ClusterIP") == "ClusterIP"
    hosts = {rule["host"] for rule in ingress["rules"]}
    assert hosts == {host for each in ingress["tls"] for host in each["hosts"]}


def test_there_is_always_one_left() -> None:
    for name in ("gateway", "worker"):
        deployed = one("Deployment", f"wecom-bot-{name}")["spec"]
        assert deployed["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert one("PodDisruptionBudget", f"wecom-bot-{name}")["spec"]["maxUnavailable"] == 1
    assert one("Deployment", "wecom-bot-gateway")["spec"]["replicas"] >= 2
    scaled = one("HorizontalPodAutoscaler", "wecom-bot-worker")["spec"]
    assert scaled["minReplicas"] >= 2
    assert "replicas" not in one("Deployment", "wecom-bot-worker")["spec"], "every apply would undo the autoscaler's"


def test_workers_are_as_many_as_the_age_of_the_queue_says() -> None:
    scaled = one("HorizontalPodAutoscaler", "wecom-bot-worker")["spec"]
    target = scaled["scaleTargetRef"]
    assert one(target["kind"], target["name"])["apiVersion"] == target["apiVersion"]
    (metric,) = scaled["metrics"]
    adapter = yaml.safe_load((FOLDER / "monitoring" / "prometheus-adapter-values.yaml").read_text("utf-8"))
    (rule,) = adapter["rules"]["external"]
    assert metric["external"]["metric"]["name"] == rule["name"]["as"] == "wecom_bot_queue_age_seconds"
    assert rule["seriesQuery"].startswith("wecom_bot_queue_age_seconds{")


def test_the_jobs_of_prometheus_are_named_by_a_label_that_the_pods_have() -> None:
    monitors = yaml.safe_load_all((FOLDER / "monitoring" / "podmonitors.yaml").read_text("utf-8"))
    labels = {name: pod["metadata"]["labels"] for name, pod in pods()}
    for each in monitors:
        name = each["metadata"]["name"]
        assert labels[name][each["spec"]["jobLabel"]] == name
        deployed = one("Deployment", name)["spec"]["template"]["spec"]["containers"][0]
        ports = {port["name"] for port in deployed["ports"]}
        assert {endpoint["port"] for endpoint in each["spec"]["podMetricsEndpoints"]} <= ports


def test_an_overlay_changes_the_image_and_the_settings_of_every_pod() -> None:
    images = {container["image"] for _, pod in pods("overlays/example") for container in pod["spec"]["containers"]}
    assert images == {"registry.example.com/wecom-bot:0.1.0"}
    (settings,) = (each for each in built("overlays/example") if each["kind"] == "ConfigMap")
    assert f"{PREFIX}GATEWAY_PROCESSES" in settings["data"]
    for _, pod in pods("overlays/example"):
        named = [source.get("configMapRef", {}).get("name") for source in pod["spec"]["containers"][0]["envFrom"]]
        assert settings["metadata"]["name"] in named


def test_the_example_of_the_secret_can_be_filled_in(tmp_path: Path) -> None:
    example = FOLDER / "overlays" / "example" / "secret.env.example"
    shutil.copy(example, tmp_path / "secret.env")
    lines = [line for line in example.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert all(line.startswith(PREFIX) and line.endswith("=") for line in lines)
    options = ("--from-env-file", str(tmp_path / "secret.env"), "--dry-run=client", "--output=yaml")
    command = [
        kubectl(),
        "create",
        "secret",
        "generic",
        "wecom-bot",
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    kubernetes_validate.validate(yaml.safe_load(done.stdout), VERSIONS[-1], strict=True)
