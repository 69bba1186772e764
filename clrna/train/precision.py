"""The arithmetic of a training where neither user nor device says which: on a CPU, by the training's own data."""

import logging
import sys

import torch

from clrna.model.device import cpu_computes_in_bf16
from clrna.model.network import Autoencoder
from clrna.train.batches import shuffled
from clrna.train.cost import Cost
from clrna.train.labelled_rows import LabelledRows

logger = logging.getLogger("clrna")

AUTO = "auto"
CHOICES = ("fp32", "tf32", "bf16")
# Relative difference of a batch's costs from which on bf16 is not taken for fp32.
_EQUAL = 1e-3


def precision_for(network: Autoencoder, cost: Cost, train: LabelledRows, batch_size: int, seed: int) -> str:
    """Return bf16 where the CPU has units for it and the first batch costs the same in it as in fp32; else fp32.

    The same machine, data and seed give the same answer: no time is taken. Nothing that training goes on from is
    changed, neither network nor random generators.

    Parameters
    ----------
    network
        Before its first step.
    cost
        Of a batch; its own precision is left as it is.
    train
        Samples to learn from, on the CPU.
    batch_size, seed
        Of the training, so that the batch is its first.
    """
    if not cpu_computes_in_bf16():
        logger.info("precision auto: fp32, because this CPU, or this PyTorch on it, does not compute in bfloat16")
        return "fp32"
    first = shuffled(len(train), batch_size, torch.Generator().manual_seed(seed))[0]
    genes, labels = train.take(first)
    costs = {}
    with torch.no_grad():
        for precision in ("bf16", "fp32"):
            noise = torch.Generator(genes.device).manual_seed(seed)
            batch = cost.in_precision(precision).of(network, genes, labels, noise, learning=True)
            costs[precision] = float(batch.total)
    apart = abs(costs["bf16"] - costs["fp32"]) / max(abs(costs["fp32"]), sys.float_info.min)
    chosen = "bf16" if apart < _EQUAL else "fp32"
    text = (
        "precision auto: %s, because this CPU has units for bf16, in which the first batch costs %.6g, in fp32 %.6g: %s"
    )
    equal = f"{'equal' if chosen == 'bf16' else 'not equal'} within {_EQUAL:g}"
    logger.info(text, chosen, costs["bf16"], costs["fp32"], equal)
    return chosen
