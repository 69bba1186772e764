"""``clrna-train`` from the command line, on simulated files, good and bad."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import yaml
from anndata import AnnData
from scipy import sparse

from clrna.cli.train import get_parser, main, settings_of
from clrna.constants import EXIT_DEVICE, EXIT_INPUT, EXIT_OK, EXIT_USAGE
from clrna.encode.arrays import encode_array
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.provenance import read_records
from clrna.model.model import hash_donor
from clrna.model.model_file import load_model
from clrna.model.settings import PRESETS
from clrna.model.tensor_file import read_tensor_file
from clrna.simulate import simulate
from clrna.train.history import COLUMNS

# A network that learns in epochs; what the default learns without any has tests of its own.
BY_STUDY = ["--standardize", "study"]
SMALL = ["--hidden", "16", "--latent-dim", "8", "--epochs", "3", "--batch-size", "32", "--threads", "1", "-q"]
Run = Callable[..., tuple[int, str]]


def simulated(**changes: object) -> AnnData:
    """Three studies of three tissues."""
    return simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=12, unlabelled=0.1, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "merged.h5ad"
    write_h5ad(simulated(), path)
    return path


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[Callable[[AnnData], object]], Path]:
    """Write the simulated data after a change to it."""

    def write(change: Callable[[AnnData], object]) -> Path:
        adata = simulated()
        changed = change(adata)
        path = tmp_path / "altered.h5ad"
        write_h5ad(changed if isinstance(changed, AnnData) else adata, path)
        return path

    return write


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Train a small model in this process; return the exit status and what was said."""

    def run(path: Path | str, *words: str, output: str = "model.safetensors") -> tuple[int, str]:
        standardize = [] if "--preset" in words else BY_STUDY
        try:
            status = main([str(path), "-o", str(tmp_path / output), *SMALL, *standardize, *words])
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, capsys.readouterr().err

    return run


def fails(outcome: tuple[int, str], status: int, *parts: str) -> None:
    """Hold that a run ended with ``status`` and one line that has all ``parts``."""
    found, said = outcome
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert found == status, said
    assert len(errors) == 1, said
    assert "unexpected" not in errors[0]
    for part in parts:
        assert part in errors[0]


def test_all_outputs(train: Run, data: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("out.h5ad", "history.tsv", "card.md")}
    words = ["--output-h5ad", files["out.h5ad"], "--history", files["history.tsv"], "--card", files["card.md"]]
    status, said = train(data, "--exclude-study", "SIM3", *map(str, words))
    assert status == EXIT_OK, said
    assert {file.name for file in tmp_path.iterdir()} == {"model.safetensors", *files}

    model = load_model(tmp_path / "model.safetensors")
    before, after = anndata.read_h5ad(data), anndata.read_h5ad(files["out.h5ad"])
    assert model.training_studies == ["SIM1", "SIM2"]
    assert model.classes == sorted(set(before.obs["tissue"].dropna()))
    learned = before.obs["split"].isin(["train", "valid"]) & (before.obs["study"] != "SIM3")
    assert model.training_donors == {hash_donor(name) for name in before.obs["donor"][learned]}
    train_values = before.X[np.asarray(learned & (before.obs["split"] == "train"))].astype(np.float64)
    np.testing.assert_allclose(model.mean, train_values.mean(axis=0), rtol=1e-5)
    assert model.provenance["step"] == "train"

    assert set(after.obs["split"][after.obs["study"] == "SIM3"]) == {"test"}
    kept = after.obs["study"] != "SIM3"
    assert (after.obs["split"][kept].astype(str) == before.obs["split"][kept].astype(str)).all()
    encoded = encode_array(model, before.X, before.obs["study"].astype(str).to_numpy())
    np.testing.assert_allclose(after.obsm["X_clrna"], encoded.features, atol=1e-5)
    assert (after.obs["clrna_label"].astype(str) == encoded.label).all()
    seen = after.obs["clrna_seen"].astype(str)
    assert (seen[learned] == "sample").all()
    assert set(seen[kept & ~learned]) == {"study"}
    assert set(seen[~kept]) == {"donor", "unseen"}
    np.testing.assert_array_equal(after.X, before.X)
    assert [record["step"] for record in read_records(after)][-2:] == ["train", "encode"]
    assert "X_clrna" in after.uns["clrna"]["models"]

    history = pd.read_csv(files["history.tsv"], sep="\t")
    assert tuple(history.columns) == COLUMNS
    assert history["epoch"].tolist() == [1, 2, 3]
    card = files["card.md"].read_text()
    for part in (
        "## Intended use",
        "study SIM3, left out",
        "| study left out |",
        "in-sample",
        "| (unlabelled) |",
        "Licence",
    ):
        assert part in card


