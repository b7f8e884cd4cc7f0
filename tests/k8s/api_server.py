"""As much of a Kubernetes API server as kubectl needs for the canary: a few objects, JSON Patch, and the proxy to Services.

The objects are those that the manifests render to. What comes of a patch has to meet the schemas of Kubernetes, or what the
Gateway API says of weights. Controllers are played by one rule: a Deployment has as many ready replicas as its autoscaler wants
at least, and never more than `capacity`.
"""

import copy
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

from tests.client.stub import Reply, Request
from tests.k8s.rendering import NAMESPACE, of_kind, render

VERSION = "1.36"
RESOURCES = {  # kind: plural, group and version; what discovery tells
    "Service": ("services", "v1"),
    "Deployment": ("deployments", "apps/v1"),
    "HorizontalPodAutoscaler": ("horizontalpodautoscalers", "autoscaling/v2"),
    "HTTPRoute": ("httproutes", "gateway.networking.k8s.io/v1"),
}
MOST_WEIGHT = 1_000_000  # Gateway API, BackendRef.weight: an integer from 0 to this
PROXIED = re.compile(r"/api/v1/namespaces/([^/]+)/services/([^/]+)/proxy(/.*)")
OBJECT = re.compile(r"/(?:api|apis)/(?P<version>.+?)/namespaces/(?P<namespace>[^/]+)/(?P<plural>[a-z]+)/(?P<name>[^/]+)$")


class Refused(Exception):
    """What an API server answers with an error."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class Cluster:
    """The production overlay with the components `monitoring` and `canary/http-route`, on loopback.

    Attributes:
        patches: plural and operations of each change, in their order.
        services: what answers for `NAMESPACE/SERVICE:PORT`, at the path below the proxy.
        capacity: replicas of a Deployment that can be ready, at most.
    """

    def __init__(self):
        manifests = render("production", ("monitoring", "canary/http-route"))
        self.objects = {
            (plural, name): copy.deepcopy(manifest)
            for kind, (plural, _) in RESOURCES.items()
            for name, manifest in of_kind(manifests, kind).items()
        }
        self.patches: list[tuple[str, list[dict[str, Any]]]] = []
        self.services: dict[str, Callable[[Request], Reply]] = {}
        self.capacity = 100
        self.lock = threading.Lock()
        self.reconcile()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def kubeconfig(self, path: Path) -> Path:
        """A configuration whose one context, `stub`, is this cluster; the current context is another, which does not exist."""
        address = f"http://127.0.0.1:{self.server.server_port}"
        context = {"cluster": "stub", "user": "nobody"}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stub", "cluster": {"server": address}}],
            "contexts": [{"name": "stub", "context": context}],
            "users": [{"name": "nobody", "user": {}}],
            "current-context": "elsewhere",
        }
        path.write_text(yaml.safe_dump(content))
        return path

    @property
    def weights(self) -> dict[str, int]:
        (rule,) = self.objects["httproutes", "face"]["spec"]["rules"]
        return {ref["name"]: ref["weight"] for ref in rule["backendRefs"]}

    def weigh(self, stable: int, canary: int) -> None:
        """Puts the weights where somebody else has left them."""
        refs = self.objects["httproutes", "face"]["spec"]["rules"][0]["backendRefs"]
        refs[0]["weight"], refs[1]["weight"] = stable, canary

    def reconcile(self) -> None:
        for name in ("face", "face-canary"):
            wanted = self.objects["horizontalpodautoscalers", name]["spec"]["minReplicas"]
            ready = min(wanted, self.capacity)
            deployment = self.objects["deployments", name]
            deployment["metadata"]["generation"] = 1
            counts = {"replicas": ready, "updatedReplicas": ready, "readyReplicas": ready}
            deployment["status"] = {"observedGeneration": 1} | counts

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        bare, _, query = path.partition("?")
        if found := PROXIED.fullmatch(bare):
            namespace, service, below = found.groups()
            answer = self.services.get(f"{namespace}/{service}")
            if not answer:
                raise Refused(503, f'no endpoints available for service "{service}"')
            return answer(Request(method, below + (f"?{query}" if query else ""), headers, body))
        return Reply(body=json.dumps(self.api(method, bare, headers, body)).encode())

    def api(self, method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if path in ("/api", "/apis") or re.fullmatch(r"/apis?/[^/]*/?v\d", path):
            return discovery(path)
        if path == f"/api/v1/namespaces/{NAMESPACE['production']}":  # asked for when something in it is missing
            return {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": NAMESPACE["production"]}}
        found = OBJECT.fullmatch(path)
        key = (found["plural"], found["name"]) if found else ("", "")
        if key not in self.objects or found["namespace"] != self.objects[key]["metadata"]["namespace"]:
            raise Refused(404, f'{key[0]} "{key[1]}" not found')
        with self.lock:
            if method == "PATCH":
                if headers["content-type"] != "application/json-patch+json":
                    raise Refused(415, headers["content-type"])
                operations = json.loads(body)
                self.patches.append((key[0], operations))
                self.objects[key] = checked(patched(self.objects[key], operations))
                self.reconcile()
            return self.objects[key]

    def handler(cluster) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    reply = cluster.answer(self.command, self.path, headers, body)
                except Refused as error:
                    reply = Reply(error.status, json.dumps(status(error)).encode())
                self.send_response(reply.status)
                for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PATCH = serve

            def log_message(self, *_) -> None:
                pass

        return Handler


def discovery(path: str) -> dict[str, Any]:
    """Which kinds there are, as kubectl asks for them."""
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        versions = [version for _, version in RESOURCES.values() if "/" in version]
        groups = []
        for version in versions:
            entry = {"groupVersion": version, "version": version.rpartition("/")[2]}
            groups.append({"name": version.partition("/")[0], "versions": [entry], "preferredVersion": entry})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = path.partition("/")[2].partition("/")[2]
    resources = [
        {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": ["get", "list", "patch"]}
        for kind, (plural, own) in RESOURCES.items()
        if own == version
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def patched(manifest: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """RFC 6902, as far as `test`, `add` and `replace` of a field."""
    changed = copy.deepcopy(manifest)
    for operation in operations:
        *parents, field = operation["path"].strip("/").split("/")
        target = changed
        for parent in parents:
            target = target[int(parent) if isinstance(target, list) else parent]
        if operation["op"] == "test" and target.get(field) != operation["value"]:
            raise Refused(422, f"test of {operation['path']} failed")
        if operation["op"] == "replace" and field not in target:
            raise Refused(422, f"{operation['path']} is not there")
        if operation["op"] in ("add", "replace"):
            target[field] = operation["value"]
    return changed


def checked(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest, if an API server would take it."""
    if manifest["kind"] != "HTTPRoute":
        try:
            kubernetes_validate.validate(manifest, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            raise Refused(422, str(error)) from None
        return manifest
    for rule in manifest["spec"]["rules"]:
        for ref in rule["backendRefs"]:
            if type(ref["weight"]) is not int or not 0 <= ref["weight"] <= MOST_WEIGHT:
                raise Refused(422, f"spec.rules.backendRefs.weight: {ref['weight']!r}")
    return manifest


def status(error: Refused) -> dict[str, Any]:
    reason = "NotFound" if error.status == 404 else "Invalid"
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": str(error),
        "reason": reason,
        "code": error.status,
    }
