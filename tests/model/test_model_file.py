import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from clrna.errors import InputError
from clrna.io.provenance import is_record
from clrna.model.model import Model, hash_donor
from clrna.model.model_file import load_model, save_model
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from tests.model.conftest import labelled


@pytest.fixture
def path(model: Model, tmp_path: Path) -> Path:
    target = tmp_path / "model.safetensors"
    save_model(model, target)
    return target


def rewrite_head(path: Path, change: Callable[[dict], None]) -> None:
    """Change the JSON head of a safetensors file."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    change(head)
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def change_description(path: Path, change: Callable[[dict], None]) -> None:
    tensors, description = read_tensor_file(path, "model", 1)
    change(description)
    write_tensor_file(path, "model", 1, tensors, description)


def test_everything_comes_back(model: Model, path: Path) -> None:
    back = load_model(path)
    genes, _ = labelled(25, seed=5)
    codes = model.encode(genes)
    np.testing.assert_array_equal(back.encode(genes), codes)
    for name in ("probabilities", "reconstruct", "distance", "logits"):
        np.testing.assert_array_equal(getattr(back, name)(codes), getattr(model, name)(codes))
    np.testing.assert_array_equal(back.mean, model.mean)
    np.testing.assert_array_equal(back.sd, model.sd)
    np.testing.assert_array_equal(back.extras["votes"], model.extras["votes"])
    assert back.extras["votes"].dtype == np.int32
    assert back.genes.index.tolist() == model.genes.index.tolist()
    assert back.genes["ensembl_id"].tolist() == model.genes["ensembl_id"].tolist()
    same = ("settings", "classes", "scales", "training_studies", "training_donors", "temperature", "seed", "label_key")
    for name in (*same, "distance_threshold", "metrics", "provenance", "versions"):
        assert getattr(back, name) == getattr(model, name), name


def test_same_model_same_bytes(model: Model, path: Path, tmp_path: Path) -> None:
    for number in range(3):
        again = tmp_path / f"{number}.safetensors"
        save_model(load_model(path), again)
        assert again.read_bytes() == path.read_bytes()


def test_no_donor_name_is_in_the_file(path: Path) -> None:
    data = path.read_bytes()
    assert b"A549" not in data
    assert hash_donor("A549").encode() in data


def test_codes_do_not_depend_on_how_many_samples_come_at_once(model: Model) -> None:
    genes, _ = labelled(2500, seed=6)
    codes = model.encode(genes)
    assert codes.shape == (2500, model.latent_dim)
    assert codes.dtype == np.float32
    np.testing.assert_allclose(model.encode(genes[1500:1501]), codes[1500:1501], atol=1e-5)
    assert model.encode(genes[:0]).shape == (0, model.latent_dim)


def test_wrong_width_is_an_error(model: Model) -> None:
    with pytest.raises(ValueError, match=r"shape \(samples, 30\)"):
        model.encode(np.zeros((2, 29), np.float32))


def test_probabilities_are_calibrated_softmax(model: Model) -> None:
    codes = model.encode(labelled(10)[0])
    powers = np.exp(model.logits(codes).astype(np.float64) / 1.7)
    np.testing.assert_allclose(model.probabilities(codes), powers / powers.sum(axis=1, keepdims=True), atol=1e-6)


def test_missing_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_model(tmp_path / "none.safetensors")
    empty = tmp_path / "empty.safetensors"
    empty.touch()
    with pytest.raises(InputError, match=r"is empty \(0 bytes\)"):
        load_model(empty)


@pytest.mark.parametrize("keep", [5, 100, -1])
def test_truncated_files(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"is damaged, truncated or no safetensors file .*train or fetch it anew"):
        load_model(path)


def test_other_content(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x80\x04this would be a pickle" * 100)
    with pytest.raises(InputError, match="is damaged, truncated or no safetensors file"):
        load_model(path)


def test_a_flipped_bit_is_found(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="do not match their checksum"):
        load_model(path)


def change_text(path: Path, change: Callable[[dict], None]) -> None:
    """Change the description and nothing else, as an editor would."""

    def inside(head: dict) -> None:
        inner = json.loads(head["__metadata__"]["clrna"])
        change(inner)
        head["__metadata__"]["clrna"] = json.dumps(inner)

    rewrite_head(path, inside)


@pytest.mark.parametrize(
    "change",
    [
        lambda inner: inner["description"]["classes"].reverse(),
        lambda inner: inner["description"].update(temperature=9.0),
        lambda inner: inner["description"]["genes"]["symbol"].reverse(),
        lambda inner: inner.update(sha256="0" * 64),
        lambda inner: inner.update(checksum=""),
        lambda inner: inner.update(checksum=None),
        lambda inner: inner.update(more=1),
    ],
    ids=["labels swapped", "a number", "genes swapped", "the tensors' digest", "cut off", "nothing", "one more"],
)
def test_a_changed_description_is_found(path: Path, change: Callable[[dict], None]) -> None:
    change_text(path, change)
    with pytest.raises(InputError, match=r"model\.safetensors: is damaged, its description .*; train or fetch it anew"):
        load_model(path)


def test_a_description_that_is_written_otherwise_is_the_same(model: Model, path: Path) -> None:
    change_text(path, lambda inner: None)
    rewrite_head(path, lambda head: head["__metadata__"].update(clrna=" " + head["__metadata__"]["clrna"]))
    assert load_model(path).classes == model.classes


def test_a_file_of_before_has_no_checksum_of_its_description_and_is_read(model: Model, path: Path) -> None:
    change_text(path, lambda inner: inner.pop("checksum"))
    assert load_model(path).classes == model.classes


def test_safetensors_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": np.ones(3)}, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match="of another program, not a CLRNA model"):
        load_model(path)
    save_file({"weight": np.ones(3)}, path)
    with pytest.raises(InputError, match="of another program"):
        load_model(path)


def test_other_layout_version(path: Path) -> None:
    def newer(head: dict) -> None:
        inner = json.loads(head["__metadata__"]["clrna"])
        head["__metadata__"]["clrna"] = json.dumps(inner | {"version": 99})

    rewrite_head(path, newer)
    with pytest.raises(InputError, match="model layout 99, this CLRNA reads 1"):
        load_model(path)


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "model"}', "null"])
def test_damaged_description(path: Path, text: str) -> None:
    rewrite_head(path, lambda head: head["__metadata__"].update(clrna=text))
    with pytest.raises(InputError, match="its description is damaged"):
        load_model(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda description: description.pop("classes"),
        lambda description: description.pop("genes"),
        lambda description: description["genes"].pop("ensembl_id"),
        lambda description: description["genes"]["symbol"].pop(),
        lambda description: description["genes"].update(symbol=["A"] * 30),
        lambda description: description["classes"].append("one more"),
        lambda description: description["settings"].update(latent_dim=7),
        lambda description: description["settings"].update(hidden=[16, 16]),
        lambda description: description["settings"].pop("epochs"),
        lambda description: description.update(temperature="warm"),
    ],
)
def test_contents_that_do_not_fit_together(path: Path, change: Callable[[dict], None]) -> None:
    change_description(path, change)
    with pytest.raises(InputError, match=r"model\.safetensors: "):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a\0b", "a null character"),
        ("a\ud800", "what is no text"),
        ("a" * (1 << 20), r"a name of 1,048,576 characters"),
    ],
    ids=["null", "surrogate", "long"],
)
@pytest.mark.parametrize("place", ["classes", "training_studies", "scales", "symbol", "label_key"])
def test_names_that_no_output_could_hold(path: Path, place: str, name: str, fault: str) -> None:
    def spoil(description: dict) -> None:
        if place == "label_key":
            description[place] = name
        else:
            (description["genes"] if place == "symbol" else description)[place][0] = name

    change_description(path, spoil)
    with pytest.raises(InputError, match=rf"model\.safetensors: its {place} hold {fault}.*; train ") as caught:
        load_model(path)
    assert len(str(caught.value)) < 400


def test_tensors_of_no_real_numbers(model: Model, path: Path) -> None:
    tensors, description = read_tensor_file(path, "model", 1)
    tensors["mean"] = tensors["mean"].astype(np.complex64)
    write_tensor_file(path, "model", 1, tensors, description)
    with pytest.raises(InputError, match="tensor mean holds complex64, no real numbers"):
        load_model(path)


@pytest.mark.parametrize("kind", [np.float64, np.int64, np.bool_, np.float16])
def test_layers_of_other_numbers(model: Model, path: Path, kind: type) -> None:
    tensors, description = read_tensor_file(path, "model", 1)
    name = next(name for name in tensors if name.startswith("network.") and name.endswith("bias"))
    tensors[name] = tensors[name].astype(kind)
    write_tensor_file(path, "model", 1, tensors, description)
    with pytest.raises(InputError, match=f"tensor {name} holds {np.dtype(kind)}, float32 is needed; train the model"):
        load_model(path)


@pytest.mark.parametrize("value", [1e8, -1e8])
def test_tensors_beyond_what_training_makes(model: Model, path: Path, value: float) -> None:
    model.mean[3] = value
    save_model(model, path)
    with pytest.raises(InputError, match="tensor mean holds values beyond 10,000,000; train the model anew"):
        load_model(path)


RECORD = {"step": "train", "inputs": [{"name": "a", "sha256": "b"}]}
NO_RECORDS = [
    5,
    {"step": 5},
    {**RECORD, "inputs": [{}]},
    {**RECORD, "inputs": [{"name": 1, "sha256": "b"}]},
    {**RECORD, "facts": {"data": [{}]}},
    {**RECORD, "facts": {"data": 5}},
    {**RECORD, "facts": {"start": {"name": "m"}}},
    {**RECORD, "facts": {"start": {"name": "m", "sha256": "", "studies": [1]}}},
    {**RECORD, "facts": {"start": {"name": "m", "sha256": "", "studies": [], "made": {"step": 1}}}},
]


@pytest.mark.parametrize("provenance", NO_RECORDS)
def test_a_provenance_that_is_no_record(path: Path, model: Model, provenance: object) -> None:
    assert is_record(RECORD)
    save_model(model, path)

    def spoil(description: dict[str, object]) -> None:
        description["provenance"] = provenance

    change_description(path, spoil)
    with pytest.raises(InputError, match=r"model\.safetensors: .*provenance is no record of CLRNA's; train or fetch"):
        load_model(path)


def test_the_record_of_a_published_model_that_was_fetched_before(path: Path, model: Model) -> None:
    save_model(model, path)

    def as_before(description: dict[str, object]) -> None:
        description["provenance"] = {"records": [RECORD]}

    change_description(path, as_before)
    assert load_model(path).provenance == RECORD


def test_tensors_that_are_not_finite(model: Model, path: Path) -> None:
    model.mean[3] = np.nan
    save_model(model, path)
    with pytest.raises(InputError, match="tensor mean holds values that are not finite"):
        load_model(path)


def test_a_model_without_centers(path: Path) -> None:
    tensors, description = read_tensor_file(path, "model", 1)
    tensors["reference.centers"] = tensors["reference.centers"][:0]
    write_tensor_file(path, "model", 1, tensors, description)
    with pytest.raises(InputError, match=r"reference\.centers has shape \(0, "):
        load_model(path)


def test_an_interrupted_write_leaves_the_old_model(model: Model, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clrna.model.tensor_file.save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]
