"""The documentation builds without a warning, says what the product says, and leads nowhere that is not there."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from config.serve import STORE, newest_release
from config.server import ROOT
from handler.response import REASONS
from tests.docs.pages import DOCS, PAGES, blocks

LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>]+)>")
OPENAPI = yaml.safe_load((ROOT / "config" / "openapi.yaml").read_text())
PRODUCT = ("config", "handler", "training", "client")


class Page(HTMLParser):
    """A built page: its text, the ids in it, and where its links lead."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.text, self.ids, self.links, self.diagrams = path, "", set(), [], 0
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        self.ids.add(given.get("id"))
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        self.diagrams += tag == "pre" and "mermaid" in given.get("class", "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict[str, Page]:
    """The built pages by their names without suffix."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, timeout=300, check=False)
    assert built.returncode == 0, built.stderr
    assert "excluded from the built site" not in built.stderr  # of a link; it is no warning to mkdocs
    return {path.stem: Page(path) for path in folder.glob("*.html")}


def test_every_page_is_built(site):
    assert {page.stem for page in PAGES} <= site.keys()


def test_links_and_anchors_of_the_site_lead_somewhere(site):
    pages = {page.path: page for page in site.values()}
    for page in pages.values():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert (re.fullmatch(r"https?", parts.scheme) and parts.netloc) or parts.scheme in ("mailto", "data"), link
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            if page.path.name != "404.html":  # whose links start at the root of a server
                assert target.exists(), f"{page.path.name}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{page.path.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_of_the_sources_lead_somewhere(page):
    for link, bare in LINK.findall(page.read_text()):
        parts = urlsplit(link or bare)
        if parts.scheme:
            assert parts.scheme in ("http", "https") and parts.hostname, link or bare
        elif parts.path:
            assert (DOCS / parts.path).exists(), f"{page.name}: {link}"


def test_diagrams_stay_diagrams(site):
    for page in PAGES:
        drawn = sum(block.language == "mermaid" for block in blocks(page))
        assert site[page.stem].diagrams == drawn, page.name


def test_nothing_is_left_of_includes(site):
    for name, page in site.items():
        assert not re.search(r"<!-- (include|openapi)", page.path.read_text()), name


def test_the_api_reference_has_everything(site):
    text = site["api"].text
    for path, methods in OPENAPI["paths"].items():
        for method in methods.keys() & {"get", "post", "put", "delete"}:
            assert f"{method.upper()} {path}" in text
            for status in methods[method]["responses"]:
                assert status in text
    for name, schema in OPENAPI["components"]["schemas"].items():
        assert name.lower() in site["api"].ids
        for key in schema.get("properties", ()):
            assert key in text
    for parameter in OPENAPI["components"]["parameters"].values():
        assert parameter["name"] in text


def test_what_is_included_is_the_files_own(site):
    card = (newest_release(STORE) / "model_card.md").read_text()
    assert "Model card: face" in site["model-card"].text
    assert re.search(r"SHA-256 `(\w+)`", card)[1] in site["model-card"].text
    assert "this service, heat map as numbers" in site["performance"].text
    assert "python -m training prepare" in site["train"].text
    assert "kubectl apply -k k8s/overlays/production" in site["kubernetes"].text
    assert "class Face" in site["without-torchserve"].text


def test_every_alert_has_its_section_and_no_other_has():
    rules = yaml.safe_load((ROOT / "config" / "monitoring" / "rules.yaml").read_text())
    alerts = {
        rule["alert"]: rule["labels"]["severity"]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    told: dict[str, str] = {}
    severity = ""
    for line in (DOCS / "alerts.md").read_text().splitlines():
        severity = {"## Critical": "critical", "## Warnings": "warning"}.get(line, severity)
        if line.startswith("### "):
            told[line.removeprefix("### ")] = severity
    assert told == alerts


def test_metrics_that_pages_name_exist():
    known = (ROOT / "config" / "monitoring" / "rules.yaml").read_text()
    for page in PAGES:
        for name in re.findall(r"`(face:[\w:]+)`", page.read_text()):
            assert f"record: {name}\n" in known, f"{page.name}: {name}"


def test_messages_that_are_explained_are_the_products():
    """The first cell of each table under `message` is something that the product prints."""
    sources = "".join(
        path.read_text()
        for part in PRODUCT
        for path in sorted((ROOT / part).rglob("*"))
        if path.suffix in (".py", ".sh", ".conf")
    )
    sources = sources.replace("{SETTINGS_FILE}", "serving.json")
    in_messages, checked = False, 0
    for line in (DOCS / "troubleshooting.md").read_text().splitlines():
        in_messages = line.startswith("|") and (in_messages or line.startswith("| message"))
        if in_messages and (cell := re.match(r"\| (`.+?`) \|", line)):
            for quoted in re.findall(r"`(.+?)`", cell[1]):
                assert quoted in sources, quoted
                checked += 1
    assert checked >= 20


def test_every_reason_is_explained():
    told = (DOCS / "concepts.md").read_text()
    for code in REASONS:
        assert f"`{code}`" in told, code


def test_pages_name_no_machine():
    for page in (*PAGES, *DOCS.rglob("*.py"), ROOT / "mkdocs.yml"):
        assert not re.search(r"/work\b|/root\b|/home/\w", page.read_text()), page
