"""``clrna-train``: learn the features and write the model."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.errors import UsageError
from clrna.model.settings import MIN_CLASS_SIZE, PRESETS, ModelSettings

SUMMARY = "learn features of expression data of several studies that transfer to others"

DESCRIPTION = """\
Learn features in which samples of one label lie close together whichever study measured them, and how sure the
labels of an unseen study are. The default preset is made to transfer to studies that were not in the training data,
and is computed in closed form. With --epochs N a semi-supervised autoencoder is trained on top, whose cost has three
terms: reconstruction, classification of the label, and center loss on the latent layer. original-943, original-40 and
original-20 are the published networks. The encoder is never told which study a sample is from."""

EXAMPLES = (
    (
        "Train the default model",
        "clrna-train merged.h5ad -o model.safetensors",
    ),
    (
        "Keep a study out, to see how well the model transfers to it",
        "clrna-train merged.h5ad -o model.safetensors --exclude-study NCI60 --history history.tsv --card model.md",
    ),
    (
        "Add studies of your own to the model that comes along",
        "clrna-train mine.h5ad --start pan-cancer-small -o model.safetensors",
    ),
    (
        "The published network, with checkpoints to go on from",
        "clrna-train merged.h5ad -o model.safetensors --preset original-40 --checkpoint state.safetensors --resume",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-train``."""
    parser = options.new_parser("train", DESCRIPTION, examples=EXAMPLES)
    options.existing_file(parser, "input", metavar="INPUT", help="AnnData file from clrna-normalize")
    options.add_output_option(parser, "the trained model", metavar="FILE.safetensors")
    _add_outputs(parser)
    _add_data(parser)
    _add_preset(parser)
    _add_optimisation(parser)
    options.add_key_options(parser)
    options.add_device_options(parser)
    options.add_general_options(parser)
    return parser


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("further outputs")
    options.output_file(
        parser, "--output-h5ad", default=None, metavar="FILE.h5ad",
        help="the input with the split, codes and predictions added",
    )  # fmt: skip
    options.output_file(
        parser, "--history", text=True, default=None, metavar="FILE.tsv",
        help="cost terms and scores, a row an epoch",
    )  # fmt: skip
    options.output_file(
        parser, "--card", text=True, default=None, metavar="FILE.md",
        help="model card: data, scores, limits, versions",
    )  # fmt: skip
    options.output_file(
        group, "--checkpoint", default=None, metavar="FILE.safetensors",
        help="state of the training, written at intervals and when SIGTERM or another signal ends the run",
    )  # fmt: skip
    group.add_argument(
        "--checkpoint-every", type=options.whole_number(1), default=10, metavar="EPOCHS",
        help="epochs between two checkpoints",
    )  # fmt: skip
    group.add_argument(
        "--resume", action="store_true",
        help="go on from the file of --checkpoint if it is there, to the same result as a run that was never stopped",
    )  # fmt: skip


