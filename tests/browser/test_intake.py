"""All ways in: the sample, the clipboard, the camera. (Every other test chooses files.)"""

import base64

from playwright.sync_api import expect

from tests.browser.visit import card, heat_map
from tests.pictures import portrait

PASTE = """data => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const clipboard = new DataTransfer();
    clipboard.items.add(new File([bytes], "image.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
}"""


def test_the_sample_shows_how_it_works(visit):
    page = visit()
    page.get_by_role("button", name="Try a sample photo").click()
    card(page, "astronaut.jpg")
    expect(heat_map(page)).to_be_visible()


def test_a_pasted_picture_goes_the_way_of_a_chosen_file(visit):
    page = visit()
    page.evaluate(PASTE, base64.b64encode(portrait("PNG")).decode())
    card(page, "image.png")
    expect(heat_map(page)).to_be_visible()
    page.get_by_role("button", name="Remove image.png").click()
    expect(page.locator(".card")).to_have_count(0)


def test_the_camera_takes_a_photo(visit):
    page = visit(permissions=["camera"])
    page.get_by_text("Use the camera").click()
    page.wait_for_function("document.querySelector('video')?.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA")  # it shows
    page.get_by_role("button", name="Take Photo").click()
    expect(card(page, "camera").get_by_role("heading", level=2)).to_contain_text("No face found")  # Chromium's test pattern
