"""The training loop: what `train` and `finetune` share."""

import csv
import logging
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import log_loss, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from handler.face_model import FaceModel
from training.augment import Augmentation
from training.checkpoint import BEST, LAST, load_last, save_last, save_weights
from training.composite import Composer
from training.dataset import BalancedSampler, FaceDataset
from training.distributed import Group
from training.manifest import read_manifest
from training.photos import DataError

log = logging.getLogger(__name__)
HISTORY = "history.csv"
STAGES = ("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",)


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    data: Path = field(metadata={"help": "prepared folder"})
    out: Path = field(metadata={"help": "run folder"})
    augmentation: dict = field(metadata={"help": "see training/augment.py"})
    mean: list = field(metadata={"help": "normalisation by channel, of pixels in 0..1"})
    std: list = field(metadata={"help": "normalisation by channel, of pixels in 0..1"})
    epochs: int = field(metadata={"help": "an epoch draws as many crops as the training split has"})
    batch_size: int = field(default=32, metadata={"help": "crops a step, over all processes"})
    accumulate: int = field(
        default=1, metadata={"help": "passes that a step is made of: a large batch in the memory of a small one"}
    )
    optimizer: str = field(default="adamw", metadata={"help": "adamw or adam"})
    learning_rate: float = field(default=3e-4, metadata={"help": "peak"})
    weight_decay: float = field(default=0.01, metadata={"help": "decoupled for adamw, L2 for adam"})
    schedule: str = field(default="cosine", metadata={"help": "cosine, or step: a tenth after two thirds of the epochs"})
    warmup: float = field(default=0.05, metadata={"help": "share of the steps over which the rate rises from 0"})
    label_smoothing: float = field(default=0.0, metadata={"help": "0..1"})
    composite: float = field(default=0.0, metadata={"help": "share of the crops that are made of two: training/composite.py"})
    ema_decay: float = field(default=0.998, metadata={"help": "a step, of the averaged weights, the ones kept; 0: none"})
    source_power: float = field(default=0.5, metadata={"help": "draws a source by its size to this power; 0: all alike"})
    precision: str = field(default="auto", metadata={"help": "fp32, bf16, or auto: bf16 where the processor has it"})
    freeze_backbone: bool = field(default=False, metadata={"help": "train the linear layer alone"})
    frozen_stages: int = field(
        default=0, metadata={"help": "first stages that keep their initial weights: 1 the stem, 2 layer1 too, up to 5 layer4"}
    )
    seed: int = field(default=0, metadata={"help": "of the head's weights, the order and the augmentation"})
    loader_workers: int = field(default=1, metadata={"help": "processes that read and augment"})
    resume: bool = field(default=False, metadata={"help": "go on from last.pt of the run folder"})


