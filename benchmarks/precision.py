"""CPU time of a training step of a published network in fp32 and in bf16, the figures of docs/training.md.

    python benchmarks/precision.py [--preset original-943] [--genes 17743] [--samples 1000] [--steps 6] [--plain]

One thread and CPU time, so that what else the machine does counts as little as possible. With --plain the same network
is also trained by the plain loop in fp32 of benchmarks/speed.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from speed.on_device import N_CLASSES, new_trainer
from speed.plain_network import PlainNetwork, plain_optimizer, plain_step

from clrna.model.settings import PRESETS, ModelSettings

CPU = torch.device("cpu")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="original-943")
    parser.add_argument("--genes", type=int, default=17_743)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--plain", action="store_true")
    args = parser.parse_args()
    if args.plain and args.preset == "default":
        parser.error("--plain: the plain loop has the published networks only")
    torch.set_num_threads(1)
    settings = ModelSettings.preset(args.preset).override(batch_size=args.samples)  # an epoch is one step
    trainer = new_trainer(settings, args.samples, args.genes, CPU, "fp32")
    seconds: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for _ in range(args.steps):
        for precision, measured in seconds.items():
            trainer.cost.precision = precision
            measured.append(_timed(trainer._step))
    if args.plain:
        plain = PlainNetwork([args.genes, *settings.hidden, settings.latent_dim], N_CLASSES)
        work = plain, plain_optimizer(plain), *trainer.train.take(torch.arange(args.samples))
        seconds["plain loop"] = [_timed(lambda: plain_step(*work)) for _ in range(args.steps)]
    print(f"{args.preset}, {args.samples} samples x {args.genes} genes, torch {torch.__version__}, one thread")
    for precision, measured in seconds.items():
        # The first step makes the optimiser's memory and is not counted.
        print(f"{precision}\tmedian {statistics.median(measured[1:]):.3g} s CPU time a step, {len(measured) - 1} steps")


def _timed(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


if __name__ == "__main__":
    main()
