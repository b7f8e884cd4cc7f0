"""What goes wrong is said in words that help, and the page lives on."""

import pytest
from playwright.sync_api import expect

from client.service import MAX_BYTES
from tests.browser.visit import NAME, card, give_one
from tests.client.bodies import encoded, error
from tests.client.stub import Reply
from tests.pictures import gif, png_that_declares, portrait

DOWN = Reply(drop=True)
# A file that is made in the browser: Playwright would carry its bytes there one by one
CHOOSE = """([name, type, size]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(size)], name, { type }));
    const input = document.querySelector("[data-testid=stFileUploaderDropzoneInput]");
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}"""


BAD = {
    "Not a picture that can be read": gif(),
    "The picture is damaged": portrait()[:3000],
    "too many pixels": png_that_declares(60_000, 60_000),
}


def test_bad_files_are_explained(visit):
    page = visit()
    for title, data in BAD.items():
        told = give_one(page, data)
        expect(told.get_by_role("heading", level=2)).to_contain_text(title)
        expect(told).to_contain_text("Request")
        page.get_by_role("button", name=f"Remove {NAME}").click()
        expect(told).to_have_count(0)


def test_a_service_that_is_down_is_noticed_before_a_photo_is_given_and_after(visit, relay):
    relay.answer = lambda request: DOWN
    page = visit()
    expect(card(page, "Before you start")).to_contain_text("make serve")
    expect(give_one(page)).to_contain_text("The service does not answer")
    relay.connect()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card .meaning")).to_be_visible()  # a verdict


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [(401, "unauthorized", "The key is refused"), (503, "unavailable", "The service is busy")],
)
def test_what_a_gateway_refuses_is_explained(visit, relay, status, code, title):
    page = visit()
    relay.answer = lambda request: Reply(status, encoded(error(code)))
    expect(give_one(page).get_by_role("heading", level=2)).to_contain_text(title)


def test_other_kinds_of_files_and_too_large_ones_never_leave_the_browser(visit, relay):
    page = visit()
    asked = len(relay.requests)
    page.evaluate(CHOOSE, ["notes.txt", "text/plain", 10])
    expect(page.get_by_text("not allowed")).to_be_visible()
    page.evaluate(CHOOSE, ["large.jpg", "image/jpeg", MAX_BYTES + 1])
    expect(page.get_by_text("must be 20.0MB or smaller")).to_be_visible()
    assert not any("predictions" in request.path or "explanations" in request.path for request in relay.requests[asked:])
