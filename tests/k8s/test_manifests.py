"""Every manifest of every overlay and combination, against the schemas and against each other: what an API server would refuse,
and what it would take and never make work."""

import re

import kubernetes_validate
import pytest

from tests.k8s.rendering import EVERYTHING, containers, matches, of_kind, pod_templates, render

VERSIONS = ("1.31", "1.36")
# no schemas for these: what matters in them is asserted in test_overlays.py
CUSTOM = ("monitoring.coreos.com/", "gateway.networking.k8s.io/", "argoproj.io/", "keda.sh/")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
PORT_NAME = re.compile(r"(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
IMAGE = re.compile(r"[a-z0-9.\-]+(:\d+)?(/[a-z0-9._\-]+)*:(?!latest$)[\w][\w.\-]{0,127}(@sha256:[0-9a-f]{64})?")

everything = pytest.mark.parametrize(
    "name, components", EVERYTHING, ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
pytestmark = everything


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas_are_met_strictly(name, components, version):
    for manifest in render(name, components):
        if not manifest["apiVersion"].startswith(CUSTOM):
            kubernetes_validate.validate(manifest, version, strict=True)


def test_names_and_labels_are_such(name, components):
    seen = set()
    for manifest in render(name, components):
        metadata = manifest["metadata"]
        assert DNS_LABEL.fullmatch(metadata["name"])
        assert (manifest["kind"], metadata["name"]) not in seen
        seen.add((manifest["kind"], metadata["name"]))
        assert all(LABEL_VALUE.fullmatch(value) for value in metadata.get("labels", {}).values())


def test_all_of_it_is_in_one_namespace(name, components):
    if name in ("load-test", "train"):
        pytest.skip("a Job goes into the namespace that kubectl is told")
    manifests = render(name, components)
    (namespace,) = of_kind(manifests, "Namespace")
    assert {manifest["metadata"].get("namespace") for manifest in manifests if manifest["kind"] != "Namespace"} == {namespace}


def test_selectors_find_their_pods_and_no_others(name, components):
    manifests = render(name, components)
    labels = {owner: template["metadata"]["labels"] for owner, template in pod_templates(manifests).items()}
    for deployment in of_kind(manifests, "Deployment").values():
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert [owner for owner in labels if matches(selector, labels[owner])] == [deployment["metadata"]["name"]]
    for service in of_kind(manifests, "Service").values():
        assert [owner for owner in labels if matches(service["spec"]["selector"], labels[owner])] == [
            service["metadata"]["name"]
        ]
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        for manifest in of_kind(manifests, kind).values():
            field = "selector" if kind == "PodDisruptionBudget" else "podSelector"
            assert any(matches(manifest["spec"][field].get("matchLabels", {}), owned) for owned in labels.values()), manifest
            if kind == "PodDisruptionBudget":
                assert manifest["spec"]["selector"]["matchLabels"], "an empty selector is every pod of the namespace"
    for owner, template in pod_templates(manifests).items():
        for constraint in template["spec"].get("topologySpreadConstraints", []):
            assert matches(constraint["labelSelector"]["matchLabels"], labels[owner])


def test_ports_lead_somewhere(name, components):
    manifests = render(name, components)
    for template in pod_templates(manifests).values():
        ports = [port for container in containers(template) for port in container.get("ports", [])]
        assert len({port["containerPort"] for port in ports}) == len({port["name"] for port in ports}) == len(ports)
        assert all(PORT_NAME.fullmatch(port["name"]) and 0 < port["containerPort"] < 65536 for port in ports)
        for container in containers(template):
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                port = container.get(probe, {}).get("httpGet", {}).get("port")
                # a name is looked up in the container, a number in the pod
                own = {own["name"] for own in container.get("ports", [])}
                assert port is None or port in own or port in {listening["containerPort"] for listening in ports}
    named = {
        owner: {port["name"] for container in containers(template) for port in container.get("ports", [])}
        for owner, template in pod_templates(manifests).items()
    }
    for service in of_kind(manifests, "Service").values():
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named[service["metadata"]["name"]]


def test_quantities_and_images_are_such(name, components):
    for template in pod_templates(render(name, components)).values():
        for container in containers(template):
            assert IMAGE.fullmatch(container["image"]), container["image"]
            requests, limits = (container["resources"][part] for part in ("requests", "limits"))
            assert all(QUANTITY.fullmatch(value) for value in [*requests.values(), *limits.values()])
            assert {"cpu", "memory"} <= requests.keys() & limits.keys()
        for volume in template["spec"].get("volumes", []):
            assert QUANTITY.fullmatch(volume.get("emptyDir", {}).get("sizeLimit", "1")), volume


def test_what_is_mounted_is_there(name, components):
    manifests = render(name, components)
    maps, accounts = of_kind(manifests, "ConfigMap"), of_kind(manifests, "ServiceAccount")
    for template in pod_templates(manifests).values():
        spec = template["spec"]
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        mounts = [mount for container in containers(template) for mount in container.get("volumeMounts", [])]
        assert {mount["name"] for mount in mounts} == volumes.keys()
        assert spec.get("serviceAccountName", "default") in {*accounts, "default"}
        for volume in volumes.values():
            sources = [*volume.get("projected", {}).get("sources", []), volume]
            for source in (source["configMap"] for source in sources if "configMap" in source):
                assert {item["key"] for item in source.get("items", [])} <= maps[source["name"]]["data"].keys()
        for container in containers(template):
            for source in (source["configMapRef"] for source in container.get("envFrom", []) if "configMapRef" in source):
                assert source["name"] in maps


def test_pods_pass_the_restricted_profile(name, components):
    """Pod Security Standards, `restricted`: what the namespace's label has the API server refuse."""
    for template in pod_templates(render(name, components)).values():
        pod = template["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        kinds = {key for volume in pod.get("volumes", []) for key in volume} - {"name"}
        assert kinds <= {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}
        for container in containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context.get("runAsUser", pod["securityContext"].get("runAsUser")) > 10_000
            assert not context.get("privileged")
            assert not any("hostPort" in port for port in container.get("ports", []))
            assert context["readOnlyRootFilesystem"] is True  # beyond the profile
