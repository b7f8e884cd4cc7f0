"""Writes build/sbom.json (CycloneDX) and build/licences.md: what the image's Python is made of, and under which licences.

`make sbom`, with cyclonedx-py from `.venv/supply`. Licences and dependencies are those that the packages of .venv declare,
versions those of serve.txt. What torch brings for a GPU, Debian, and TorchServe's Java libraries are not in it.
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

from config.locks.lock import FOLDER, packages

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
UNDECLARED = {
    "torchserve": "Apache-2.0",
    "torch-model-archiver": "Apache-2.0",
}  # by their repositories; their metadata say nothing


def main() -> None:
    cli = argparse.ArgumentParser(prog="python -m config.locks.sbom", description=__doc__.splitlines()[0])
    cli.add_argument("--cyclonedx", type=Path, default=Path(".venv/supply/bin/cyclonedx-py"), help="the program that lists")
    cli.add_argument("--python", type=Path, default=Path(".venv/bin/python"), help="of the environment that is listed")
    arguments = cli.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "sbom.json")
        command = [arguments.cyclonedx, "environment", arguments.python, "--pyproject", ROOT / "pyproject.toml"]
        subprocess.run([*command, "--output-reproducible", "--output-format", "JSON", "--output-file", out], check=True)
        bill = restricted(json.loads(out.read_text()), locked_versions((FOLDER / "serve.txt").read_text()))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "sbom.json").write_text(json.dumps(bill, indent=2) + "\n")
    (BUILD / "licences.md").write_text(table(bill))
    print(f"{len(bill['components'])} packages -> build/sbom.json, build/licences.md")


def locked_versions(text: str) -> dict[str, str]:
    """Version by package of a lock file."""
    return dict(re.match(r"(\S+)==(\S+)", package).groups() for package in packages(text))


def restricted(bill: dict, versions: dict[str, str]) -> dict:
    """The bill with the locked packages in their versions, and torch.

    Raises:
        KeyError: a locked package is not in the environment, so that nothing is known of its licence.
    """
    found = {component["name"].lower().replace("_", "-"): component for component in bill["components"]}
    kept = {name: found[name] for name in (*versions, "torch")}
    refs = {}
    components = []
    for name, component in sorted(kept.items()):
        version = versions.get(name, component["version"])
        refs[component["bom-ref"]] = ref = f"{name}=={version}"
        changes = {"bom-ref": ref, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
        if name in UNDECLARED and not component.get("licenses"):
            changes["licenses"] = [{"license": {"id": UNDECLARED[name], "acknowledgement": "concluded"}}]
        components.append(component | changes)
    root = bill["metadata"]["component"]["bom-ref"]
    dependencies = [
        {"ref": refs.get(one["ref"], root), "dependsOn": sorted(refs[ref] for ref in one.get("dependsOn", []) if ref in refs)}
        for one in bill["dependencies"]
        if one["ref"] in refs or one["ref"] == root
    ]
    return bill | {"components": components, "dependencies": dependencies}


def table(bill: dict) -> str:
    """Packages and their licences as markdown."""
    rows = [f"| {one['name']} | {one['version']} | {licences(one)} |" for one in bill["components"]]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows]) + "\n"


def licences(component: dict) -> str:
    told = []
    for entry in component.get("licenses", []):
        licence = entry.get("license", {})
        name = entry.get("expression") or licence.get("id") or licence.get("name") or ""
        told.append(name.removeprefix("License :: ").removeprefix("OSI Approved :: ").splitlines()[0])
    return ", ".join(dict.fromkeys(told)) or "**not declared**"


if __name__ == "__main__":
    main()
