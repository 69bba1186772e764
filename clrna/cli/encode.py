"""``clrna-encode``: features and predicted labels of samples, from a trained model."""

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from clrna.cli import options, reading, runtime
from clrna.cli.encoding_options import add_chunk_option, add_encoding_options
from clrna.encode.options import EncodeOptions

SUMMARY = "encode samples with a trained model"

DESCRIPTION = """\
Encode any number of samples with a trained model: genes in any order and identifier, missing genes allowed for,
any unit. Adds the features to obsm, and to obs the predicted label, the second most probable one, how sure the
label is, and flags for uncertain labels and samples unlike the training data. AnnData is read and written in chunks,
so that memory does not grow with the number of samples. Every other file that clrna-normalize reads is normalized
first, as it does."""

EXAMPLES = (
    (
        "Encode a normalized file",
        "clrna-encode new.h5ad -m model.safetensors -o encoded.h5ad",
    ),
    (
        "A cohort of your own, without a model of your own",
        "clrna-encode cohort.tsv.gz -m pan-cancer-small -o encoded.h5ad",
    ),
    (
        "A new cohort of counts in one command",
        "clrna-encode counts.tsv.gz -m model.safetensors -o encoded.h5ad --study MINE --metadata samples.tsv",
    ),
    (
        "Each sample by itself, whichever others are in the file",
        "clrna-encode new.h5ad -m model.safetensors -o encoded.h5ad --adapt none",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-encode``."""
    parser = options.new_parser("encode", DESCRIPTION, examples=EXAMPLES)
    given = options.existing_file(
        parser, "input", metavar="INPUT",
        help="AnnData file to encode, or a matrix or folder of files that clrna-normalize reads",
    )  # fmt: skip
    given.may_be_folder = True  # type: ignore[attr-defined]
    options.model_file(
        parser, "-m", "--model", required=True, metavar="NAME|FILE.safetensors",
        help="model from clrna-train or clrna-fetch, or the name of one that comes along: pan-cancer-small",
    )  # fmt: skip
    options.add_output_option(parser, "the input with codes and predictions added")
    group = parser.add_argument_group("encoding")
    add_encoding_options(parser, group)
    group.add_argument(
        "--key-added", default=EncodeOptions.key_added, metavar="KEY",
        help="obsm key of the codes; another one, X_NAME, lets several models stand in one file: its obs columns are "
        "NAME_label, NAME_confidence and so on in place of clrna_label, clrna_confidence",
    )  # fmt: skip
    group.add_argument(
        "--reconstruct",
        action="store_true",
        help="add the reconstructed expression as layer clrna_reconstruction, in the units that the study was encoded "
        "in; genes that the model does not have are missing there",
    )
    group.add_argument(
        "--corrected-layer", default=EncodeOptions.corrected_layer, metavar="NAME",
        help="add expression freed of what is the study's as layer NAME: each gene on the location and scale that it "
        "has in one training study, in that study's unit; not for differential expression between studies",
    )  # fmt: skip
    group.add_argument(
        "--corrected-to", default=EncodeOptions.corrected_to, metavar="STUDY",
        help="training study that --corrected-layer brings expression to (default: the one with most samples)",
    )  # fmt: skip
    add_chunk_option(group)
    group = parser.add_argument_group("reading a matrix (for inputs that are no AnnData)")
    reading.add_reading_options(parser, group)
    reading.add_gene_map_option(group)
    options.add_key_options(parser, label=False)
    options.add_device_options(parser, auto_precision="fp32, so that codes are the same on every device")
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-encode`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Encode and write."""
    from clrna.encode.corrected_layer import check_corrected_layer
    from clrna.encode.files import encode_file
    from clrna.encode.names import names_for
    from clrna.io.hdf5.h5ad import is_h5ad
    from clrna.model.linear_network import LinearNetwork
    from clrna.model.model_file import load_model

    names_for(args.key_added)
    check_corrected_layer(options.values_of(args, EncodeOptions))
    is_matrix = not is_h5ad(args.input)
    if not is_matrix:
        reading.refuse_reading_options(args, get_parser())
    model = load_model(args.model, args.device, args.precision)
    if not isinstance(model.network, LinearNetwork):
        from clrna.model.device import set_threads

        set_threads(args.threads)
    asked = options.values_of(args, EncodeOptions)
    if not is_matrix:
        encode_file(args.input, args.output, model, args.model, asked, parameters=vars(args))
        return
    from clrna.cli import matrix_input

    with tempfile.TemporaryDirectory(prefix="clrna-encode-") as scratch:
        normalized = Path(scratch) / "normalized.h5ad"
        matrix_input.write_normalized(args, model.scales, normalized)
        # Scale, genes and columns of a normalized file are what the contract says, whatever the matrix called them.
        asked = dataclasses.replace(asked, **matrix_input.AS_NORMALIZED)
        encode_file(normalized, args.output, model, args.model, asked, parameters=vars(args), made_from=args.input)


if __name__ == "__main__":
    sys.exit(main())
