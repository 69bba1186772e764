"""Write the answer of a Galaxy data manager: one model for the data table ``clrna_models``.

Usage: python add_model.py GALAXY_ANSWER.json MODEL.safetensors --value VALUE --name NAME --installed FOLDER

The model is moved into the answer's folder of extra files, from which Galaxy takes it to its place.
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answer", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--value", required=True, help="identifier, given once and never again")
    parser.add_argument("--name", default="", help="what people choose by")
    parser.add_argument("--installed", type=Path, required=True, help="folder of the installed models")
    return parser


def main() -> None:
    """Check the model, move it and write the answer."""
    args = get_parser().parse_args()
    value = args.value.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
        sys.exit(f"add_model.py: error: identifier {value!r}: use letters, digits, dot, dash and underscore only")
    file_name = f"{value}.safetensors"
    if (args.installed / file_name).exists():  # workflows hold identifiers to mean the same model for ever
        sys.exit(f"add_model.py: error: a model of the identifier {value!r} is installed already; give another one")
    check_model(args.model)
    folder = Path(json.loads(args.answer.read_text())["output_data"][0]["extra_files_path"])
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(args.model, folder / file_name)
    entry = {"value": value, "name": args.name.strip() or value, "path": file_name}
    args.answer.write_text(json.dumps({"data_tables": {"clrna_models": [entry]}}, indent=2, sort_keys=True))


def check_model(path: Path) -> None:
    """End with one line unless the file opens as a model of CLRNA."""
    from clrna.errors import ClrnaError
    from clrna.model.model_file import load_model

    try:
        model = load_model(path)
    except ClrnaError as error:
        sys.exit(f"add_model.py: error: {error}")
    print(f"{path}: {len(model.genes)} genes, labels {', '.join(model.classes)}")


if __name__ == "__main__":
    main()
