"""The benchmark of speed measures what it says, and its commands are understood."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from clrna.model.settings import ModelSettings

SPEED = Path(__file__).resolve().parents[2] / "benchmarks" / "speed"


@pytest.fixture(scope="module")
def modules():
    sys.path.insert(0, str(SPEED))
    try:
        import measure
        import steps

        yield measure, steps
    finally:
        sys.path.remove(str(SPEED))
        for name in ("measure", "steps"):
            sys.modules.pop(name, None)


def test_cpu_time_and_memory_of_a_command_are_told(modules):
    measure, _ = modules
    work = "import time\nwhile time.process_time() < 0.5: pass\ndata = b'x' * 300_000_000"
    busy, idle = (measure.cost_of([sys.executable, "-c", code]) for code in (work, "import time; time.sleep(0.5)"))
    assert 0.5 <= busy.seconds < 3
    assert idle.seconds < 0.4
    assert busy.gigabytes > 0.3


def test_a_command_that_fails_ends_the_benchmark(modules):
    measure, _ = modules
    with pytest.raises(SystemExit, match="why it failed"):
        measure.cost_of([sys.executable, "-c", "import sys; sys.exit('why it failed')"])


def test_each_command_is_one_that_its_executable_understands(modules, tmp_path):
    import importlib

    _, steps = modules
    for step in steps.STEPS:
        parser = importlib.import_module(f"clrna.cli.{step.executable}").get_parser()
        parser.parse_args(step.command(tmp_path, 1)[3:])


def test_the_table_has_the_ratio_to_the_reference():
    words = ["--samples", "60", "--genes", "300", "--steps", "baseline: PCA"]
    done = subprocess.run([sys.executable, str(SPEED), *words], check=True, capture_output=True, text=True)
    head, _, *rows = done.stdout.splitlines()
    assert len(rows) == 1
    row = dict(zip(head.split(" | "), rows[0].split(" | "), strict=True))
    assert row["reference"] == "pca"
    faster, ours, theirs = (float(row[name]) for name in ("times faster", "CPU s", "its CPU s"))
    assert faster == pytest.approx(theirs / ours, rel=0.15)


def test_training_on_a_device_is_held_against_its_arithmetic(tmp_path):
    words = ["--device", "cpu", "--samples", "40", "--genes", "150", "--epochs", "2", "-o", str(tmp_path / "t.tsv")]
    done = subprocess.run([sys.executable, str(SPEED), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names, cells = (line.split("\t") for line in (tmp_path / "t.tsv").read_text(encoding="utf-8").splitlines())
    row = dict(zip(names, cells, strict=True))
    assert (row["device"], row["samples"], row["epochs"]) == ("cpu", "40", "2")
    assert row["precision"] in ("bf16", "fp32")  # auto
    # Both are times on the wall: no more is sure of them on a busy machine.
    assert float(row["s at the rate of one product"]) > 0 and float(row["s"]) > 0


def test_the_arithmetic_of_the_published_training_is_counted(monkeypatch):
    monkeypatch.syspath_prepend(str(SPEED))
    import on_device

    trained = on_device.train_on(torch.device("cpu"), "fp32", 25, 30, 1, "original-20")
    settings = ModelSettings.preset("original-20")
    widths = [30, *settings.hidden, settings.latent_dim]
    by_hand = 2 * sum(a * b for a, b in itertools.pairwise(widths)) + settings.latent_dim * on_device.N_CLASSES
    assert trained.operations == 6 * by_hand * settings.batch_size * -(-25 // settings.batch_size)
    assert trained.share == pytest.approx(trained.bound / trained.seconds)


def test_a_device_that_is_not_there_is_named():
    done = subprocess.run(
        [sys.executable, str(SPEED), "--device", "cuda:99"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "cuda:99" in done.stderr and "Traceback" not in done.stderr
