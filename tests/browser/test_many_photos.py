"""Many photos: a table to sort, to open and to take away."""

import csv
import io
import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.visit import card, give, heat_map, photo
from tests.pictures import no_face, portrait, turned_portrait

FILES = [
    photo(portrait(), "a-portrait.jpg"),
    photo(b"no picture at all", "b-broken.jpg"),
    photo(no_face(), "c-room.jpg"),
    photo(turned_portrait(), "d-turned.jpg"),
]


def names(page: Page) -> list[str]:
    return page.locator("tbody tr button").all_inner_texts()


def test_table_details_and_downloads(visit):
    page = visit()
    give(page, FILES)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("Not a picture that can be read")
    expect(rows.nth(2)).to_contain_text("No face found")
    expect(rows.nth(0).locator("img")).to_have_count(1)
    expect(rows.nth(1).locator("img")).to_have_count(0)

    page.get_by_role("button", name="Photo", exact=True).click()
    assert names(page) == ["d-turned.jpg", "c-room.jpg", "b-broken.jpg", "a-portrait.jpg"]
    page.get_by_role("button", name="Photo", exact=True).click()
    expect(page.get_by_role("columnheader", name="Photo")).to_have_attribute("aria-sort", "ascending")
    assert names(page) == ["a-portrait.jpg", "b-broken.jpg", "c-room.jpg", "d-turned.jpg"]
    for _ in range(2):  # without a score: last, in both directions
        page.get_by_role("button", name="Score for AI").click()
        assert set(names(page)[2:]) == {"b-broken.jpg", "c-room.jpg"}

    opener = page.get_by_role("button", name="d-turned.jpg", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    card(page, "d-turned.jpg")
    expect(heat_map(page)).to_be_visible()
    expect(opener).to_be_focused()  # the table was drawn anew, and the keyboard is where it was

    lines = list(csv.DictReader(io.StringIO(downloaded(page, "CSV"))))
    assert [line["source"] for line in lines] == ["a-portrait.jpg", "b-broken.jpg", "c-room.jpg", "d-turned.jpg"]
    assert lines[1]["error"] == "unsupported_format"
    told = json.loads(downloaded(page, "JSON"))
    assert told[2]["verdict"] == "no_face"
    assert float(lines[0]["score_ai"]) == next(score["score"] for score in told[0]["scores"] if score["label"] == "ai")


def downloaded(page: Page, kind: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download as {kind}").click()
    return Path(download.value.path()).read_text()
