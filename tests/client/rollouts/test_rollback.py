"""`face rollback` on a real server."""

import threading

import requests

from tests.client.rollouts.site import WORKERS, default, register, versions
from tests.pictures import portrait


def test_a_version_answers_what_it_has_before_it_goes(face, server, store):
    """Twenty requests are on their way to it, by its name and as the default, when it is taken back."""
    register(server, store.mar("slow"))
    requests.put(f"{server.management}/models/face/slow/set-default", timeout=10).raise_for_status()
    statuses = []

    def ask(path: str) -> None:
        statuses.append(requests.post(f"{server.inference}/predictions/{path}", data=portrait(), timeout=100).status_code)

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("face", "face/slow") * 10]
    for thread in threads:
        thread.start()
    done = face("rollback", *face.golden)
    for thread in threads:
        thread.join()
    assert done.returncode == 0, done.stderr
    assert statuses == [200] * len(threads)
    assert versions(server) == {"1.0": WORKERS}


def test_without_notes_the_other_version_is_the_former_one(face, server, store):
    for version in ("1.1", "1.2"):
        register(server, store.mar(version))
    unsure = face("rollback", *face.golden)
    assert unsure.returncode == 1
    assert "say --to which of 1.1, 1.2" in unsure.stderr
    done = face("rollback", "--to", "1.2", *face.golden)
    assert (done.returncode, default(server)) == (0, "1.2")
    assert versions(server) == {"1.1": 1, "1.2": WORKERS}
