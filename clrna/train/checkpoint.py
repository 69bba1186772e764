"""Save a training so that it goes on later to the same result as one that was never stopped."""

import dataclasses
import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from clrna.errors import InputError
from clrna.io.output.stop_signals import held_signals
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from clrna.quoted import reason_of
from clrna.train.precision import AUTO, CHOICES, settle_precision
from clrna.train.trainer import Trainer, TrainingProgress

logger = logging.getLogger("clrna")

KIND = "checkpoint"
FORMAT_VERSION = 1


class TrainingStopped(Exception):
    """A signal has arrived and the state is saved; seen only where the signal's own handler returns."""


@dataclasses.dataclass(frozen=True)
class CheckpointFile:
    """Where and how often the state is saved.

    Parameters
    ----------
    path
        A ``.safetensors`` file.
    every
        Epochs between two checkpoints.
    resume
        Go on from the file if it is there.
    """

    path: Path
    every: int
    resume: bool


def train_with_checkpoints(trainer: Trainer, file: CheckpointFile, fingerprint: Mapping[str, Any]) -> None:
    """Run ``trainer``; save it at intervals, at the end, and when a signal arrives that ends the program.

    Parameters
    ----------
    trainer
        New trainer.
    file
        Where and how often.
    fingerprint
        What has to be the same for the saved state to be of use, by name, as JSON can hold it. So has the precision,
        which is that of ``trainer``; where it is ``auto``, it becomes the one that the saved training began with.

    Raises
    ------
    InputError
        The file to resume from is damaged, or is of another training.
    """
    if file.resume and file.path.exists():
        load_checkpoint(trainer, file.path, fingerprint)
    settle_precision(trainer)
    with held_signals() as held:

        def after_step(running: Trainer) -> None:
            progress = running.progress
            due = progress.step == 0 and progress.epoch % file.every == 0
            if held.arrived or due or running.finished:
                save_checkpoint(running, file.path, fingerprint)
            if held.arrived:
                raise TrainingStopped

        try:
            trainer.run(after_step)
        except TrainingStopped:
            logger.warning("stopped in epoch %d; --resume goes on from %s", trainer.progress.epoch + 1, file.path)
            raise


def save_checkpoint(trainer: Trainer, path: Path, fingerprint: Mapping[str, Any]) -> None:
    """Write the state of ``trainer`` to ``path``, whole or not at all."""
    tensors = {f"network.{name}": tensor for name, tensor in trainer.network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in (trainer.best_state or {}).items()}
    for number, state in trainer.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{name}": tensor for name, tensor in state.items()}
    tensors["centers"] = trainer.center_loss.centers
    tensors["generator.order"] = trainer.order_generator.get_state()
    tensors["generator.noise"] = trainer.noise_generator.get_state()
    if trainer.order is not None:
        tensors["order"] = trainer.order
    description = {
        "progress": dataclasses.asdict(trainer.progress),
        "fingerprint": {**fingerprint, "precision": trainer.cost.precision},
        "environment": _environment(),
    }
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
    write_tensor_file(path, KIND, FORMAT_VERSION, arrays, description)
    logger.debug("wrote %s at epoch %d", path, trainer.progress.epoch)


def load_checkpoint(trainer: Trainer, path: Path, fingerprint: Mapping[str, Any]) -> None:
    """Put the state that :func:`save_checkpoint` wrote into ``trainer``.

    Raises
    ------
    InputError
        The file is damaged, or is of another training; the error says what differs.
    """
    arrays, description = read_tensor_file(path, KIND, FORMAT_VERSION)
    saved, environment = description.get("fingerprint"), description.get("environment")
    if not isinstance(saved, dict) or not isinstance(environment, dict):
        raise InputError(f"{path}: is not a complete checkpoint; remove it and start over")
    if trainer.cost.precision == AUTO and saved.get("precision") in CHOICES:
        trainer.cost.precision = saved["precision"]
        logger.info("precision auto: %s, in which the training began", trainer.cost.precision)
    _check_same(path, saved, {**fingerprint, "precision": trainer.cost.precision})
    for name, value in _environment().items():
        if environment.get(name) != value:
            text = "%s was written with %s %s, this run has %s: the result may differ in the last digits"
            logger.warning(text, path, name, environment.get(name), value)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    try:
        _restore(trainer, tensors)
        trainer.progress = TrainingProgress(**description["progress"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, OverflowError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: is not a complete checkpoint ({reason}); remove it and start over") from error
    logger.info("resumed from %s after %d epochs", path, trainer.progress.epoch)


def fingerprint_of(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of the names, shapes and contents of arrays; text is taken as UTF-8."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.shape}\n".encode())
        if array.dtype == object:
            digest.update("\0".join(map(str, array)).encode())
        else:
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _restore(trainer: Trainer, tensors: dict[str, torch.Tensor]) -> None:
    trainer.network.load_state_dict(_within(tensors, "network."))
    best = _within(tensors, "best.")
    trainer.best_state = {name: tensor.to(trainer.device) for name, tensor in best.items()} or None
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in _within(tensors, "optimizer.").items():
        number, key = name.split(".", 1)
        moments.setdefault(int(number), {})[key] = tensor
    groups = trainer.optimizer.state_dict()["param_groups"]
    trainer.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    trainer.center_loss.centers = tensors["centers"].to(trainer.device)
    trainer.order_generator.set_state(tensors["generator.order"])
    trainer.noise_generator.set_state(tensors["generator.noise"])
    trainer.order = tensors.get("order")


def _within(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _check_same(path: Path, saved: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    differing = [
        f"{name} {_short(saved.get(name))}, here {_short(wanted.get(name))}"
        for name in sorted(set(saved) | set(wanted))
        if saved.get(name) != wanted.get(name)
    ]
    if differing:
        some = "; ".join(differing[:5])
        raise InputError(f"{path}: is of another training ({some}); leave --resume out or name another --checkpoint")


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:12]}..." if len(text) > 20 else text


def _environment() -> dict[str, Any]:
    """Return what rounds differently though the training is the same."""
    return {"torch": torch.__version__, "threads": torch.get_num_threads()}
