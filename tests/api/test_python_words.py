"""What a Python user is told names parameters and functions; what the executables say names options and steps."""

import ast
import inspect
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

import clrna
from clrna.api.python_words import parameters_for_options
from clrna.cli import encode
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.settings import ModelSettings

PACKAGE = Path(clrna.__file__).parent
# Parts that no function for Python leads to, and what only the executables can say.
NOT_REACHED = ("cli", "fetch", "data")
OF_EXECUTABLES = {
    "checkpoint": "training in Python writes no checkpoint",
    "resume": "training in Python writes no checkpoint",
    "dpi": "a figure is given, not written",
    "output_h5ad": "the report tells of a table that an executable wrote",
    "gpus": "an option of docker",
    "nv": "an option of Apptainer",
}


def public_functions() -> dict[str, inspect.Signature]:
    found = {"read": clrna.read}
    for part in ("pp", "tl", "pl"):
        found |= {f"{part}.{name}": getattr(getattr(clrna, part), name) for name in getattr(clrna, part).__all__}
    for thing in (clrna.Model, clrna.CenterLossEncoder):
        methods = {name: getattr(thing, name) for name in vars(thing) if not name.startswith("_")}
        found |= {f"{thing.__name__}.{name}": method for name, method in methods.items() if inspect.isroutine(method)}
    return {name: inspect.signature(function) for name, function in found.items()}


FUNCTIONS = public_functions()
SETTINGS = {name.replace("-", "_") for name in ModelSettings.preset("default").to_options()}