def _add_data(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    options.model_file(
        parser, "--start", default=None, metavar="NAME|FILE.safetensors",
        help="add the samples to this model, whose own are restored from what it keeps of them, so that their "
        "expression is not needed: a model of the default preset from clrna-train or clrna-fetch, or the name of one "
        "that comes along: pan-cancer-small; the genes are the model's",
    )  # fmt: skip
    options.add_split_option(group)
    group.add_argument(
        "--reserve-test", action="store_true",
        help="keep the test split out of training; with --standardize sample all splits are trained on else, since "
        "whole studies are left out in turn to measure transfer",
    )  # fmt: skip
    group.add_argument(
        "--keep-names", action="store_true",
        help="keep the names, donors and sample categories of the samples whose codes the model holds, so that "
        "it can tell which of them another sample is like; their studies and labels are kept in any case",
    )  # fmt: skip
    excluded = parser.add_argument(
        "--exclude-study", type=options.comma_list, default=None, metavar="STUDY,...",
        help="keep these studies out of training and validation altogether, to measure transfer to them",
    )  # fmt: skip
    excluded.only_once = True  # type: ignore[attr-defined]
    group.add_argument(
        "--min-class-size", type=options.whole_number(1), default=MIN_CLASS_SIZE, metavar="N",
        help="labels with fewer training samples are trained without their label",
    )  # fmt: skip


def _add_preset(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("model (every option without a default shown takes the preset's value)")
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="settings to start from")
    group.add_argument(
        "--latent-dim",
        type=options.whole_number(1),
        default=None,
        metavar="N",
        help="width of the latent layer",
    )
    hidden = group.add_argument(
        "--hidden", type=options.width_list, default=None, metavar="N,N,...",
        help="widths of the encoder's hidden layers; the decoder mirrors them",
    )  # fmt: skip
    hidden.may_be_empty = True  # type: ignore[attr-defined]  # none
    group.add_argument(
        "--standardize", choices=("none", "genes", "study", "sample"), default=None,
        help="what is done before the network: nothing, each gene by the training samples' mean and deviation, each "
        "gene by its study's own, or each sample by its own over its genes, its study then placed by its samples",
    )  # fmt: skip
    for term, what in (
        ("reconstruction", "of the reconstruction error"),
        ("classification", "of the cross entropy of the label"),
        ("center", "of the center loss"),
        ("contrast", "of the contrast between two augmented views of a sample"),
    ):
        group.add_argument(f"--{term}-weight", type=options.number(0), default=None, metavar="W", help=f"weight {what}")
    group.add_argument(
        "--center-rate",
        type=options.number(0, 1),
        default=None,
        metavar="A",
        help="step size of the class centers",
    )
    group.add_argument(
        "--dropout", type=options.number(0, 1), default=None, metavar="P", help="dropout in the hidden layers"
    )
    group.add_argument(
        "--gene-dropout", type=options.number(0, 1), default=None, metavar="P",
        help="share of input genes set to their mean in each training step",
    )  # fmt: skip
    group.add_argument(
        "--gene-shift", type=options.number(0), default=None, metavar="SD",
        help="deviation of the random gene-wise shifts that stand for an unseen study, in each training step",
    )  # fmt: skip
    group.add_argument(
        "--class-weights",
        choices=("balanced", "none"),
        default=None,
        help="weigh labels by their inverse frequency",
    )
    group.add_argument(
        "--linear-path", choices=("on", "off"), default=None,
        help="hold a closed-form linear encoder in the model, from which the network starts and to which it adds",
    )  # fmt: skip
    group.add_argument("--print-config", action="store_true", help="print the resulting settings as YAML and exit")


def _add_optimisation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("optimisation (defaults from the preset)")
    parser.add_argument(
        "--epochs", type=options.whole_number(0), default=None, metavar="N", help="passes over the data, 0 for none"
    )
    group.add_argument("--batch-size", type=options.whole_number(1), default=None, metavar="N", help="samples a step")
    group.add_argument("--learning-rate", type=options.number(0), default=None, metavar="R", help="Adam's step size")
    group.add_argument(
        "--weight-decay", type=options.number(0), default=None, metavar="R", help="decoupled weight decay"
    )
    group.add_argument(
        "--patience", type=options.whole_number(0), default=None, metavar="N",
        help="stop after so many validations without a better cost; 0 never stops early",
    )  # fmt: skip
    group.add_argument(
        "--validate-every", type=options.whole_number(1), default=None, metavar="EPOCHS",
        help="epochs between two validations; the best validated state is the model",
    )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-train`` and return its exit status."""
    parser = get_parser()
    if "--print-config" in (sys.argv[1:] if argv is None else argv):
        for action in parser._actions:
            if action.dest in ("input", "output"):
                action.required = False
                action.nargs = None if action.option_strings else "?"
    return runtime.run(parser, body, argv)


def body(args: argparse.Namespace) -> None:
    """Read, train, write."""
    settings = settings_of(args)
    if args.print_config:
        sys.stdout.write(config_text(settings))
        return
    if args.resume and args.checkpoint is None:
        raise UsageError("--resume needs --checkpoint, the file to go on from")
    from clrna.io.output.atomic import write_text
    from clrna.io.output.together import together
    from clrna.model.device import choose_device, choose_precision, set_threads
    from clrna.model.model_file import save_model
    from clrna.train.card import model_card
    from clrna.train.checkpoint import CheckpointFile
    from clrna.train.history import history_table
    from clrna.train.run import train_on
    from clrna.train.start import read_start
    from clrna.train.training_file import read_training_file, write_encoded_input

    set_threads(args.threads)
    device = choose_device(args.device)
    precision = choose_precision(args.precision, device)
    keys = {name: getattr(args, f"{name}_key") for name in ("study", "donor", "split")}
    start = None if args.start is None else read_start(args.start)
    given = read_training_file(args.input, label_columns=args.label_by or [args.label_key], layer=args.layer, **keys)
    checkpoint = CheckpointFile(args.checkpoint, args.checkpoint_every, args.resume) if args.checkpoint else None
    files = [args.input] if start is None else [args.input, args.start]
    fit = train_on(
        given, settings, files, args, label_columns=args.label_by or [args.label_key],
        exclude_studies=args.exclude_study or (), min_class_size=args.min_class_size, seed=args.seed, device=device,
        precision=precision, checkpoint=checkpoint, reserve_test=args.reserve_test, keep_names=args.keep_names,
        start=start,
    )  # fmt: skip
    with together():
        save_model(fit.model, args.output)
        if args.output_h5ad:
            write_encoded_input(args.input, args.output_h5ad, fit, args.output, layer=args.layer, **keys)
        if args.history:
            write_text(args.history, history_table(fit.history))
        if args.card:
            write_text(args.card, model_card(fit, args.output.name))


def settings_of(args: argparse.Namespace) -> ModelSettings:
    """Return the settings of the preset, with those options in their place that were given."""
    preset = ModelSettings.preset(args.preset)
    names = [option.replace("-", "_") for option in preset.to_options() if option not in ("preset", "linear-path")]
    linear_path = None if args.linear_path is None else args.linear_path == "on"
    return preset.override(**{name: getattr(args, name) for name in names}, linear_path=linear_path)


def config_text(settings: ModelSettings) -> str:
    """Return settings as the YAML that ``--config`` reads."""
    import yaml

    fixed = "".join(f"# {name.replace('_', ' ')}: {value}\n" for name, value in settings.fixed.items())
    return yaml.safe_dump(settings.to_options(), sort_keys=False, default_flow_style=None) + fixed


if __name__ == "__main__":
    sys.exit(main())
