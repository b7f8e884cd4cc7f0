"""Data-parallel training under `torchrun`; a single process without it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Group:
    """This process among those that train together."""

    rank: int
    world: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this is the process that validates and writes."""
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """The model with its gradients averaged over the processes."""
        return DistributedDataParallel(model) if self.world > 1 else model

    def wait(self) -> None:
        if self.world > 1:
            dist.barrier()


@contextmanager
def process_group() -> Iterator[Group]:
    """The group that torchrun's environment describes: gloo on CPUs, nccl on GPUs."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Group(rank, world, device)
    finally:
        if world > 1:
            dist.destroy_process_group()
