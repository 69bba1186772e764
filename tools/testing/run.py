"""Test the Galaxy tools and workflows in a real Galaxy server on this machine, then stop it.

Usage: python tools/testing/run.py --galaxy-venv FOLDER [--planemo-venv FOLDER] [--only WHAT] ...

Ends with the line 'N passed, N failed' and exit status 0 only if something passed and nothing failed.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from browser_tests import run_browser_tests
from results import Results
from server import GalaxyServer
from settings import Paths
from tool_tests import run_tool_tests
from workflow_export import check_exported, export_workflows
from workflow_tests import run_workflow_tests

TOOLS = Path(__file__).resolve().parents[1]
PARTS = ("tools", "workflows", "browser")


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--galaxy-venv", type=Path, required=True, help="virtual environment with Galaxy")
    parser.add_argument("--planemo-venv", type=Path, help="virtual environment with planemo, for the workflows")
    parser.add_argument("--programs", type=Path, default=Path(sys.executable).parent, help="folder of clrna-*")
    parser.add_argument("--work", type=Path, help="folder for the server, kept afterwards (default: a temporary one)")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"what to run, of {','.join(PARTS)},export")
    parser.add_argument("--tool", default="", help="test this tool only")
    parser.add_argument("--screenshots", type=Path, help="folder for the browser's screenshots")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="browser")
    parser.add_argument("--sif", type=Path, help="run the jobs in this Apptainer image")
    parser.add_argument("--serve", action="store_true", help="start the server and wait for Ctrl-C")
    return parser


def main() -> int:
    """Start, test, stop, count."""
    args = get_parser().parse_args()
    if args.planemo_venv is None and not args.serve and {"workflows", "export"} & set(args.parts.split(",")):
        get_parser().error("--planemo-venv is needed for the workflows")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="clrna-galaxy-") as temporary:
        paths = Paths(
            galaxy=args.galaxy_venv.absolute(), programs=args.programs.absolute(),
            work=(args.work or Path(temporary) / "work").absolute(), tools=TOOLS / "clrna",
            data_manager=TOOLS / "data_managers" / "data_manager_clrna_models",
            sif=args.sif and args.sif.absolute(),
        )  # fmt: skip
        results = Results()
        with GalaxyServer(paths) as server:
            if args.serve:
                print(f"{server.url} (key {server.key}); Ctrl-C stops it", flush=True)
                signal.pause()
            run_parts(args, server, results)
    print(results.summary())
    return 0 if results.passed and not results.failed else 1


def run_parts(args: argparse.Namespace, server: GalaxyServer, results: Results) -> None:
    """Run the parts that were asked for."""
    parts = args.parts.split(",")
    if "tools" in parts:
        run_tool_tests(server, results, args.tool)
    if "export" in parts:
        export_workflows(server, args.planemo_venv, TOOLS / "workflows")
    if "workflows" in parts:
        check_exported(server, results, args.planemo_venv, TOOLS / "workflows")
        run_workflow_tests(server, results, args.planemo_venv, TOOLS / "workflows")
    if "browser" in parts:
        run_browser_tests(server, results, args.chromium, args.screenshots)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
