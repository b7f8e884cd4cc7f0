"""The bill of materials: the locked packages in their versions, with licences, and nothing of the tools."""

import pytest

from config.locks.sbom import locked_versions, restricted, table

LOCK = f"# comment\nlib-a==1.1 \\\n    --hash=sha256:{'0' * 64}\ntorchserve==0.12.0 \\\n    --hash=sha256:{'1' * 64}\n"


def component(name: str, version: str, **more) -> dict:
    return {"bom-ref": f"{name}=={version}", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"} | more


def bill() -> dict:
    licence = [{"license": {"name": "License :: OSI Approved :: BSD License"}}]
    listed = [
        component("Lib_A", "1.0", licenses=[{"license": {"id": "MIT"}}]),
        component("torchserve", "0.12.0"),
        component("torch", "2.0", licenses=licence),
        component("pytest", "9"),
    ]
    return {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": listed,
        "dependencies": [
            {"ref": "root", "dependsOn": ["pytest==9", "torchserve==0.12.0"]},
            {"ref": "torchserve==0.12.0", "dependsOn": ["Lib_A==1.0"]},
            {"ref": "pytest==9"},
        ],
    }


def test_what_is_locked_is_listed_as_locked():
    told = restricted(bill(), locked_versions(LOCK))
    assert [one["bom-ref"] for one in told["components"]] == ["lib-a==1.1", "torch==2.0", "torchserve==0.12.0"]
    assert told["components"][0]["purl"] == "pkg:pypi/lib-a@1.1"
    assert told["dependencies"] == [
        {"ref": "root", "dependsOn": ["torchserve==0.12.0"]},
        {"ref": "torchserve==0.12.0", "dependsOn": ["lib-a==1.1"]},
    ]


def test_licences_are_named():
    rows = table(restricted(bill(), locked_versions(LOCK)))
    assert "| Lib_A | 1.1 | MIT |" in rows
    assert "| torch | 2.0 | BSD License |" in rows
    assert "| torchserve | 0.12.0 | Apache-2.0 |" in rows


def test_a_locked_package_that_is_not_installed_is_an_error():
    with pytest.raises(KeyError):
        restricted(bill(), {"missing": "1"})
