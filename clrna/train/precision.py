"""The arithmetic of a training where neither user nor device says which: on a CPU, by its own first steps."""

import logging
import sys

import torch

from clrna.model.device import cpu_computes_in_bf16
from clrna.train.batches import shuffled
from clrna.train.trainer import Trainer

logger = logging.getLogger("clrna")

AUTO = "auto"
CHOICES = ("fp32", "tf32", "bf16")
# Steps that are tried, and the relative difference of their costs from which on bf16 is not taken for fp32. Before the
# first step costs hardly differ whatever becomes of a training; what a step has learned shows in the next one.
_STEPS = 3
_EQUAL = 1e-3


def settle_precision(trainer: Trainer) -> None:
    """Choose the arithmetic of a training that has not begun where it is ``auto``, and log which and why.

    It is bf16 where the CPU has units for it and the first steps cost the same in it as in fp32; else fp32. The same
    machine, data and settings give the same answer: no time is taken. The steps are undone. Without a step to take
    there is nothing to choose.
    """
    if trainer.cost.precision != AUTO:
        return
    trainer.cost.precision = "fp32"
    if trainer.finished:
        return
    if not cpu_computes_in_bf16():
        logger.info("precision auto: fp32, because this CPU, or this PyTorch on it, does not compute in bfloat16")
        return
    costs = {precision: _first_costs(trainer, precision) for precision in ("bf16", "fp32")}
    pairs = zip(costs["bf16"], costs["fp32"], strict=True)
    equal = all(abs(ours - theirs) < _EQUAL * max(abs(theirs), sys.float_info.min) for ours, theirs in pairs)
    trainer.cost.precision = "bf16" if equal else "fp32"
    text = "precision auto: %s, because this CPU has units for bf16, in which the first steps cost %s, in fp32 %s: %s"
    told = (", ".join(f"{cost:.6g}" for cost in costs[precision]) for precision in ("bf16", "fp32"))
    logger.info(text, trainer.cost.precision, *told, f"{'' if equal else 'not '}equal within {_EQUAL:g}")


def _first_costs(trainer: Trainer, precision: str) -> list[float]:
    """Return what the first steps cost, and leave the training as it was before them."""
    network, noise = trainer.network, trainer.noise_generator
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    centers, state = trainer.center_loss.centers.clone(), noise.get_state()
    trainer.cost.precision = precision
    costs = [trainer.learn(rows)["cost"] for rows in _first_batches(trainer)]
    network.load_state_dict(before)
    trainer.center_loss.centers = centers
    noise.set_state(state)
    trainer.optimizer.state.clear()
    trainer.optimizer.zero_grad(set_to_none=True)
    return costs


def _first_batches(trainer: Trainer) -> list[torch.Tensor]:
    """Return the samples of the first steps, in the order that they will have."""
    generator = torch.Generator()
    generator.set_state(trainer.order_generator.get_state())
    rows: list[torch.Tensor] = []
    while len(rows) < _STEPS:
        rows.extend(shuffled(len(trainer.train), trainer.settings.batch_size, generator))
    return rows[:_STEPS]
