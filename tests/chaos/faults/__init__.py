"""The faults: a module each. `FAULTS` has one of each, in the order of the table."""

from tests.chaos.fault import Fault
from tests.chaos.faults.archive_gone import ArchiveGone, UnpackedGone
from tests.chaos.faults.bad_archive import BadArchive
from tests.chaos.faults.clock_jump import ClockJump
from tests.chaos.faults.full_disk import FullDisk
from tests.chaos.faults.gateway_restarted import GatewayKilled, GatewayReloaded, GatewayRestarted
from tests.chaos.faults.out_of_memory import AllocationRefused
from tests.chaos.faults.queue_overflow import QueueOverflow
from tests.chaos.faults.server_killed import ServerKilled
from tests.chaos.faults.worker_killed import AllWorkersKilled, WorkerKilled
from tests.chaos.faults.worker_stopped import WorkerStopped

FAULTS: dict[str, type[Fault]] = {
    "worker-killed": WorkerKilled,
    "all-workers-killed": AllWorkersKilled,
    "worker-stopped": WorkerStopped,
    "allocation-refused": AllocationRefused,
    "full-disk": FullDisk,
    "bad-archive": BadArchive,
    "archive-gone": ArchiveGone,
    "unpacked-gone": UnpackedGone,
    "clock-jump": ClockJump,
    "queue-overflow": QueueOverflow,
    "server-killed": ServerKilled,
    "gateway-reloaded": GatewayReloaded,
    "gateway-restarted": GatewayRestarted,
    "gateway-killed": GatewayKilled,
}
