"""A cluster, by the user's own kubectl: its objects, changes to them, HTTP to its Services. Credentials stay with kubectl."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from client.errors import FaceError, Unreachable

SECONDS = 60  # for one command
SERVING = re.compile(r"Starting to serve on (\S+)")
Manifest = dict[str, Any]


class ClusterError(FaceError):
    """kubectl could not do it; the message is its own."""

    code = "cluster"


@dataclass(frozen=True)
class Kubectl:
    """kubectl on one namespace.

    Attributes:
        context: of the kubeconfig; None for the current one.
    """

    namespace: str
    context: str | None = None

    def get(self, *names: str) -> dict[str, Manifest]:
        """Objects by the names that they were asked by, such as `deployment/face`.

        Raises:
            ClusterError: one is not there, or may not be read.
        """
        told = json.loads(self.run("get", *names, "--output", "json"))
        return dict(zip(names, told["items"] if told["kind"] == "List" else [told], strict=True))

    def patch(self, name: str, operations: list[Mapping[str, Any]]) -> None:
        """Changes an object by operations of JSON Patch, all or none; a `test` that does not hold is an error.

        Raises:
            ClusterError: it is refused.
        """
        self.run("patch", name, "--type", "json", "--patch", json.dumps(operations))

    @contextmanager
    def proxy(self) -> Iterator[str]:
        """The API server's address on this machine's loopback, authenticated by kubectl, while the block runs.

        Raises:
            ClusterError: kubectl cannot start it.
        """
        command = self.command("proxy", "--port", "0")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                line = process.stdout.readline()
                found = SERVING.search(line)
                if not found:
                    process.terminate()
                    raise ClusterError(f"kubectl proxy: {(line + process.stderr.read()).strip()}")
                yield f"http://{found[1]}"
            finally:
                process.terminate()

    def run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise Unreachable(f"kubectl {arguments[0]} took longer than {SECONDS} s.") from None
        if done.returncode:
            raise ClusterError(f"kubectl {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        program = shutil.which("kubectl")
        if not program:
            raise ClusterError("kubectl is not installed, or not on the path.")
        return [program, *(["--context", self.context] if self.context else []), "--namespace", self.namespace, *arguments]


def service_path(service: Manifest) -> str:
    """The path below the API server's address that leads to a Service's first port."""
    metadata, port = service["metadata"], service["spec"]["ports"][0]
    scheme = "https:" if port["port"] == 443 else ""
    return f"/api/v1/namespaces/{metadata['namespace']}/services/{scheme}{metadata['name']}:{port['port']}/proxy"