def test_same_seed_same_bytes(train: Run, data: Path, tmp_path: Path) -> None:
    for name, words in (("a", []), ("b", []), ("c", ["--seed", "1"])):
        extra = ["--output-h5ad", str(tmp_path / f"{name}.h5ad"), "--history", str(tmp_path / f"{name}.tsv")]
        status, said = train(data, *words, *extra, output=f"{name}.safetensors")
        assert status == EXIT_OK, said
    first, again, other = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert first == again
    assert first != other
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes()


@pytest.mark.parametrize("preset", list(PRESETS))
def test_printed_settings_give_the_same_settings(
    preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--print-config", "--preset", preset, "--latent-dim", "9", "--center-weight", "0.125"]) == EXIT_OK
    text = capsys.readouterr().out
    file = tmp_path / "config.yaml"
    file.write_text(text)
    assert main(["--print-config", "--config", str(file)]) == EXIT_OK
    assert capsys.readouterr().out == text
    options = yaml.safe_load(text)
    assert (options["preset"], options["latent-dim"], options["center-weight"]) == (preset, 9, 0.125)
    args = get_parser().parse_args(["in", "-o", "out", "--preset", preset, "--latent-dim", "9"])
    assert settings_of(args) == PRESETS[preset].override(latent_dim=9)


def test_yaml_on_and_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("linear-path: off\n")
    assert main(["--print-config", "--config", str(file)]) == EXIT_OK
    assert yaml.safe_load(capsys.readouterr().out)["linear-path"] == "off"


def test_the_original_preset_trains_on_expression_as_it_is(train: Run, data: Path, tmp_path: Path) -> None:
    status, said = train(data, "--preset", "original-20")
    assert status == EXIT_OK, said
    model = load_model(tmp_path / "model.safetensors")
    assert model.settings.standardize == "none"
    genes = anndata.read_h5ad(data).X
    assert (model.reconstruct(model.encode(genes)) >= 0).all()


def test_sparse_input_and_layer_give_the_same_model(train: Run, data: Path, altered: Callable, tmp_path: Path) -> None:
    def change(adata: AnnData) -> None:
        adata.layers["log2"] = sparse.csr_matrix(adata.X)
        adata.X = np.zeros_like(adata.X)

    assert train(data)[0] == EXIT_OK
    status, said = train(altered(change), "--layer", "log2", output="layer.safetensors")
    assert status == EXIT_OK, said
    dense, layer = (load_model(tmp_path / name) for name in ("model.safetensors", "layer.safetensors"))
    np.testing.assert_array_equal(dense.encode(np.eye(60)), layer.encode(np.eye(60)))


def test_joined_labels(train: Run, data: Path, tmp_path: Path) -> None:
    assert train(data, "--label-by", "tissue,sample_category")[0] == EXIT_OK
    model = load_model(tmp_path / "model.safetensors")
    assert model.label_key == "tissue,sample_category"
    assert "Breast tumor" in model.classes


def test_small_labels_are_trained_without_label(train: Run, altered: Callable, tmp_path: Path) -> None:
    def change(adata: AnnData) -> None:
        rows = np.flatnonzero(adata.obs["split"] == "train")[:2]
        adata.obs["tissue"] = adata.obs["tissue"].astype(object)
        adata.obs.iloc[rows, adata.obs.columns.get_loc("tissue")] = "Rare"

    assert train(altered(change), "--min-class-size", "2")[0] == EXIT_OK
    assert "Rare" in load_model(tmp_path / "model.safetensors").classes
    assert train(altered(change), "--min-class-size", "3")[0] == EXIT_OK
    assert "Rare" not in load_model(tmp_path / "model.safetensors").classes


def test_without_labels_the_autoencoder_alone_is_trained(train: Run, altered: Callable, tmp_path: Path) -> None:
    def change(adata: AnnData) -> None:
        adata.obs["tissue"] = np.nan

    path = altered(change)
    fails(train(path), EXIT_INPUT, "altered.h5ad", "no label", "--label-key", "--classification-weight 0")
    words = ["--classification-weight", "0", "--center-weight", "0", "--linear-path", "off"]
    status, said = train(path, *words, "--output-h5ad", str(tmp_path / "out.h5ad"))
    assert status == EXIT_OK, said
    assert load_model(tmp_path / "model.safetensors").classes == []
    assert anndata.read_h5ad(tmp_path / "out.h5ad").obsm["X_clrna"].shape == (108, 8)


def test_one_label(train: Run, altered: Callable) -> None:
    def change(adata: AnnData) -> None:
        adata.obs["tissue"] = "Lung"

    fails(train(altered(change)), EXIT_INPUT, "one label only (Lung)", "--min-class-size")


def test_one_study_trains_with_a_warning(train: Run, altered: Callable) -> None:
    status, said = train(altered(lambda adata: adata[adata.obs["study"] == "SIM1"].copy()))
    assert status == EXIT_OK, said
    assert "warning: all training samples are of one study (SIM1)" in said


def test_no_validation_samples_is_a_warning(train: Run, altered: Callable, tmp_path: Path) -> None:
    status, said = train(altered(lambda adata: adata[adata.obs["split"] != "valid"].copy()))
    assert status == EXIT_OK, said
    assert "warning: no sample is in the valid split" in said
    assert load_model(tmp_path / "model.safetensors").temperature == 1


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (lambda adata: adata[adata.obs["split"] != "train"].copy(), "no sample is in the train split"),
        (lambda adata: adata[:1].copy(), "is in the train split"),
    ],
)
def test_too_few_samples(train: Run, altered: Callable, keep: Callable, words: str) -> None:
    fails(train(altered(keep)), EXIT_INPUT, "altered.h5ad", words, "--split-key")