def fit(settings: FitSettings, model: FaceModel, group: Group, share: dict[str, float] | None = None) -> None:
    """Trains `model` and keeps, in the run folder, the averaged weights of the epoch with the best validation AUC.

    Args:
        share: see `BalancedSampler`.

    Raises:
        DataError: a class is missing from the training or the validation split.
    """
    train_rows, val_rows = (usable(settings.data, split) for split in ("train", "val"))
    loader = training_loader(settings, train_rows, group, share)
    val_loader = DataLoader(FaceDataset(settings.data, val_rows), batch_size=64)

    model.to(group.device, memory_format=torch.channels_last)
    if settings.freeze_backbone:
        model.backbone.requires_grad_(False)
        model.backbone.fc.requires_grad_(True)
    for name in chain(*STAGES[: settings.frozen_stages]):
        model.backbone.get_submodule(name).requires_grad_(False)
    learner = Learner(settings, model, group, steps=len(loader) // settings.accumulate * settings.epochs)
    if settings.resume and (settings.out / LAST).is_file():
        learner.load(load_last(settings.out))
        log.info("resumed after epoch %d", learner.epoch)
    writer = SummaryWriter(settings.out / "tensorboard") if group.is_first else None
    while learner.epoch < settings.epochs:
        loader.sampler.epoch = learner.epoch
        figures = learner.train_epoch(loader)
        if group.is_first:
            figures |= learner.validate(val_loader, [row.target for row in val_rows])
            learner.keep(figures, writer)
        group.wait()


def training_loader(settings: FitSettings, rows: list, group: Group, share: dict[str, float] | None = None) -> DataLoader:
    """This process's augmented batches of the training split; its sampler's `epoch` is to be set before each pass."""
    sampler = BalancedSampler(
        rows, source_power=settings.source_power, seed=settings.seed, share=share, rank=group.rank, world=group.world
    )
    targets = np.array([row.target for row in rows])
    composer = Composer(settings.composite, targets, sampler.weights) if settings.composite else None
    at_once = settings.batch_size // group.world // settings.accumulate
    return DataLoader(
        FaceDataset(settings.data, rows, Augmentation(**settings.augmentation), composer),
        batch_size=at_once,
        sampler=sampler,
        num_workers=settings.loader_workers,
        persistent_workers=settings.loader_workers > 0,
        drop_last=len(sampler) > at_once,
    )


def usable(folder: Path, split: str) -> list:
    rows = read_manifest(folder, split)
    for label in ("real", "ai"):
        if not any(row.label == label for row in rows):
            raise DataError(f"the split '{split}' of {folder} has no face of class '{label}'")
    return rows


class Learner:
    """The state of a run: weights, their average, optimizer, schedule, epoch; and what is done with it."""

    def __init__(self, settings: FitSettings, model: FaceModel, group: Group, steps: int):
        self.settings, self.model, self.group = settings, model, group
        self.parallel = group.wrap(model)
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
        self.optimizer = kinds[settings.optimizer](trained, settings.learning_rate, weight_decay=settings.weight_decay)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate_factor(settings, steps))
        # decay 0 keeps the last weights themselves
        self.average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(settings.ema_decay), use_buffers=True)
        self.scale = 1 / (255 * torch.tensor(settings.std, device=group.device)).view(1, 3, 1, 1)
        self.shift = -(torch.tensor(settings.mean) / torch.tensor(settings.std)).view(1, 3, 1, 1).to(group.device)
        self.bf16 = settings.precision == "bf16" or (settings.precision == "auto" and has_bf16(group.device))
        self.epoch = 0
        self.best = -math.inf

    def logits(self, model: nn.Module, crops: Tensor) -> Tensor:
        crops = crops.to(self.group.device, memory_format=torch.channels_last)
        with torch.autocast(self.group.device.type, torch.bfloat16, enabled=self.bf16):
            return model(crops * self.scale + self.shift).float()

    def train_epoch(self, loader: Iterable) -> dict[str, float]:
        """One pass; returns its mean loss, rate and speed."""
        self.model.train()
        if self.settings.freeze_backbone:  # a frozen backbone keeps its statistics too
            self.model.backbone.eval()
        started, total, seen = time.perf_counter(), 0.0, 0
        progress = tqdm(loader, desc=f"epoch {self.epoch + 1}/{self.settings.epochs}", disable=not self.group.is_first)
        for number, (crops, targets) in enumerate(progress, 1):
            loss = self.loss(crops, targets)
            (loss / self.settings.accumulate).backward()
            if number % self.settings.accumulate == 0:
                self.step()
            total, seen = total + loss.item() * len(crops), seen + len(crops)
            progress.set_postfix(loss=f"{total / seen:.4f}")
        self.epoch += 1
        seconds = time.perf_counter() - started
        return {
            "epoch": self.epoch,
            "train_loss": total / seen,
            "learning_rate": self.schedule.get_last_lr()[0],
            "images_per_second": seen * self.group.world / seconds,
        }

    def step(self) -> None:
        """Moves the weights by the gradients that have gathered."""
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.schedule.step()
        self.average.update_parameters(self.model)

    def loss(self, crops: Tensor, targets: Tensor) -> Tensor:
        """Of one pass."""
        logits = self.logits(self.parallel, crops)
        return F.cross_entropy(logits, targets.to(self.group.device), label_smoothing=self.settings.label_smoothing)

    @torch.no_grad()
    def validate(self, loader: Iterable, targets: list[int]) -> dict[str, float]:
        """AUC and NLL of the averaged weights on whole crops."""
        model = self.average.module.eval()
        score = torch.cat([self.logits(model, crops).softmax(1)[:, 1] for crops, _ in loader]).double().cpu().numpy()
        return {"val_auc": roc_auc_score(targets, score), "val_nll": log_loss(targets, score, labels=[0, 1])}

    def keep(self, figures: dict[str, float], writer: SummaryWriter) -> None:
        """Writes the epoch's figures and state, and the weights if they are the best."""
        out = self.settings.out
        first = not (out / HISTORY).exists()
        with open(out / HISTORY, "a", newline="") as file:
            table = csv.DictWriter(file, figures, lineterminator="\n")
            if first:
                table.writeheader()
            table.writerow(figures)
        for name, value in figures.items():
            writer.add_scalar(name, value, self.epoch)
        writer.flush()
        log.info("  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        if figures["val_auc"] > self.best:
            self.best = figures["val_auc"]
            save_weights(self.average.module, out / BEST)
        save_last(self.state(), out)

    def state(self) -> dict:
        parts = ("model", "average", "optimizer", "schedule")
        return {name: getattr(self, name).state_dict() for name in parts} | {"epoch": self.epoch, "best": self.best}

    def load(self, state: dict) -> None:
        """Takes up `state()`; with the sampler's seeds, the run goes on exactly as if it had not been stopped."""
        for name in ("model", "average", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.epoch, self.best = state["epoch"], state["best"]


def rate_factor(settings: FitSettings, steps: int):
    """The learning rate over its peak, by step: a linear warm-up, then half a cosine to 0 or one drop to a tenth."""
    warmup = max(1, round(steps * settings.warmup))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        done = (step - warmup) / max(1, steps - warmup)
        if settings.schedule == "step":
            return 0.1 if done >= 2 / 3 else 1.0
        return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

    return factor


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 arithmetic is in hardware; emulated, it is ten times slower than fp32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
