"""What a visitor does on the page."""

from collections.abc import Sequence

from playwright.sync_api import FilePayload, Locator, Page

from tests.pictures import portrait

SECONDS = 120  # for anything to appear: the machine may be busy
NAME = "portrait.jpg"


def photo(data: bytes | None = None, name: str = NAME) -> FilePayload:
    """A file to give; the sample portrait, if not told otherwise."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": portrait() if data is None else data}


def give(page: Page, files: Sequence[FilePayload]) -> None:
    """Chooses files in the uploader."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def give_one(page: Page, data: bytes | None = None) -> Locator:
    """Chooses one photo, and waits for its card: the verdict, or why there is none."""
    give(page, [photo(data)])
    return card(page)


def card(page: Page, title: str = NAME) -> Locator:
    """The card of a photo."""
    found = page.locator(".card").filter(has_text=title)
    found.first.wait_for()
    return found.first


def heat_map(page: Page) -> Locator:
    return page.get_by_alt_text("Heat map.")


def settled(page: Page) -> None:
    """Waits until the script of the page has run, and the browser has loaded what draws its result."""
    page.wait_for_function(
        """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
            && !document.querySelector("[data-testid=stSkeleton], [data-testid=stAppSkeleton]")"""
    )
