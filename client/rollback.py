"""Back to the version that served before."""

from collections.abc import Callable
from dataclasses import replace

from client.drain import Drain
from client.journal import Journal, Kept, Record
from client.site import Impossible, Site
from client.workers import ensure, remove, warm

Tell = Callable[[str], None]


def take_back(site: Site, journal: Journal, record: Record, image: bytes, tell: Tell) -> None:
    """Makes the former version the default again, and then removes the other one, once it has answered what it has.

    May be called again wherever it ended.

    Args:
        image: to warm workers with.

    Raises:
        Impossible: the former version does not come up: the default stays as it is.
    """
    former = record.former
    if record.step == "trial" and site.default().version == former.version:
        abandon(site, journal, record, tell)
        return
    if ensure(site, former.version, former.archive, record.workers):
        tell(f"{former.version}: {record.workers} workers are up, warming them")
        warm(site.face, site.version(former.version), image)
    journal.write(replace(record, step="undo"))
    if site.default().version != former.version:
        site.management.set_default(former.version)
        tell(f"{former.version} is the default again")
    if not record.adopted:
        retire(Drain(site, record.version), tell)
    journal.write(record.without())


def abandon(site: Site, journal: Journal, record: Record, tell: Tell) -> None:
    """Removes a version that has never been the default, and so has nothing to answer."""
    if not record.adopted:
        tell(f"{record.version}: removing it")
        remove(site, record.version)
    journal.write(record.without())


def retire(drain: Drain, tell: Tell) -> None:
    """Unregisters a version that gets no more requests; one that still does, by its name, stays."""
    version = drain.version
    tell(f"{version}: waiting for its last answers")
    if drain.wait():
        remove(drain.site, version)
        tell(f"{version} is removed")
    else:
        tell(f"{version} is still asked for by its name: it stays registered")


def record_to_take_back(site: Site, journal: Journal, to: str | None) -> Record:
    """What is to be taken back: the roll-out that the journal tells of, or else the step from another version to the default.

    Args:
        to: the version to go back to; None for the one before.

    Raises:
        Impossible: no such version is known.
    """
    default = site.default()
    record = journal.read()
    if record and record.concerns(default.version) and to in (None, record.former.version):
        return record
    if record and record.concerns(default.version) and record.step != "done":
        raise Impossible(f"A roll-out is under way: it can be taken back to {record.former.version} only.")
    others = [entry for entry in site.management.versions() if not entry.default and to in (None, entry.version)]
    if not others:
        raise Impossible(
            f"There is nothing to go back to from {default.version}." if to is None else f"No version {to} stands by."
        )
    if len(others) > 1:
        versions = ", ".join(entry.version for entry in others)
        raise Impossible(f"No roll-out is known that led to {default.version}: say --to which of {versions}.")
    former = Kept(others[0].version, others[0].archive)
    return Record(default.version, default.archive, former, default.wanted, False, "undo", None, None)
