"""The modules and parameters say what the parsers say."""

import importlib
import re
import signal
import sys
from pathlib import Path

import pytest
import yaml

from clrna import __version__
from clrna.constants import EXIT_DEVICE, EXIT_INPUT, EXIT_OK, EXIT_REMOTE, EXIT_UNEXPECTED, EXIT_USAGE
from clrna.io.output.stop_signals import OTHER_STOPS, STOPS
from clrna.metrics.catalogue import HEADLINE
from clrna.results.score_table import COLUMNS

REPOSITORY = Path(__file__).resolve().parents[2]
PIPELINE = REPOSITORY / "nextflow"


sys.path.insert(0, str(PIPELINE))
MAKER = importlib.import_module("make_schema")
PARAMETERS = importlib.import_module("pipeline_parameters")
STEPS = PARAMETERS.STEPS


def module_text(step: str) -> str:
    return (PIPELINE / "modules" / "clrna" / step / "main.nf").read_text()


def used_options(text: str) -> set[str]:
    script = text[text.index("script:") : text.index("stub:")]
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", script))


@pytest.mark.parametrize("name", sorted(MAKER.contents()))
def test_what_is_made_from_the_parsers_is_up_to_date(name: str) -> None:
    made = MAKER.contents()[name]
    assert (PIPELINE / name).read_text() == made, "run: python nextflow/make_schema.py"


@pytest.mark.parametrize("step", STEPS)
def test_a_module_names_no_option_that_the_parser_lacks(step: str) -> None:
    assert used_options(module_text(step)) <= set(MAKER.actions_of(step))


@pytest.mark.parametrize("step", STEPS)
def test_each_option_is_a_parameter_or_omitted_for_a_reason(step: str) -> None:
    options = set(MAKER.actions_of(step))
    some_have = {*PARAMETERS.OMITTED_EVERYWHERE, *PARAMETERS.OMITTED_COLUMNS}
    omitted = {
        name
        for name in {*PARAMETERS.OMITTED[step], *PARAMETERS.OMITTED_EVERYWHERE}
        if name in options or name not in some_have
    }
    assert omitted <= options, f"omitted, but no option: {omitted - options}"
    groups = MAKER.options()
    parameters = {*groups["shared"], *groups.get(step, {})}
    for option in options - omitted:
        assert MAKER.parameter_of(step, option) in parameters
    assert not {MAKER.parameter_of(step, option) for option in omitted if option not in PARAMETERS.SHARED} & parameters


@pytest.mark.parametrize("step", STEPS)
def test_what_the_module_names_is_no_parameter(step: str) -> None:
    """An option that the module sets and a parameter sets as well would stand twice on the command line."""
    groups = MAKER.options()
    for option in used_options(module_text(step)):
        assert MAKER.parameter_of(step, option) not in {*groups["shared"], *groups.get(step, {})}


def test_the_shared_options_name_the_steps_that_have_them() -> None:
    text = (PIPELINE / "functions" / "options.nf").read_text()
    for option in PARAMETERS.SHARED:
        name = option.lstrip("-").replace("-", "_")
        found = re.search(rf"{name}: \[([^\]]*)\]", text)
        assert found is not None
        listed = re.findall(r"'(\w+)'", found.group(1))
        assert listed == [
            step for step in STEPS if option in MAKER.actions_of(step) and option not in PARAMETERS.OMITTED[step]
        ]


def test_the_merging_options_are_the_same_in_the_workflow() -> None:
    text = (PIPELINE / "subworkflows" / "merge" / "main.nf").read_text()
    found = re.search(r"def mergingOptions\(\) \{\s*return \[([^\]]*)\]", text)
    assert found is not None
    assert re.findall(r"'(\w+)'", found.group(1)) == [name.lstrip("-").replace("-", "_") for name in PARAMETERS.MERGING]
    assert set(PARAMETERS.MERGING) <= set(MAKER.actions_of("normalize"))


def test_each_parameter_of_the_pipeline_has_its_default_in_the_configuration() -> None:
    text = (PIPELINE / "nextflow.config").read_text()
    block = text[text.index("params {") : text.index("}", text.index("params {"))]
    given = dict(re.findall(r"^\s+(\w+)\s+= (\S+)$", block, flags=re.MULTILINE))
    shown = {
        name: {None: "null", True: "true", False: "false"}.get(rule.get("default"), repr(rule.get("default")))
        if not isinstance(rule.get("default"), int) or isinstance(rule.get("default"), bool)
        else str(rule["default"])
        for name, rule in PARAMETERS.PIPELINE.items()
    }
    assert given == shown


def test_a_sweep_chooses_by_the_headline_and_a_summary_has_columns_of_the_scores() -> None:
    assert PARAMETERS.PIPELINE["select_by"]["enum"] == [metric.key for metric in HEADLINE]
    text = (PIPELINE / "functions" / "summary.nf").read_text()
    found = re.search(r"def summaryColumns\(\) \{\s*return \[([^\]]*)\]", text)
    assert found is not None
    columns = re.findall(r"'(\w+)'", found.group(1))
    assert columns[:3] == ["embedding", "metric", "value"] and set(columns) <= set(COLUMNS)
    read = set(re.findall(r"\b(?:row|item)\.(\w+)", text)) - {"join", "score"}
    assert read == {"headline", "study", "embedding", "metric", "value"} and read <= set(COLUMNS)


