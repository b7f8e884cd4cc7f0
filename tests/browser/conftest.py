"""One browser and one page for this package; a visit, with a tab of its own, for each test.

Not for the session: while Playwright runs, its event loop does, and no other test could start one of its own.
"""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.running import DemoPage, Relay
from tests.browser.visit import SECONDS, settled

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: Playwright's own would be a download."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    expect.set_options(timeout=1000 * SECONDS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def session_relay(server) -> Iterator[Relay]:
    running = Relay(server)
    yield running
    running.stop()


@pytest.fixture
def relay(session_relay) -> Iterator[Relay]:
    """What the page takes for the service; a test may let it fail."""
    yield session_relay
    session_relay.connect()


@pytest.fixture(scope="package")
def demo(browser, session_relay, tmp_path_factory) -> Iterator[DemoPage]:
    running = DemoPage(session_relay.url, tmp_path_factory.mktemp("demo") / "page.log")
    yield running
    running.stop()


@pytest.fixture
def visit(browser, demo) -> Iterator[Callable[..., Page]]:
    """`visit(**options of a context)`: the page in a tab of its own. A script of the page that fails, fails the test."""
    contexts, failures = [], []

    def open_page(**options) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        context.set_default_timeout(1000 * SECONDS)
        page = context.new_page()
        page.on("pageerror", lambda failure: failures.append(str(failure)))
        page.goto(demo.url)
        page.get_by_text("About the model").wait_for()
        settled(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not failures
