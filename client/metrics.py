"""The metrics endpoint: counters of the server and of each version, as they stand now."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from client.backoff import Backoff
from client.errors import BadAnswer
from client.transport import Transport

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    """One line of the exposition format."""

    labels: dict[str, str]
    value: float


class Snapshot:
    """All samples of one reading, by the name of their metric.

    Raises:
        ValueError: the text is not in the format of Prometheus.
    """

    def __init__(self, text: str):
        self.samples: dict[str, list[Sample]] = defaultdict(list)
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                found = SAMPLE.match(line)
                if not found:
                    raise ValueError(f"{line[:80]!r} is no sample")
                self.samples[found[1]].append(Sample(dict(LABEL.findall(found[2] or "")), float(found[3])))

    def matching(self, name: str, labels: dict[str, str]) -> Iterator[Sample]:
        """The samples of a metric that carry these labels."""
        return (sample for sample in self.samples.get(name, ()) if labels.items() <= sample.labels.items())

    def total(self, name: str, **labels: str) -> float:
        """The sum of the matching samples; 0 where there is none yet, as for a counter that has not counted."""
        return sum(sample.value for sample in self.matching(name, labels))

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """The same sum for each value of a label."""
        sums: dict[str, float] = defaultdict(float)
        for sample in self.matching(name, labels):
            if label in sample.labels:
                sums[sample.labels[label]] += sample.value
        return dict(sums)


class MetricsClient:
    """The metrics endpoint at one address; a context manager, as `FaceClient` is, with its arguments and errors."""

    def __init__(self, url: str, *, timeout: float = 60.0, backoff: Backoff | None = None):
        self.transport = Transport(url, timeout=timeout, backoff=backoff)

    def __enter__(self) -> "MetricsClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.transport.close()

    def read(self) -> Snapshot:
        """What is counted now. The handler's counts come a second or two after the answers that they count."""
        try:
            return Snapshot(self.transport.request("GET", "/metrics").text)
        except ValueError as error:
            raise BadAnswer(f"{self.transport.url}/metrics does not answer as Prometheus expects: {error}.") from None