@pytest.mark.parametrize("name", ["multiqc", *(f"clrna/{step}" for step in STEPS)])
def test_meta_yml_mirrors_the_module(name: str) -> None:
    text = (PIPELINE / "modules" / name / "main.nf").read_text()
    meta = yaml.safe_load((PIPELINE / "modules" / name / "meta.yml").read_text())
    assert list(meta["output"]) == re.findall(r"emit: (\w+)", text)
    assert meta["name"] == name.replace("/", "_") and f"process {meta['name'].upper()} " in text
    inputs = text[text.index("input:") : text.index("output:")]
    named = re.findall(r"(?:val|path)\(?\s*\(?(\w+)", inputs)
    described = [
        next(iter(item)) for channel in meta["input"] for item in (channel if isinstance(channel, list) else [channel])
    ]
    assert described == named
    assert len(meta["keywords"]) >= 3


@pytest.mark.parametrize("step", STEPS)
def test_each_output_has_a_stub_and_the_version_is_the_packages(step: str) -> None:
    text = module_text(step)
    stub = text[text.index("stub:") :]
    for output in re.findall(r'path\("\$\{prefix\}([^"]*)"\)', text):
        assert f"${{prefix}}{output}" in stub
    assert set(re.findall(r"clrna(?:-sif)?:([\d.]+\d)", text)) == {__version__}
    folder = PIPELINE / "modules" / "clrna" / step
    for path in folder.glob("environment*.yml"):
        assert f"bioconda::clrna={__version__}" in yaml.safe_load(path.read_text())["dependencies"]


def test_multiqc_is_the_same_in_image_and_environment_and_at_the_start() -> None:
    report, start = (
        (PIPELINE / "modules" / name / "main.nf").read_text() for name in ("multiqc", "local/multiqc_version")
    )
    images = re.findall(r"\S*multiqc:[\d.]+--\w+", report)
    assert len(images) == 2 and images == re.findall(r"\S*multiqc:[\d.]+--\w+", start)
    environment = yaml.safe_load((PIPELINE / "modules" / "multiqc" / "environment.yml").read_text())
    (version,) = {image.split("multiqc:")[1].split("--")[0] for image in images}
    assert environment["dependencies"] == [f"bioconda::multiqc={version}"]


def test_the_environment_with_cuda_has_the_torch_and_cuda_of_the_images() -> None:
    torch = re.search(r"^torch==(\S+)", (REPOSITORY / "constraints.txt").read_text(), flags=re.MULTILINE)
    lock = (REPOSITORY / "containers" / "locks" / "cuda.txt").read_text()
    cuda = re.search(r"^nvidia-cuda-runtime==(\d+\.\d+)", lock, flags=re.MULTILINE)
    assert torch is not None and cuda is not None
    folders = [path.parent.name for path in sorted(PIPELINE.glob("modules/clrna/*/environment.gpu.yml"))]
    assert folders == [step for step in sorted(STEPS) if "process_gpu" in module_text(step)]
    for folder in folders:
        text = (PIPELINE / "modules" / "clrna" / folder / "environment.gpu.yml").read_text()
        assert yaml.safe_load(text)["dependencies"][1:] == [
            f"conda-forge::cuda-version={cuda[1]}",
            f"conda-forge::pytorch={torch[1]}=*cuda*",
        ]


def test_a_drift_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MAKER.actions_of("train")
    made["--epochs"].help = "something else"
    monkeypatch.setattr(
        MAKER, "actions_of", lambda step, original=MAKER.actions_of: made if step == "train" else original(step)
    )
    with pytest.raises(AssertionError):
        test_what_is_made_from_the_parsers_is_up_to_date("nextflow_schema.json")
    del made["--history"]
    with pytest.raises(AssertionError):
        test_a_module_names_no_option_that_the_parser_lacks("train")


def test_a_task_that_a_signal_ended_comes_back_and_an_error_in_the_data_does_not() -> None:
    text = (PIPELINE / "conf" / "base.config").read_text()
    (listed,) = re.findall(r"exitStatus in \(([\d.+() ]+)\) \? 'retry' : 'finish'", text)
    ranges = [re.fullmatch(r"\(?(\d+)(?:\.\.(\d+)\))?", part.strip()) for part in listed.split("+")]
    again = {n for part in ranges if part for n in range(int(part[1]), int(part[2] or part[1]) + 1)}
    # A terminal that goes away, as under a login that ends, takes the pipeline with it.
    ended = {128 + number for number in (*STOPS, *OTHER_STOPS, signal.SIGKILL) if number != signal.SIGHUP}
    assert None not in ranges and ended <= again
    assert not again & {EXIT_OK, EXIT_UNEXPECTED, EXIT_USAGE, EXIT_INPUT, EXIT_DEVICE, EXIT_REMOTE}
