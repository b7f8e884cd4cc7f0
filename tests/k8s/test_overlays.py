"""What overlays and components are for, on the rendered manifests: a patch that matches nothing is silent."""

import pytest
import yaml

from config.server import ROOT
from tests.k8s.rendering import COMBINATIONS, K8S, containers, of_kind, render


def deployment(manifests, name: str = "face") -> dict:
    return of_kind(manifests, "Deployment")[name]


def container(manifests, name: str, owner: str = "face") -> dict:
    return next(one for one in containers(deployment(manifests, owner)["spec"]["template"]) if one["name"] == name)


def scaling(manifests, name: str = "face") -> tuple[int, int]:
    spec = of_kind(manifests, "HorizontalPodAutoscaler")[name]["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


@pytest.mark.parametrize(
    "overlay, namespace, image, replicas, cpu",
    [
        ("local", "face-local", "localhost/real-or-ai-face:1.0.0", (1, 2), "1"),
        ("staging", "face-staging", "registry.example.com/real-or-ai-face:1.0.0", (2, 4), "2"),
        ("production", "face", "registry.example.com/real-or-ai-face:1.0.0", (3, 20), "2"),
    ],
)
def test_overlays_differ_where_they_say(overlay, namespace, image, replicas, cpu):
    manifests = render(overlay)
    (home,) = of_kind(manifests, "Namespace").values()
    assert home["metadata"]["name"] == namespace
    assert home["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert container(manifests, "torchserve")["image"] == image
    assert container(manifests, "torchserve")["resources"]["limits"]["cpu"] == cpu
    assert scaling(manifests) == replicas
    assert "replicas" not in deployment(manifests)["spec"]  # each apply would undo the autoscaler


def test_only_the_local_overlay_brings_a_key():
    assert list(of_kind(render("staging"), "Secret")) == list(of_kind(render("production"), "Secret")) == []
    (name,) = of_kind(render("local"), "Secret")
    assert name in yaml.safe_dump(deployment(render("local")))


def test_the_gateways_settings_are_those_of_config():
    (settings,) = of_kind(render("production"), "ConfigMap").values()
    folder = ROOT / "config" / "gateway"
    assert settings["data"] == {path.name: path.read_text() for path in [*folder.glob("*.conf"), *folder.glob("*.sh")]}


def test_probes_ask_what_the_gateway_answers():
    internal = (ROOT / "config" / "gateway" / "internal.conf").read_text()
    for one in ("torchserve", "gateway"):
        for probe in ("readinessProbe", "livenessProbe"):
            assert f"location = {container(render('production'), one)[probe]['httpGet']['path']} " in internal
    start = container(render("production"), "torchserve")["startupProbe"]
    assert start["exec"]["command"] == ["python", "-m", "config.gateway.probe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= 120  # startupTimeout of model-config.yaml


def test_torchserve_outlives_the_gateway_within_the_grace():
    manifests = render("production")
    grace = deployment(manifests)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    *_, command = container(manifests, "gateway")["lifecycle"]["preStop"]["exec"]["command"]
    announced = int(command.partition("sleep ")[2])
    settings = (ROOT / "config" / "gateway" / "nginx.conf").read_text()
    finishing = int(settings.partition("worker_shutdown_timeout ")[2].partition("s;")[0])
    torchserve = container(manifests, "torchserve")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert announced >= 5
    assert announced + finishing < torchserve < grace - 10


def test_torchserve_stays_on_loopback():
    one = container(render("production"), "torchserve")
    assert "--host" not in one["args"] and "ports" not in one
    (port,) = of_kind(render("production"), "Service")["face"]["spec"]["ports"]
    assert port["targetPort"] == "http"


def test_the_network_is_closed_but_for_what_is_named():
    policies = {name: policy["spec"] for name, policy in of_kind(render("production"), "NetworkPolicy").items()}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert [port["port"] for rule in policies["dns"]["egress"] for port in rule["ports"]] == [53, 53]
    public, metrics = policies["face"]["ingress"]
    assert public == {"ports": [{"port": "http"}]}
    assert metrics["ports"] == [{"port": "internal"}]
    assert metrics["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    assert policies.keys() == {"default-deny", "dns", "face"}


def test_monitoring_scrapes_the_internal_port():
    manifests = render("production", ("monitoring",))
    monitor = of_kind(manifests, "PodMonitor")["face"]["spec"]
    labels = deployment(manifests)["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    assert monitor["podMetricsEndpoints"][0]["port"] in [port["name"] for port in container(manifests, "gateway")["ports"]]


def test_queue_scaling_adds_a_metric_or_replaces_the_autoscaler():
    adapter = render("production", ("monitoring", "autoscale-queue/prometheus-adapter"))
    metrics = of_kind(adapter, "HorizontalPodAutoscaler")["face"]["spec"]["metrics"]
    assert [metric["type"] for metric in metrics] == ["ContainerResource", "Pods"]
    values = yaml.safe_load((K8S / "components/autoscale-queue/prometheus-adapter/values.yaml").read_text())
    assert values["rules"]["custom"][0]["name"]["as"] == metrics[1]["pods"]["metric"]["name"]
    keda = render("production", ("monitoring", "autoscale-queue/keda"))
    assert not of_kind(keda, "HorizontalPodAutoscaler")
    assert of_kind(keda, "ScaledObject")["face"]["spec"]["scaleTargetRef"] == {"name": "face"}


@pytest.mark.parametrize("overlay", ["local", "production"])
def test_the_canary_is_a_second_deployment_behind_its_own_service(overlay):
    manifests = render(overlay, ("monitoring", "canary/http-route"))
    assert of_kind(manifests, "Deployment").keys() == {"face", "face-canary"}
    assert container(manifests, "torchserve", "face-canary")["image"] == "real-or-ai-face-canary:1.0.0"
    secrets = [
        yaml.safe_dump(deployment(manifests, name)).partition("name: face-api-keys")[2].split()[0:1]
        for name in ("face", "face-canary")
    ]
    assert secrets[0] == secrets[1]  # the same keys
    backends = of_kind(manifests, "HTTPRoute")["face"]["spec"]["rules"][0]["backendRefs"]
    services = of_kind(manifests, "Service")
    assert [(backend["name"], backend["weight"]) for backend in backends] == [("face", 100), ("face-canary", 0)]
    for backend in backends:
        assert backend["port"] in [port["port"] for port in services[backend["name"]]["spec"]["ports"]]
    assert scaling(manifests, "face-canary") == (1, 4)
    labels = of_kind(manifests, "PodMonitor")["face"]["spec"]["podTargetLabels"]
    assert "app.kubernetes.io/name" in labels  # by which `face rollout` tells the two apart in Prometheus


def test_the_rollout_has_the_deployments_template_and_the_autoscaler_follows():
    manifests = render("production", ("monitoring", "canary/rollout"))
    rollout = of_kind(manifests, "Rollout")["face"]["spec"]
    assert (rollout["workloadRef"]["kind"], rollout["workloadRef"]["name"]) == ("Deployment", "face")
    assert rollout["selector"] == deployment(manifests)["spec"]["selector"]
    assert of_kind(manifests, "HorizontalPodAutoscaler")["face"]["spec"]["scaleTargetRef"]["kind"] == "Rollout"
    templates = of_kind(manifests, "AnalysisTemplate")
    analyses = [step["analysis"] for step in rollout["strategy"]["canary"]["steps"] if "analysis" in step]
    assert len(analyses) == 3
    for analysis in analyses:
        assert all(used["templateName"] in templates for used in analysis["templates"])
    labels = of_kind(manifests, "PodMonitor")["face"]["spec"]["podTargetLabels"]
    assert "rollouts-pod-template-hash" in labels  # what the queries tell the replicas apart by


def test_the_archive_from_storage_hides_the_images():
    manifests = render("production", ("model-from-storage",))
    fetch, served = container(manifests, "fetch"), container(manifests, "torchserve")
    (out,) = [mount for mount in fetch["volumeMounts"] if mount["name"] == "models"]
    assert fetch["command"][-1] == f"{out['mountPath']}/{served['args'][-1]}"
    (store,) = [mount for mount in served["volumeMounts"] if mount["name"] == "models"]
    assert f'"--model-store", "{store["mountPath"]}"' in (ROOT / "Dockerfile").read_text()
    assert store["readOnly"]
    assert fetch["image"].partition(":")[0].endswith("real-or-ai-face")


def test_gpu_and_tls_reach_the_pods():
    manifests = render("production", ("gpu",))
    assert container(manifests, "torchserve")["resources"]["limits"]["nvidia.com/gpu"] == "1"
    manifests = render("production", ("tls",))
    (port,) = of_kind(manifests, "Service")["face"]["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (443, "https")
    assert {"name": "https", "containerPort": 8443} in container(manifests, "gateway")["ports"]
    assert of_kind(manifests, "NetworkPolicy")["face"]["spec"]["ingress"][0]["ports"] == [{"port": "https"}]
    assert "listen 8443 ssl;" in (ROOT / "config" / "gateway" / "tls.conf").read_text()
    assert "/etc/gateway-tls" in [mount["mountPath"] for mount in container(manifests, "gateway")["volumeMounts"]]


def test_every_component_is_rendered_and_documented():
    components = {path.parent.relative_to(K8S / "components") for path in (K8S / "components").rglob("kustomization.yaml")}
    tried = {name for combination in COMBINATIONS for name in combination} | {"load-test", "train", "canary/http-route/track"}
    assert {path.as_posix() for path in components} == tried
    for component in components:
        folder = K8S / "components" / component.parts[0]
        assert (folder / "README.md").exists()
        assert f"`{component.parts[0]}`" in (K8S / "README.md").read_text()