@pytest.mark.parametrize("column", ["tissue", "study", "donor", "split", "scale"])
def test_missing_column(train: Run, altered: Callable, column: str) -> None:
    fails(train(altered(lambda adata: adata.obs.pop(column))), EXIT_INPUT, "altered.h5ad", f"no column '{column}'")


def test_all_faults_come_in_one_line(train: Run, altered: Callable) -> None:
    def change(adata: AnnData) -> None:
        adata.obs.pop("donor")
        adata.obs.pop("split")
        adata.X[3, 4] = np.nan

    fails(train(altered(change)), EXIT_INPUT, "'donor'", "'split'", "not finite", adata_gene(4))


def adata_gene(number: int) -> str:
    return str(simulated().var_names[number])


def test_wrong_values(train: Run, altered: Callable) -> None:
    def negative(adata: AnnData) -> None:
        adata.X[0, 0] = -1.0

    def zero(adata: AnnData) -> None:
        adata.X[:] = 0

    def split(adata: AnnData) -> None:
        adata.obs["split"] = "learn"

    def nameless(adata: AnnData) -> None:
        adata.obs["study"] = np.where(adata.obs["study"] == "SIM1", None, adata.obs["study"])

    needs = ("--preset", "original-20")
    fails(
        train(altered(negative), *needs), EXIT_INPUT, "values below 0", "SIM1 (log2_tpm1)", "ReLU", "--preset default"
    )
    fails(train(altered(zero)), EXIT_INPUT, "every value is 0")
    fails(train(altered(split)), EXIT_INPUT, "the split column holds 'learn'")
    fails(train(altered(nameless)), EXIT_INPUT, "name no study", "--study-key")


