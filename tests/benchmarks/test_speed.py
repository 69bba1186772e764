"""The benchmark of speed measures what it says, and its commands are understood."""

import importlib.util
import itertools
import os
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
    busy, idle = (measure.cost_of([sys.executable, "-c", code]) for code in (work, "import time; time.sleep(2)"))
    assert busy.seconds >= 0.5
    assert idle.seconds < 2, "the time that it waits counts"
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


@pytest.fixture
def table():
    """Return the rows that the benchmark prints for some steps of little data, by column."""

    def run(steps):
        words = ["--samples", "60", "--genes", "300", "--steps", steps]
        done = subprocess.run([sys.executable, str(SPEED), *words], check=True, capture_output=True, text=True)
        head, _, *rows = (line.removeprefix("| ").removesuffix(" |").split(" | ") for line in done.stdout.splitlines())
        return [dict(zip(head, row, strict=True)) for row in rows]

    return run


def test_the_table_has_the_ratio_to_the_reference(table):
    (row,) = table("baseline: PCA")
    assert row["reference"] == "pca"
    faster, ours, theirs = (float(row[name]) for name in ("times faster", "CPU s", "its CPU s"))
    assert faster == pytest.approx(theirs / ours, rel=0.15)


def test_a_second_run_finds_the_bytecode_that_the_first_one_wrote(modules, tmp_path, monkeypatch):
    measure, _ = modules
    package, told = tmp_path / "package", tmp_path / "told"
    package.mkdir()
    (package / "imported.py").write_text("from pathlib import Path\n", encoding="utf-8")
    code = "import imported, os; from pathlib import Path; found = Path(imported.__cached__); "
    code += f"print(found.stat().st_mtime_ns, found, 'NUMBA_CACHE_DIR' in os.environ, file=open({str(told)!r}, 'a'))"
    for name, value in {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": "there", "PYTHONPATH": str(package)}.items():
        monkeypatch.setenv(name, value)
    costs = measure.costs_of_two_runs([sys.executable, "-c", code])
    assert all(isinstance(cost, measure.Cost) for cost in costs)
    first, second = told.read_text(encoding="utf-8").splitlines()
    assert first == second  # written once
    _, cached, named = first.split()
    assert not cached.startswith(str(package)) and not Path(cached).exists()
    assert named == "False"


def test_a_first_run_has_a_row_before_the_second(table):
    rows = table("encode: one sample by packaged model")
    first, second = rows
    assert [row["step"] for row in rows] == [f"{second['step']}, first run", "encode: one sample by packaged model"]
    assert float(first["CPU s"]) > 1.2 * float(second["CPU s"])  # compiled to bytecode once: 3 times
    assert {row["reference"] for row in rows} == {""}


def test_text_is_read_beside_each_reader_or_the_row_says_that_it_is_not_installed(table):
    by_pandas, by_polars, *_ = table("normalize: text")
    assert by_pandas["step"] == by_polars["step"] == "normalize: text"
    assert by_pandas["reference"] == "read_text" and float(by_pandas["times faster"]) > 0
    if importlib.util.find_spec("polars"):
        assert by_polars["reference"] == "read_text_by_polars" and float(by_polars["times faster"]) > 0
    else:
        assert by_polars["reference"] == "read_text_by_polars: polars is not installed"
        assert by_polars["its CPU s"] == by_polars["times faster"] == ""
    assert by_pandas["CPU s"] == by_polars["CPU s"]  # one run of the executable


def test_references_have_as_many_threads_as_the_executables(modules):
    measure, _ = modules
    found = measure.threads_bounded(3)
    assert {found[f"{name}_NUM_THREADS"] for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")} == {"3"}
    assert found["POLARS_MAX_THREADS"] == "3" and found["PATH"] == os.environ["PATH"]


def test_each_reference_is_there(modules, monkeypatch):
    _, steps = modules
    references = importlib.import_module("references")
    monkeypatch.delitem(sys.modules, "references")
    named = {name for step in steps.STEPS for name in step.references}
    assert named == set(references.REFERENCES)
    assert set(steps.LIBRARIES) <= named


def test_the_plain_loop_trains_the_published_network_at_the_same_costs(monkeypatch):
    monkeypatch.syspath_prepend(str(SPEED))
    import on_device
    import plain_network

    settings = ModelSettings.preset("original-943").override(hidden=(20, 10), latent_dim=5, batch_size=8)
    trainer = on_device.new_trainer(settings, 30, 40, torch.device("cpu"), "fp32")
    plain = plain_network.PlainNetwork([40, 20, 10, 5], on_device.N_CLASSES)
    layers = [layer for layer in plain.modules() if isinstance(layer, torch.nn.Linear)]
    own = [layer for layer in trainer.network.modules() if isinstance(layer, torch.nn.Linear)]
    for layer, other in zip(layers, own, strict=True):
        layer.load_state_dict(other.state_dict())
    rows = torch.arange(32) % 30
    genes, labels = trainer.train.take(torch.arange(30))
    costs = [trainer.learn(batch)["cost"] for _ in range(5) for batch in rows.view(4, 8)]
    assert plain_network.train_plainly(plain, genes, labels, batch_size=8, epochs=5) == pytest.approx(costs, rel=1e-5)
    assert sum(costs[-4:]) < sum(costs[:4])  # of all batches


def test_the_plain_loop_has_the_published_shape_and_rates(monkeypatch):
    monkeypatch.syspath_prepend(str(SPEED))
    import plain_network

    settings = ModelSettings.preset("original-943")
    assert plain_network.WIDTHS == (*settings.hidden, settings.latent_dim)
    assert (plain_network.CENTER_RATE, plain_network.LEARNING_RATE, plain_network.BATCH_SIZE) == (
        settings.center_rate, settings.learning_rate, settings.batch_size,
    )  # fmt: skip


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
