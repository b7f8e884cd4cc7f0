"""For everybody: no finding of axe that matters, everything by keyboard, narrow and wide, light and dark."""

from itertools import pairwise

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.test_many_photos import FILES
from tests.browser.visit import give, give_one, heat_map, settled

PHONE = {"width": 360, "height": 740}
GRAVE = ("serious", "critical")
FOCUSED = """() => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element.matches("body, main")) return "";
    return element.getAttribute("aria-label") || element.labels?.[0]?.innerText || element.innerText || "";
}"""


def findings(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    settled(page)
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def open_about(page: Page) -> None:
    page.get_by_text("About the model").click()
    expect(page.get_by_role("heading", name="Where it ends")).to_be_visible()


def test_axe_finds_nothing_serious(visit):
    page = visit()
    assert findings(page) == []
    give_one(page)
    heat_map(page).wait_for()
    open_about(page)
    assert findings(page) == []


def test_nor_in_the_dark(visit):
    page = visit(color_scheme="dark")
    give_one(page)
    heat_map(page).wait_for()
    open_about(page)
    assert findings(page) == []


def test_nor_in_the_gallery_and_in_a_failure(visit):
    page = visit()
    give(page, FILES)
    page.get_by_role("button", name="b-broken.jpg", exact=True).click()
    page.locator(".card.failed").wait_for()
    assert findings(page) == []


def test_a_phone_never_scrolls_sideways(visit):
    page = visit(viewport=PHONE, has_touch=True)
    expect_narrow(page)
    give(page, FILES)
    page.get_by_role("button", name="a-portrait.jpg", exact=True).click()
    heat_map(page).wait_for()
    open_about(page)
    settled(page)
    expect_narrow(page)


def expect_narrow(page: Page) -> None:
    """Nothing of the page reaches beyond the right edge, also where that would be cut off."""
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=stMain] *")]
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility())
            .map((element) => element.outerHTML.slice(0, 150))"""
    )
    assert beyond == []
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= PHONE["width"]


def test_everything_is_reached_by_keyboard_in_reading_order(visit):
    page = visit()
    give_one(page)
    heat_map(page).wait_for()
    settled(page)
    page.locator("h1").click()  # the focus starts at the top of the page
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED).strip())
    wanted = [
        "Remove portrait.jpg",
        "Use the camera",
        "Model version",
        "Side by side",
        "all",
        "the face",
        "Heat map",
        "About the model",
    ]
    found = iter(reached)
    assert all(any(want in name for name in found) for want in wanted), reached  # each one, after the one before


def test_headings_are_in_order_and_every_picture_has_a_text(visit):
    page = visit()
    give_one(page)
    heat_map(page).wait_for()
    open_about(page)
    levels = [int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => h.tagName)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels)), levels
    pictures = page.locator("img:visible").all()
    assert len(pictures) == 2
    assert all(picture.get_attribute("alt") for picture in pictures)