@pytest.mark.parametrize(
    ("study", "change", "fault"),
    [
        ("SIM2", lambda x: 100.0 * x, "too large for a logarithm; are they counts, TPM or intensities"),
        ("SIM2", lambda x: np.minimum(np.round(np.expm1(x)), 30.0), "all are whole numbers (up to 30), as counts are"),
        ("SIM1", lambda x: -x, "and below 0 there can be none"),
    ],
)
def test_values_that_contradict_their_scale(
    train: Run, altered: Callable, study: str, change: Callable, fault: str
) -> None:
    """As encoding refuses them; a study that nothing is learned from is not looked at."""

    def spoil(adata: AnnData) -> None:
        rows = np.asarray(adata.obs["study"] == study)
        adata.X[rows] = change(adata.X[rows])

    path = altered(spoil)
    told = ("altered.h5ad", f"study {study}", "the values are not log2_", fault, "mend obs['scale']", "clrna-normalize")
    fails(train(path), EXIT_INPUT, *told)
    assert train(path, "--exclude-study", study)[0] == EXIT_OK


def test_signed_scales_are_refused_by_the_original_presets(train: Run, altered: Callable) -> None:
    def change(adata: AnnData) -> None:
        adata.obs["scale"] = "log2_ratio"

    path = altered(change)
    fails(train(path, "--preset", "original-40"), EXIT_INPUT, "SIM2 (log2_ratio)", "ReLU output")
    assert train(path, "--preset", "original-40", "--standardize", "genes")[0] == EXIT_OK