def messages() -> Iterator[tuple[str, str]]:
    """Yield place and text of every string in the library's code that names an option and is no docstring."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] in NOT_REACHED:
            continue
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
            if is_text and re.search(r"(?<![\w-])--[a-z]", node.value):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.value


def test_every_option_in_a_message_is_a_parameter_of_some_function():
    found = list(messages())
    assert len(found) > 80
    homeless = []
    for place, text in found:
        for option in re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", text):
            names = {parameters_for_options(f"--{option}", frozenset(own.parameters)) for own in FUNCTIONS.values()}
            known = {name for own in FUNCTIONS.values() for name in own.parameters} | SETTINGS | {"clrna.pl"}
            if not names & known and option.replace("-", "_") not in OF_EXECUTABLES:
                homeless.append(f"{place}: --{option}")
    assert homeless == []


def test_exceptions_are_needed():
    texts = " ".join(text for _, text in messages())
    assert [name for name in OF_EXECUTABLES if f"--{name.replace('_', '-')}" not in texts] == []


@pytest.mark.parametrize(
    ("function", "text", "told"),
    [
        ("tl.encode", "lower --min-coverage; run clrna-normalize", "lower min_coverage; run clrna.pp.normalize"),
        ("tl.train", "--exclude-study A: no such study", "exclude_studies A: no such study"),
        ("tl.train", "train with --epochs N for curves", "train with epochs for curves"),
        ("read", "state it with --input-scale", "state it with unit"),
        ("pp.normalize", "state it with --input-scale", "state it with input_scale"),
        ("read", "are read from --gene-map", "are read from gene_map"),
        ("pp.normalize", "are read from --gene-map", "are read from clrna.read(gene_map=...)"),
        ("pp.normalize", "name the studies apart with --study", "name the studies apart with clrna.read(study=...)"),
        ("pl.embedding", "--color-by x: --projections", "color x: projection"),
        ("pl.report", "--color-by x: --projections", "color x: projections"),
        ("pl.scores", "--figure scores: give --scores FILE.tsv, or", "clrna.pl.scores: give scores, or"),
        ("CenterLossEncoder.fit", "see --label-key and --study-key", "see y and study"),
        ("Model.load", "docker --gpus all, apptainer --nv", "docker --gpus all, apptainer --nv"),
        ("Model.load", "in clrna-encode-x/clrna-train.h5ad", "in clrna-encode-x/clrna-train.h5ad"),
        ("tl.score", "is clrna-encode's; run clrna-encode.", "is clrna.tl.encode's; run clrna.tl.encode."),
    ],
)
def test_words(function, text, told):
    assert parameters_for_options(text, frozenset(FUNCTIONS[function].parameters)) == told


def assert_python_is_spoken(texts: list[str]) -> None:
    assert texts
    for text in texts:
        # Programs that start containers keep their options.
        own = re.sub(r"(docker|apptainer) --\w+", "", text)
        assert not re.search(r"(?<![\w-])--[a-z]", own), text
        assert not re.search(r"clrna-(normalize|train|encode|baseline|score|plot)\b", text), text


def test_logs_name_parameters(merged: AnnData, caplog: pytest.LogCaptureFixture, folder: Path):
    logger = logging.getLogger("clrna")
    before = logger.level, logger.propagate
    logger.propagate = True
    try:
        with caplog.at_level(logging.DEBUG, "clrna"):
            studies = clrna.datasets.demo()
            for adata in studies.values():
                del adata.obs["sample_type"]
                adata.obs["primary_site"] = ["nowhere", *adata.obs["primary_site"].astype(str)[1:]]
            adata = clrna.pp.normalize(studies)
            model = clrna.tl.train(merged, device="cpu", exclude_studies="SIM3", min_class_size=10)
            for how in ("auto", "none", "study"):
                clrna.tl.encode(merged.copy(), model, adapt=how, input_scale="log2_expression")
            clrna.tl.encode(nameless_of(merged), model)
            clrna.pl.embedding(adata_with(merged), projection="pca", max_points=20)
            clrna.CenterLossEncoder(epochs=1, standardize="genes", latent_dim=2).fit(
                merged.to_df(), merged.obs["tissue"].astype(str)
            )
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
    texts = [record.getMessage() for record in caplog.records]
    assert_python_is_spoken(texts)
    whole = "\n".join(texts)
    expected = (
        "because adapt none",
        "(name the column with study_key)",
        "give category_key or category",
        "(label_map)",
        "input_scale log2_expression is taken",
        "adapt_min_samples",
        "max_points:",
    )
    for words in expected:
        assert words in whole, words
    assert adata.n_obs == 108


def nameless_of(merged: AnnData) -> AnnData:
    made = merged[merged.obs["study"] == "SIM1"].copy()
    del made.obs["study"]
    return made


def adata_with(merged: AnnData) -> AnnData:
    made = merged.copy()
    made.obsm["X_two"] = np.random.default_rng(0).normal(size=(made.n_obs, 2)).astype(np.float32)
    return made


def test_executables_name_options_after_functions_were_called(folder: Path, merged: AnnData, tmp_path: Path, capsys):
    nameless = nameless_of(merged)
    clrna.tl.encode(nameless.copy(), folder / "model.safetensors")
    write_h5ad(nameless, tmp_path / "given.h5ad")
    words = [str(tmp_path / "given.h5ad"), "-m", str(folder / "model.safetensors"), "-o", str(tmp_path / "out.h5ad")]
    assert encode.main([*words, "--adapt", "none"]) == 0
    told = capsys.readouterr().err
    assert "(name the column with --study-key)" in told and "because --adapt none" in told
    assert encode.main([*words, "--min-coverage", "1", "--layer", "none"]) == 3
    assert "--layer none: no such layer" in capsys.readouterr().err


def test_errors_name_parameters(merged: AnnData, tmp_path: Path):
    adata, figures = adata_with(merged), clrna.pl
    probes = merged.copy()
    probes.var_names = [f"{number}_at" for number in range(probes.n_vars)]
    failing = [
        (lambda: figures.embedding(adata, color=[]), "color: names no column"),
        (lambda: figures.scores(adata), "clrna.pl.scores: the input holds no scores; give a table with scores"),
        (lambda: figures.confusion(adata), "clrna.pl.confusion: obs has no column of predicted"),
        (lambda: figures.embedding(adata, basis="X_no", projection="pca"), "basis X_no"),
        (lambda: clrna.read(tmp_path / "none.tsv"), "no such file"),
        (lambda: clrna.pp.normalize(probes), "clrna.read(gene_map=...)"),
        (lambda: clrna.tl.train(adata, label_key="study", min_class_size=999), "see label_key and min_class_size"),
    ]  # fmt: skip
    for call, words in failing:
        with pytest.raises(clrna.errors.ClrnaError) as caught:
            call()
        assert_python_is_spoken([str(caught.value)])
        assert words in str(caught.value)
    zero = dict.fromkeys(("center_weight", "reconstruction_weight", "classification_weight", "contrast_weight"), 0)
    with pytest.raises(
        ValueError, match="give one of center_weight, reconstruction_weight, classification_weight, con"
    ):
        clrna.tl.train(adata, **zero)


def test_errors_say_what_to_do(merged: AnnData, tmp_path: Path):
    adata, figures = adata_with(merged), clrna.pl
    sources = merged.copy()
    sources.obs = sources.obs.rename(columns={"tissue": "organ"})
    wrong = [
        (lambda: figures.embedding(sources, projection="pca"), "run clrna.pp.normalize, which finds"),
        (lambda: clrna.pp.normalize(clrna.datasets.demo(), tissue_key="organ"), "rename it where studies differ"),
        (lambda: clrna.tl.encode("counts.tsv", "pan-cancer-small"), "adata: is str, not AnnData; clrna.read makes one"),
        (lambda: clrna.tl.match("pan-cancer-small", adata), "adata: is str, not AnnData"),
        (lambda: clrna.tl.explain(adata), "model: is AnnData, not the path of a file"),
        (lambda: figures.embedding(tmp_path / "encoded.h5ad"), "not AnnData; clrna.read makes one"),
        (lambda: clrna.tl.encode(merged, "pan-cancer"), "nor a model that comes along: pan-cancer-small"),
        (lambda: clrna.read("counts.tsv", metadata=merged.obs), "use adata.obs = adata.obs.join(metadata)"),
        (lambda: figures.report(adata, tmp_path / "no" / "report.html"), "no does not exist, make it first"),
        (lambda: figures.report(adata, tmp_path / "report.pdf"), "the report is HTML, end it in .html"),
        (lambda: clrna.Model.load("pan-cancer-small").save(tmp_path / "no" / "m.safetensors"), "make it first"),
    ]  # fmt: skip
    for call, words in wrong:
        with pytest.raises(clrna.errors.ClrnaError) as caught:
            call()
        assert_python_is_spoken([str(caught.value)])
        assert words in str(caught.value)
