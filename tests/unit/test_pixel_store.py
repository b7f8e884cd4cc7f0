import gc

from PIL import Image

from handler.pixel_store import PixelStore

SIDE = 10
BYTES = 4 * SIDE * SIDE


class Photo:
    def __init__(self, store: PixelStore):
        self.pixels = Image.new("RGB", (SIDE, SIDE))
        store.add(self)


def test_the_oldest_give_way_and_the_newest_stays():
    store = PixelStore(limit=2 * BYTES)
    first, second, third = (Photo(store) for _ in range(3))
    assert first.pixels is None
    assert second.pixels and third.pixels
    store.limit = 0
    fourth = Photo(store)
    assert second.pixels is None and third.pixels is None
    assert fourth.pixels


def test_a_photo_decoded_again_is_the_newest_and_counts_once():
    store = PixelStore(limit=2 * BYTES)
    first, second = Photo(store), Photo(store)
    store.add(first)
    third = Photo(store)
    assert second.pixels is None
    assert first.pixels and third.pixels


def test_the_store_keeps_nothing_alive():
    store = PixelStore(limit=2 * BYTES)
    Photo(store)
    gc.collect()
    kept = Photo(store), Photo(store)
    assert all(photo.pixels for photo in kept)