def test_damaged_files(train: Run, data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5ad"
    broken.write_bytes(data.read_bytes()[:3000])
    fails(train(broken), EXIT_INPUT, "broken.h5ad")
    broken.write_bytes(b"")
    fails(train(broken), EXIT_INPUT, "empty")
    fails(train(tmp_path / "none.h5ad"), EXIT_INPUT, "no such file")


def test_wrong_usage(train: Run, data: Path, tmp_path: Path) -> None:
    fails(train(data, "--resume"), EXIT_USAGE, "--resume needs --checkpoint")
    fails(train(data, "--exclude-study", "SIM9"), EXIT_USAGE, "--exclude-study SIM9", "did you mean SIM")
    fails(train(data, "--exclude-study", "SIM1,SIM2,SIM3"), EXIT_USAGE, "no study is left")
    fails(train(data, "--layer", "none"), EXIT_INPUT, "--layer none")
    assert train(data, "--epochs", "-1")[0] == EXIT_USAGE
    assert not (tmp_path / "model.safetensors").exists()


def test_a_device_that_is_not_there(train: Run, data: Path) -> None:
    fails(train(data, "--device", "cuda:7"), EXIT_DEVICE, "--device cuda:7", "--device auto")


def test_a_learning_rate_that_is_too_high(train: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"old")
    fails(train(data, "--learning-rate", "1e25"), EXIT_INPUT, "the cost became", "--learning-rate (it is 1e+25)")
    assert (tmp_path / "model.safetensors").read_bytes() == b"old"


def test_bf16_on_the_cpu(train: Run, data: Path, tmp_path: Path) -> None:
    assert train(data, "--precision", "bf16")[0] == EXIT_OK
    record = load_model(tmp_path / "model.safetensors").provenance
    assert record["facts"]["precision"] == "bf16"


@pytest.mark.parametrize("units", [True, False])
def test_record_and_card_say_which_precision_auto_was(
    train: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, units: bool
) -> None:
    monkeypatch.setattr("clrna.train.precision.cpu_computes_in_bf16", lambda: units)
    monkeypatch.setattr("clrna.train.precision._EQUAL", 1.0)
    card = tmp_path / "card.md"
    assert train(data, "--device", "cpu", "--card", str(card))[0] == EXIT_OK
    precision = "bf16" if units else "fp32"
    record = load_model(tmp_path / "model.safetensors").provenance
    assert record["facts"]["precision"] == precision
    assert record["parameters"]["precision"] == "auto"
    assert f"| precision | {precision} |" in card.read_text(encoding="utf-8")


def test_a_checkpoint_of_other_data_or_settings(train: Run, data: Path, altered: Callable, tmp_path: Path) -> None:
    keep = ("--checkpoint", str(tmp_path / "c.safetensors"))
    assert train(data, *keep)[0] == EXIT_OK
    outcome = train(data, *keep, "--resume", "--learning-rate", "0.5")
    fails(outcome, EXIT_INPUT, "c.safetensors: is of another training (learning_rate", "here 0.5)")

    def change(adata: AnnData) -> None:
        adata.X[0, 0] += 0.5

    fails(train(altered(change), *keep, "--resume"), EXIT_INPUT, "is of another training (data")
    (tmp_path / "c.safetensors").write_bytes(b"nonsense")
    fails(train(data, *keep, "--resume"), EXIT_INPUT, "c.safetensors: is damaged", "remove it and start over")


def start(data: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a training of many epochs in a process of its own."""
    long = [*BY_STUDY, "--hidden", "16", "--epochs", "30", "--patience", "0", "--batch-size", "8", "--threads", "1"]
    files = ["--checkpoint", str(folder / "c.safetensors"), "--checkpoint-every", "3"]
    command = [sys.executable, "-m", "clrna.cli.train", str(data), "-o", str(folder / "m.safetensors")]
    return subprocess.Popen(
        [*command, *long, *files, *words], stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(3000):
        if path.exists():
            return
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    raise AssertionError("no checkpoint after a minute")


def test_samples_of_donors_that_were_trained_on_are_not_never_seen(train: Run, data: Path, tmp_path: Path) -> None:
    status, said = train(data, "--exclude-study", "SIM3")
    assert status == EXIT_OK, said
    obs = simulated().obs
    out = (obs["study"] == "SIM3").to_numpy()
    used = set(obs.loc[~out & obs["split"].isin(("train", "valid")).to_numpy(), "donor"])
    shared = out & obs["donor"].isin(used).to_numpy()
    model = load_model(tmp_path / "model.safetensors")
    out &= obs["tissue"].astype(str).isin(model.classes).to_numpy()
    shared &= out
    groups = {row["name"]: row for row in model.metrics["groups"]}
    fresh, known = groups["study SIM3, left out"], groups["study SIM3, left out, of donors trained on"]
    assert 0 < known["n"] == shared.sum() and known["in_sample"]
    assert 0 < fresh["n"] == (out & ~shared).sum() and not fresh["in_sample"]


@pytest.fixture(scope="module")
def unbroken(data: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The model of a run that nothing stops."""
    folder = tmp_path_factory.mktemp("unbroken")
    process = start(data, folder)
    said = process.communicate()[1]
    assert process.returncode == EXIT_OK, said
    return (folder / "m.safetensors").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL])
def test_a_killed_run_goes_on_to_the_same_bytes(
    data: Path, tmp_path: Path, unbroken: bytes, number: signal.Signals
) -> None:
    checkpoint, model = tmp_path / "c.safetensors", tmp_path / "m.safetensors"
    model.write_bytes(b"the old model")
    process = start(data, tmp_path)
    wait_for(checkpoint, process)
    process.send_signal(number)
    said = process.communicate()[1]
    assert model.read_bytes() == b"the old model"
    progress = read_tensor_file(checkpoint, "checkpoint", 1)[1]["progress"]
    assert 0 < progress["epoch"] < 30, "the training was over before it was killed"
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number, said
        assert "--resume goes on from" in said
        assert progress["step"] > 0 or progress["epoch"] % 3, "the state is that of the last interval"

    process = start(data, tmp_path, "--resume")
    said = process.communicate()[1]
    assert process.returncode == EXIT_OK, said
    assert f"resumed from {checkpoint}" in said
    assert model.read_bytes() == unbroken
