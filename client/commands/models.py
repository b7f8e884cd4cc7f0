"""`face models`: which versions are served, and by which workers?"""

from dataclasses import asdict

from client import options
from client.journal import Journal, Record
from client.management import ManagementClient
from client.output import Row, make_output
from client.versions import Version, Worker

COLUMNS = ("version", "default", "rollout", "archive", "batch_size", "pending", "worker", "status", "pid", "memory", "started")
SHOWN = tuple(name for name in COLUMNS if name != "batch_size")


def models(
    output_format: options.Format = None,
    management_url: options.ManagementUrl = options.MANAGEMENT_URL,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """List the versions that are served: a row for each worker of each version.

    The default version answers requests that name none. Pending requests wait
    for a worker. Memory is in bytes, and empty where the server does not
    measure it. What a version is in a roll-out made from here: candidate (being
    compared), watched (since the switch), rolled out, leaving (being taken
    back), or former (what `face rollback` goes back to). Exit code 1: no
    version is registered.

    Examples:

    $ face models

    $ face models --format jsonl | jq -r 'select(.status != "READY").pid'
    """
    with ManagementClient(management_url, timeout=timeout) as management:
        versions = management.versions()
    default = next((version.version for version in versions if version.default), "")
    record = Journal(management_url).read()
    record = record if record and record.concerns(default) else None
    with make_output(output_format, COLUMNS, SHOWN) as output:
        for version in versions:
            for worker in version.workers or (None,):
                output.add(row(version, worker, record))


def row(version: Version, worker: Worker | None, record: Record | None) -> Row:
    """One worker of a version; None for a version that has none, which is worth a row all the more."""
    own = {name: value for name, value in asdict(version).items() if name in COLUMNS}
    own["rollout"] = record.role(version.version) if record else None
    named = asdict(worker) if worker else dict.fromkeys(("id", "status", "pid", "memory", "started"))
    cells = own | {"worker": named.pop("id")} | named
    return Row(cells, cells | {"default": "yes" if version.default else ""}, failed=worker is None)
