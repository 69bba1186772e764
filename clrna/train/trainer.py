"""The training loop: steps, validation, the best state, early stopping."""

import dataclasses
import functools
import logging
import math
import sys
from collections.abc import Callable
from typing import Any

import torch
from tqdm import tqdm

from clrna.errors import InputError
from clrna.metrics.macro_f1 import macro_f1
from clrna.model.network import Autoencoder
from clrna.model.settings import COST_TERMS, ModelSettings
from clrna.train.batches import Disturbance, shuffled
from clrna.train.cost import Cost, balanced_weights
from clrna.train.history import COLUMNS
from clrna.train.labelled_rows import LabelledRows
from clrna.train.losses import CenterLoss

logger = logging.getLogger("clrna")

# Validation samples that pass through the network at once, as in the published training.
_VALID_ROWS = 1024


@dataclasses.dataclass
class TrainingProgress:
    """How far a training has come: all of its state that is neither a tensor nor a random generator.

    Attributes
    ----------
    epoch
        Epochs completed.
    step
        Steps completed in the epoch that is going on.
    sums
        Sum over those steps of the cost and of each of its terms.
    history
        A row for each epoch completed, its keys those of :data:`clrna.train.history.COLUMNS`; None
        where not measured.
    best_cost, best_epoch
        Lowest validation cost and the epoch that reached it; None before the first validation.
    waited
        Validations since then.
    """

    epoch: int = 0
    step: int = 0
    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    best_cost: float | None = None
    best_epoch: int | None = None
    waited: int = 0


