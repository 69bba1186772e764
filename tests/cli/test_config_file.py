"""``--config FILE.yaml``: the same options, checked by the same parser, with errors that name the file."""

import pytest

from clrna.cli import options, runtime
from clrna.cli.config_file import words_from_config
from clrna.errors import UsageError


@pytest.fixture
def parser():
    parser = options.new_parser("small", "A parser with one option of each kind.")
    options.existing_file(parser, "input", metavar="INPUT", help="file to read")
    options.add_output_option(parser, "a file")
    parser.add_argument("--adapt", choices=("study", "none"), default="study", help="a choice")
    parser.add_argument("--min-coverage", type=options.number(0, 1), default=0.8, help="a number")
    parser.add_argument("--methods", type=options.comma_list, default=["pca"], help="a list")
    parser.add_argument("--shift", type=float, default=0.0, help="may be negative")
    parser.add_argument("--reconstruct", action="store_true", help="a flag")
    parser.add_argument("--layer", default=None, help="text")
    options.existing_file(parser, "--metadata", action="append", default=None, metavar="FILE", help="several")
    options.add_general_options(parser)
    return parser


@pytest.fixture
def write(tmp_path):
    def call(text: str | bytes):
        path = tmp_path / "run.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return call


def parse(parser, path, *words):
    return runtime.parse(parser, ["in.h5ad", "-o", "out.h5ad", "--config", str(path), *words])


def test_every_kind_of_value(parser, write):
    path = write(
        "adapt: none\nmin-coverage: 0.5\nmethods: [pca, combat]\nshift: -1.5\nreconstruct: true\n"
        "metadata: [a.tsv, b.tsv]\nseed: 3\n"
    )
    args = parse(parser, path)
    assert (args.adapt, args.min_coverage, args.methods) == ("none", 0.5, ["pca", "combat"])
    assert (args.shift, args.reconstruct, args.seed) == (-1.5, True, 3)
    assert [path.name for path in args.metadata] == ["a.tsv", "b.tsv"]


@pytest.mark.parametrize("text", ["007", "1e5", "0x10", "1_000", "+1", ".5", "2024-01-01", "12:30:00", "yes", "=", "~"])
def test_text_is_taken_as_it_is_written(parser, write, text):
    quotes = '"' if text in ("yes", "~") else ""
    assert parse(parser, write(f"layer: {quotes}{text}{quotes}")).layer == text


def test_underscores_are_dashes(parser, write):
    assert parse(parser, write("min_coverage: 0.25")).min_coverage == 0.25


def test_false_and_null_leave_the_default(parser, write):
    args = parse(parser, write("reconstruct: false\nmin-coverage: null\n"))
    assert (args.reconstruct, args.min_coverage) == (False, 0.8)


def test_the_command_line_wins(parser, write):
    assert parse(parser, write("min-coverage: 0.25"), "--min-coverage", "0.9").min_coverage == 0.9


def test_an_empty_file_changes_nothing(parser, write):
    assert parse(parser, write("")).adapt == "study"


def test_the_file_may_hold_a_required_option(parser, write):
    args = runtime.parse(parser, ["in.h5ad", "--config", str(write("output: there.h5ad"))])
    assert args.output.name == "there.h5ad"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min-coverge: 0.5", ["min-coverge", "did you mean", "min-coverage"]),
        ("zebra: 1", ["no option", "zebra"]),
        ("help: true", ["no option", "help"]),
        ("config: other.yaml", ["no option", "config"]),
        ("- a\n- b\n", ["option: value"]),
        ("adapt: [unclosed", ["is not YAML"]),
        ("a: !!python/object/apply:os.getcwd []", ["holds a tag", "without it"]),
        ("reconstruct: !!bool 3", ["holds a tag", "without it"]),
        ("layer: !!binary aGVsbG8=", ["holds a tag", "without it"]),
        ("methods: !!set {pca, combat}", ["holds a tag", "without it"]),
        ("<<: {seed: 1}", ["no option '<<'"]),
        (b"\xff\xfe\x00binary", ["run.yaml"]),
        ("reconstruct: maybe", ["reconstruct", "true or false"]),
        ("min-coverage: {a: 1}", ["min-coverage", "mapping"]),
        ("seed: 1\nadapt: none\nseed: 2\n", ["line 3", "'seed' stands there twice"]),
        ("min-coverage: 0.1\nmin_coverage: 0.2\n", ["line 2", "'min_coverage' stands there twice"]),
        ("layer: yes", ["layer", "a bare yes, on or true is no text", "quotation marks"]),
        ("layer: Off", ["layer", "a bare no, off or false is no text"]),
        ("methods: [pca, no]", ["methods", "a bare no, off or false is no text"]),
        ("methods: [pca, null]", ["methods", "a bare null is no text"]),
        ('"a\\e[2J": 1', ["no option 'a\\x1b[2J'"]),
    ],
)
def test_errors_name_the_file_and_the_fault(parser, write, text, words):
    path = write(text)
    with pytest.raises(UsageError) as caught:
        words_from_config(path, parser)
    message = str(caught.value)
    assert "\n" not in message
    for word in [str(path), *words]:
        assert word in message


@pytest.mark.parametrize("text", ["2024-1-5", "2024-99-99", "2024-01-01 10:00:00", "007", "=", "<<"])
def test_dates_and_numbers_stay_as_they_are_written(parser, write, text):
    assert parse(parser, write(f"layer: {text}")).layer == text
    assert parse(parser, write(f"layer: !!str {text}")).layer == text


def test_a_value_the_parser_refuses_is_usage(parser, write, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse(parser, write("min-coverage: 7"))
    assert stopped.value.code == 2
    assert "--min-coverage" in capsys.readouterr().err


def test_a_missing_file_is_named(parser, tmp_path, capsys):
    words = ["in.h5ad", "-o", "out.h5ad", "--config", str(tmp_path / "no.yaml")]
    assert runtime.run(parser, lambda args: None, words) == 2
    assert "no.yaml" in capsys.readouterr().err


def test_the_file_counts_as_an_input(parser, write, tmp_path, capsys):
    source = tmp_path / "in.h5ad"
    source.write_text("x")
    path = write("seed: 1")
    assert runtime.run(parser, lambda args: None, [str(source), "-o", str(path), "--config", str(path)]) == 2
    assert path.read_text() == "seed: 1"


def test_the_option_without_its_file_tells_of_the_help(parser, capsys):
    with pytest.raises(SystemExit, match="2"):
        runtime.parse(parser, ["given.h5ad", "--config"])
    assert capsys.readouterr().err.endswith(
        f": argument --config: expected one argument ({parser.prog} --help lists all)\n"
    )
