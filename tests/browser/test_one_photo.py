"""One photo: the page says and draws what the service answers."""

import base64
import io

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Locator, Page, expect

from client.answers import Explanation
from client.demo.heat_map import AI_COLOUR, in_words, picture
from client.demo.verdict import headline, meaning, of_100
from client.service import FaceClient
from tests.browser.visit import NAME, give_one, heat_map
from tests.pictures import no_face, portrait, small_portrait, turned_portrait


@pytest.fixture(scope="module")
def answer(server) -> Explanation:
    """What the service says of the portrait, asked without the page."""
    with FaceClient(server.inference) as face:
        return face.explain(portrait())


def shown(image: Locator) -> Image.Image:
    """The pixels of an image whose source is a `data:` URL."""
    return Image.open(io.BytesIO(base64.b64decode(image.get_attribute("src").partition(",")[2])))


def whole_photo(page: Page) -> Locator:
    page.get_by_role("radio", name="all of it").click()
    photo = page.get_by_alt_text(f"{NAME}, with a frame around the judged face", exact=True)
    photo.wait_for()
    return photo


def test_the_verdict_of_the_service_in_words(answer, visit):
    page = visit()
    card = give_one(page)
    expect(card.get_by_role("heading", level=2)).to_contain_text(headline(answer))
    expect(card).to_contain_text(meaning(answer))
    expect(card).to_contain_text(f"score for AI: {of_100(answer.score_ai)} of 100")
    facts = page.locator(".facts").first
    for fact in (f"{answer.face.box[2]} × {answer.face.box[3]} px", "512 × 512 px, JPEG", "face 1.0", " ms"):
        expect(facts).to_contain_text(fact)


def test_the_heat_map_lies_over_what_the_model_saw(answer, visit):
    page = visit()
    give_one(page)
    expect(heat_map(page)).to_be_visible()
    expect(heat_map(page)).to_have_attribute("alt", f"Heat map. {in_words(answer.explanation)}")
    assert shown(heat_map(page)).tobytes() == Image.open(io.BytesIO(picture(answer.explanation))).tobytes()
    photo = whole_photo(page).bounding_box()
    layer = heat_map(page).bounding_box()
    scale = photo["width"] / answer.image.width
    x, y, width, height = (scale * edge for edge in answer.explanation.box)
    found = [layer["x"] - photo["x"], layer["y"] - photo["y"], layer["width"], layer["height"]]
    assert found == pytest.approx([x, y, width, height], abs=1.5)  # pixels of the screen


def test_opacity_and_evidence_are_chosen_by_keyboard(visit):
    page = visit()
    give_one(page)
    page.get_by_label("Heat map opacity").focus()
    page.keyboard.press("Home")
    expect(heat_map(page)).to_have_css("opacity", "0")
    page.keyboard.press("ArrowRight")
    expect(heat_map(page)).to_have_css("opacity", "0.05")
    both = heat_map(page).get_attribute("src")
    page.get_by_role("radio", name="all", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(heat_map(page)).not_to_have_attribute("src", both)
    pixels = shown(heat_map(page)).getdata()
    assert {pixel[:3] for pixel in pixels if pixel[3]} <= {AI_COLOUR}
    expect(heat_map(page)).to_have_css("opacity", "0.05")  # the slider stays where it was


def test_a_photo_stored_on_its_side_is_shown_upright(visit):
    page = visit()
    give_one(page, turned_portrait())
    found = shown(whole_photo(page)).convert("L")
    upright = Image.open(io.BytesIO(portrait())).convert("L")
    assert ImageStat.Stat(ImageChops.difference(found, upright)).mean[0] < 4  # two JPEGs of the same pixels


def test_without_a_face_there_is_no_map_and_no_control_of_it(visit):
    page = visit()
    expect(give_one(page, no_face()).get_by_role("heading", level=2)).to_contain_text("No face found")
    expect(page.get_by_alt_text(NAME, exact=True)).to_be_visible()
    expect(heat_map(page)).to_be_hidden()
    expect(page.get_by_label("Heat map opacity")).to_be_hidden()
    expect(page.get_by_role("radio")).to_have_count(0)


def test_a_face_too_small_is_uncertain_with_its_reason(visit):
    card = give_one(visit(), small_portrait(160))
    expect(card.get_by_role("heading", level=2)).to_contain_text("Uncertain")
    expect(card).to_contain_text("too small")
    expect(card.get_by_role("img")).to_have_count(0)  # no scale, as the score means nothing