class Trainer:
    """A network in training, with all the state that has to be saved to go on later.

    Parameters
    ----------
    network
        Initialised network; trained in place.
    settings
        Cost and optimisation.
    train, valid
        Samples to learn from and to select the best epoch on; ``valid`` may be empty.
    disturbance
        What is done to the input of a training step.
    n_classes
        Labels in the data, whether or not the network has a classifier.
    seed
        Seed of the order of the samples, the disturbance and the dropout.
    device, precision
        Where and in which arithmetic to compute; ``auto`` has to be settled before the first step, see
        :func:`clrna.train.precision.settle_precision`.
    """

    def __init__(
        self,
        network: Autoencoder,
        settings: ModelSettings,
        train: LabelledRows,
        valid: LabelledRows,
        disturbance: Disturbance,
        *,
        n_classes: int,
        seed: int,
        device: torch.device,
        precision: str,
    ) -> None:
        self.network = network.to(device)
        self.settings = settings
        self.train = train
        self.valid = valid
        self.seed = seed
        self.device = device
        balanced = settings.class_weights == "balanced"
        weights = balanced_weights(train.labels, n_classes) if balanced else torch.ones(n_classes)
        self.center_loss = CenterLoss(n_classes, settings.latent_dim, settings.center_rate, device)
        self.cost = Cost(settings, self.center_loss, weights.to(device), disturbance, precision)
        self.order_generator = torch.Generator().manual_seed(seed)
        self.noise_generator = torch.Generator(device).manual_seed(seed)
        self.order: torch.Tensor | None = None
        self.best_state: dict[str, torch.Tensor] | None = None
        self.progress = TrainingProgress()

    @functools.cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """What makes a step of gradients; made when it is first asked for, since to load it takes a second."""
        # Adam where the decay is 0; where it is not, the decay is decoupled (Loshchilov & Hutter, ICLR 2019).
        # Fused: one pass over the parameters in place of six, an eighth of the time for the published networks.
        # A closed form has no parameters; the optimiser wants one.
        return torch.optim.AdamW(
            list(self.network.parameters()) or [torch.zeros(0, device=self.device, requires_grad=True)],
            lr=self.settings.learning_rate,
            weight_decay=self.settings.weight_decay,
            fused=self.device.type != "mps",
        )

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the validation cost has not become better for too long."""
        tired = 0 < self.settings.patience <= self.progress.waited
        return self.progress.step == 0 and (tired or self.progress.epoch >= self.settings.epochs)

    def run(self, after_step: Callable[["Trainer"], None] | None = None) -> None:
        """Train until :attr:`finished`, then put the best validated state into the network.

        Parameters
        ----------
        after_step
            Called after each step, when the state is whole; may save it, and may raise to stop.

        Raises
        ------
        InputError
            The cost is not finite any more.
        """
        quiet = not sys.stderr.isatty() or not logger.isEnabledFor(logging.INFO)
        start = self.progress.epoch
        with tqdm(total=self.settings.epochs, initial=start, unit="epoch", disable=quiet, leave=False) as bar:
            while not self.finished:
                before = self.progress.epoch
                self._step()
                if after_step is not None:
                    after_step(self)
                bar.update(self.progress.epoch - before)
        if self.best_state is not None:
            self.network.load_state_dict(self.best_state)
        self._log_end()

    def _step(self) -> None:
        """Take one step; if it was the epoch's last, validate and close the epoch."""
        progress = self.progress
        if self.order is None:
            self.order = shuffled(len(self.train), self.settings.batch_size, self.order_generator)
            progress.sums = dict.fromkeys(("cost", *COST_TERMS), 0.0)
        values = self.learn(self.order[progress.step])
        self._check_finite(values["cost"], progress.epoch + 1)
        for name, value in values.items():
            progress.sums[name] += value
        progress.step += 1
        if progress.step == len(self.order):
            self._close_epoch(len(self.order))
        else:
            self.train.prefetch(self.order[progress.step])

    def learn(self, rows: torch.Tensor) -> dict[str, float]:
        """Take a step on these samples, and return what they cost before it, in all and by term."""
        genes, labels = self.train.take(rows)
        batch = self.cost.of(self.network, genes, labels, self.noise_generator, learning=True)
        values = batch.values()
        self.optimizer.zero_grad(set_to_none=True)
        batch.total.backward()
        self.optimizer.step()
        if self.settings.center_weight:
            self.center_loss.update(batch.features, batch.classes)
        return values

    def _close_epoch(self, steps: int) -> None:
        progress = self.progress
        progress.epoch += 1
        row: dict[str, Any] = {"epoch": progress.epoch}
        row |= {f"train_{name}": value / steps for name, value in progress.sums.items()}
        # The first epoch and every k-th from there, as the published training counted.
        due = (progress.epoch - 1) % self.settings.validate_every == 0 and len(self.valid) > 0
        measured = self.validate() if due else {}
        row |= {name: measured.get(name) for name in COLUMNS if name.startswith("valid_")}
        row["best"] = due and self._keep_if_best(measured["valid_cost"])
        progress.history.append(row)
        progress.step, progress.sums, self.order = 0, {}, None
        self._log_epoch(row)

    @torch.no_grad()
    def validate(self) -> dict[str, float | None]:
        """Return cost, terms, accuracy and macro-F1 on the validation samples.

        The views that the contrast needs are disturbed by the same noise each time, so that costs of
        two epochs can be compared.
        """
        noise = torch.Generator(self.device).manual_seed(self.seed)
        blocks = torch.tensor_split(torch.arange(len(self.valid)), math.ceil(len(self.valid) / _VALID_ROWS))
        sums = dict.fromkeys(("cost", *COST_TERMS), 0.0)
        predicted = []
        for rows in blocks:
            genes, labels = self.valid.take(rows)
            batch = self.cost.of(self.network, genes, labels, noise, learning=False)
            for name, value in batch.values().items():
                sums[name] += value / len(blocks)
            predicted.append(batch.logits.argmax(dim=1) if self.network.n_classes else torch.zeros_like(labels))
        self._check_finite(sums["cost"], self.progress.epoch)
        truth = self.valid.labels.cpu().numpy()
        known = truth >= 0
        called = torch.cat(predicted).cpu().numpy()[known]
        scored = bool(known.any()) and self.network.n_classes > 0
        return {
            **{f"valid_{name}": value for name, value in sums.items()},
            "valid_accuracy": float((called == truth[known]).mean()) if scored else None,
            "valid_macro_f1": macro_f1(truth[known], called) if scored else None,
        }

    def _keep_if_best(self, cost: float | None) -> bool:
        progress = self.progress
        if cost is None or (progress.best_cost is not None and cost >= progress.best_cost):
            progress.waited += 1
            return False
        progress.best_cost, progress.best_epoch, progress.waited = cost, progress.epoch, 0
        self.best_state = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        return True

    def _check_finite(self, cost: float, epoch: int) -> None:
        if not math.isfinite(cost):
            raise InputError(
                f"the cost became {cost} in epoch {epoch}; use a smaller "
                f"--learning-rate (it is {self.settings.learning_rate:g}) or look for extreme values in the input"
            )

    def _log_epoch(self, row: dict[str, Any]) -> None:
        tenth = max(self.settings.epochs // 10, 1)
        level = logging.INFO if row["epoch"] % tenth == 0 else logging.DEBUG
        valid = "" if row["valid_cost"] is None else f", valid {row['valid_cost']:.4f}"
        logger.log(level, "epoch %d: cost train %.4f%s", row["epoch"], row["train_cost"], valid)

    def _log_end(self) -> None:
        progress = self.progress
        if progress.best_epoch is not None:
            text = "trained %d epochs; epoch %d has the best validation cost, %.4f"
            logger.info(text, progress.epoch, progress.best_epoch, progress.best_cost)
        elif progress.epoch:
            logger.info("trained %d epochs; none was validated, the last is kept", progress.epoch)
