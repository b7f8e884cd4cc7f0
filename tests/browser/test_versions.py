"""Two versions on the server: one is chosen, or both stand side by side."""

from playwright.sync_api import Page, expect

from client.demo.verdict import headline
from client.service import FaceClient
from tests.browser.visit import card, give_one, heat_map
from tests.pictures import portrait


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()


def test_both_versions_stand_side_by_side(server, visit):
    with FaceClient(server.inference) as face:
        first, second = (face.predict(portrait(), version=version) for version in ("1.0", "2.0"))
    page = visit()
    expect(give_one(page)).to_contain_text("by version 1.0")
    choose(page, "Side by side with", "2.0")
    expect(card(page, "by version 2.0")).to_contain_text(headline(second))
    expect(card(page, "by version 1.0")).to_contain_text(headline(first))
    expect(heat_map(page)).to_have_count(2)
    words = "Both versions give the same verdict." if first.verdict == second.verdict else "The versions disagree"
    expect(page.get_by_text(words)).to_be_visible()
    left, right = (card(page, f"by version {version}").bounding_box() for version in ("1.0", "2.0"))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] < right["x"]


def test_another_version_than_the_default_one(visit):
    page = visit()
    give_one(page)
    choose(page, "Model version", "2.0")
    card(page, "by version 2.0")
    expect(page.locator(".facts").first).to_contain_text("face 2.0")
    page.get_by_text("About the model").click()
    expect(page.locator("[data-testid=stExpander]")).to_contain_text("face 2.0")
