"""A new version takes the place of the default one, without a request lost; or it is refused, or taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from client.archive import Archive, read_archive
from client.comparison import Comparison, Side, compare
from client.drain import Drain
from client.errors import FaceError, Unreachable
from client.journal import Journal, Kept, Record
from client.limits import Limits
from client.observation import observe
from client.rollback import abandon, retire, take_back
from client.site import Impossible, Site
from client.sources import Source
from client.traffic import Window
from client.workers import ensure, warm

KEPT_WORKERS = 1  # of the former version: the memory of one worker, for a way back that needs no start
BEFORE_SECONDS = 10.0  # of watching before the switch, at most
Outcome = Literal["rolled_out", "already_default", "refused", "rolled_back"]


@dataclass(frozen=True)
class Report:
    """How it ended.

    Attributes:
        reasons: what spoke against the new version.
        comparison, before, after: what it was judged by; None where it did not come to it, or an earlier command did it.
    """

    outcome: Outcome
    version: str
    former: str | None
    reasons: tuple[str, ...] = ()
    comparison: Comparison | None = None
    before: Window | None = None
    after: Window | None = None


@dataclass(frozen=True)
class Rollout:
    """All that a roll-out needs.

    Attributes:
        watch_seconds: how long the new version is watched after the switch.
        tell: gets a line before each step.
    """

    site: Site
    journal: Journal
    golden: Sequence[Source]
    limits: Limits
    watch_seconds: float
    tell: Callable[[str], None]

    def run(self, path: Path) -> Report:
        """Rolls an archive out, from wherever an earlier command has left it.

        Raises:
            Impossible: the server is not in a state for it, and nothing was changed.
            Unreachable: the server went away. Where it is back, run it again.
        """
        archive, image = read_archive(path), self.golden[0].read()
        record = self.position(path, archive)
        if record and record.step == "undo":
            self.tell("taking back what an earlier command began to take back")
            take_back(self.site, self.journal, record, image, self.tell)
            record = self.position(path, archive)
        if record is None:
            if self.site.management.describe(archive.version).model.sha256 != archive.sha256:
                raise Impossible(f"{archive.version} is served with other weights: each release needs a version of its own.")
            return Report("already_default", archive.version, None)
        compared = None
        if record.step == "trial":
            self.journal.write(record)
            compared, reasons = self.trial(record, archive, image)
            if reasons:
                abandon(self.site, self.journal, record, self.tell)
                return Report("refused", record.version, record.former.version, tuple(reasons), compared)
            record = self.switch(record)
        report = Report("rolled_out", record.version, record.former.version, comparison=compared, before=record.before)
        left = [kept.version for kept in (record.earlier, record.former) if kept]
        drains = {version: Drain(self.site, version) for version in left}
        if record.step == "watch":
            after, reasons = self.watch(record, drains)
            report = replace(report, after=after)
            if reasons:
                take_back(self.site, self.journal, record, image, self.tell)
                return replace(report, outcome="rolled_back", reasons=tuple(reasons))
            record = replace(record, step="retire")
        self.finish(record, drains)
        return report

    def position(self, path: Path, archive: Archive) -> Record | None:
        """Where the roll-out stands, by what the server says and the journal adds; None where there is nothing left to do.

        Raises:
            Impossible: it cannot be begun.
        """
        default = self.site.default()
        record = self.journal.read()
        if record and not record.concerns(default.version):
            record = None
        if record and record.step == "undo":
            return record
        if record and record.step != "done":
            if record.version != archive.version or record.archive != path.name:
                raise Impossible(f"{record.archive} is not rolled out to its end: `face rollout` it again, or `face rollback`.")
            return record if default.version == record.version else replace(record, step="trial")
        if default.version == archive.version:
            return None
        if record and record.former.version == archive.version:
            raise Impossible(f"{archive.version} is the former version and stands by: `face rollback` goes back to it.")
        there = self.site.version(archive.version)
        if there and there.archive != path.name:
            raise Impossible(f"Version {archive.version} is registered from {there.archive}.")
        return Record(
            version=archive.version,
            archive=path.name,
            former=Kept(default.version, default.archive),
            workers=max(default.wanted, KEPT_WORKERS),
            adopted=there is not None,
            step="trial",
            before=None,
            earlier=record.former if record else None,
        )

    def plan(self, path: Path) -> list[str]:
        """What `run` would do now, a line a step."""
        archive = read_archive(path)
        record = self.position(path, archive)
        if record is None:
            return [f"{archive.version} is the default already: nothing to do"]
        new, former = record.version, record.former.version
        if record.step == "undo":
            return [f"finish going back from {new} to {former}, then begin anew"]
        steps = {
            "trial": [
                f"start {record.workers} workers of {new} from {record.archive}, and warm them",
                f"compare {new} with {former} on {len(self.golden)} images: {self.limits.in_words()}",
                f"make {new} the default",
            ],
            "watch": [f"watch {new} for {self.watch_seconds:g} s; back to {former} if it breaks a limit"],
            "retire": [
                *([f"remove {record.earlier.version}, drained"] if record.earlier else []),
                f"keep {former} with {KEPT_WORKERS} worker, drained, for `face rollback`",
            ],
        }
        names = list(steps)
        return [line for name in names[names.index(record.step) :] for line in steps[name]]

    def trial(self, record: Record, archive: Archive, image: bytes) -> tuple[Comparison | None, list[str]]:
        """Brings the new version up beside the default one and compares them; what speaks against it."""
        new, former = record.version, record.former.version
        try:
            self.tell(f"{new}: starting {record.workers} workers")
            ensure(self.site, new, record.archive, record.workers)
            if self.site.management.describe(new).model.sha256 != archive.sha256:
                return None, [f"The server's model store has another {record.archive}."]
            self.tell(f"{new}: warming its workers")
            warm(self.site.face, self.site.version(new), image)
            self.tell(f"{new}: comparing it with {former} on {len(self.golden)} images")
            compared = compare(*(Side(version, self.site.face, version) for version in (former, new)), self.golden)
        except Unreachable:
            raise
        except FaceError as error:
            return None, [error.message]
        return compared, self.limits.broken_by(compared)

    def switch(self, record: Record) -> Record:
        """Notes how the former version does, and makes the new one the default."""
        self.tell(f"{record.former.version}: watching it before the switch")
        before, _ = observe(self.site, self.golden, min(self.watch_seconds, BEFORE_SECONDS), lambda *_: [])
        record = replace(record, step="watch", before=before)
        self.journal.write(record)
        self.tell(f"{record.version}: making it the default")
        self.site.management.set_default(record.version)
        return record

    def watch(self, record: Record, drains: dict[str, Drain]) -> tuple[Window, list[str]]:
        """Watches the new version serve, and the others fall silent; what speaks against the new one."""
        self.tell(f"{record.version}: watching it for {self.watch_seconds:g} s")

        def judge(seen: Window, silent: int, final: bool) -> list[str]:
            for drain in drains.values():
                drain.look()
            return self.limits.broken_in(seen, record.before, silent=silent, final=final)

        return observe(self.site, self.golden, self.watch_seconds, judge)

    def finish(self, record: Record, drains: dict[str, Drain]) -> None:
        """Reduces the former version to what a rollback needs, and removes the one before it."""
        self.journal.write(record)
        if record.earlier and self.site.version(record.earlier.version):
            retire(drains[record.earlier.version], self.tell)
        former = self.site.version(record.former.version)
        if former and former.wanted > KEPT_WORKERS:
            self.tell(f"{former.version}: waiting for its last answers")
            if drains[former.version].wait():
                self.site.management.scale(former.version, KEPT_WORKERS)
                self.tell(f"{former.version} stands by with {KEPT_WORKERS} worker")
            else:
                self.tell(f"{former.version} is still asked for by its name: it keeps its workers")
        self.journal.write(replace(record, step="done", earlier=None))
