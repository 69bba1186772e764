"""Test the Galaxy tools and workflows in a real Galaxy server on this machine, then stop it.

Usage: python tools/testing/run.py --galaxy-venv FOLDER --planemo-venv FOLDER [--parts PART,...] [--sif FILE] ...

Ends with the line 'N passed, N failed' and exit status 0 only if something passed and nothing failed.
"""

import argparse
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from api_tests import run_api_tests
from browser_tests import run_browser_tests
from credential_tests import run_credential_tests
from results import Results
from server import GalaxyServer
from settings import Paths
from tool_tests import run_tool_tests
from workflow_export import check_exported, export_workflows
from workflow_tests import run_workflow_tests

TOOLS = Path(__file__).resolve().parents[1]
SCREENSHOTS = TOOLS.parent / "galaxy-screenshots"
PARTS = ("tools", "workflows", "browser")


def get_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--galaxy-venv", type=Path, required=True, help="virtual environment with Galaxy")
    parser.add_argument("--planemo-venv", type=Path, help="virtual environment with planemo, for the workflows")
    parser.add_argument("--programs", type=Path, default=Path(sys.executable).parent, help="folder of clrna-*")
    parser.add_argument("--work", type=Path, help="folder for the server, kept afterwards (default: a temporary one)")
    parser.add_argument("--parts", help=f"what to run, of {','.join(PARTS)},export (default: {','.join(PARTS)})")
    parser.add_argument("--tool", default="", help="test this tool only")
    parser.add_argument("--first", action="store_true", help="only the first test of each tool, and of one workflow")
    parser.add_argument("--screenshots", type=Path, default=SCREENSHOTS, help="folder for the browser's screenshots")
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"), help="browser")
    parser.add_argument("--sif", type=Path, help="run the jobs in this Apptainer image")
    parser.add_argument("--serve", action="store_true", help="start the server and wait for Ctrl-C")
    return parser


def main() -> int:
    """Start, test, stop, count."""
    args = get_parser().parse_args()
    parts = parts_to_run(args)
    args.planemo_venv = args.planemo_venv and args.planemo_venv.absolute()  # it is started in another folder
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
            for part in parts:
                started = time.monotonic()
                try:
                    run_part(part, args, server, results)
                except Exception:  # noqa: BLE001 - whatever breaks a part is one failed test, and the others still run
                    results.add(part, traceback.format_exc(limit=-3))
                print(f"{part}: {time.monotonic() - started:.0f} s", flush=True)
    print(results.summary())
    return 0 if results.passed and not results.failed else 1


def parts_to_run(args: argparse.Namespace) -> list[str]:
    """Return the parts to run: those that were asked for, or all, without the browser where there is none."""
    parts = args.parts.split(",") if args.parts else list(PARTS)
    if unknown := set(parts) - {*PARTS, "export"}:
        get_parser().error(f"--parts: {', '.join(sorted(unknown))} is not one of {', '.join(PARTS)}, export")
    if args.planemo_venv is None and not args.serve and {"workflows", "export"} & set(parts):
        get_parser().error("--planemo-venv is needed for the workflows")
    if "browser" in parts and not args.serve and not args.chromium.exists():
        if args.parts:
            get_parser().error(f"there is no browser {args.chromium}; install chromium, or name one with --chromium")
        print(f"SKIPPED browser: there is no {args.chromium}; install chromium to run this part", flush=True)
        parts.remove("browser")
    return parts


def run_part(part: str, args: argparse.Namespace, server: GalaxyServer, results: Results) -> None:
    """Run one part."""
    workflows = TOOLS / "workflows"
    if part == "tools":
        run_tool_tests(server, results, args.tool, args.first)
        if not args.tool and not args.first:
            run_api_tests(server, results)
            run_credential_tests(server, results)
    elif part == "export":
        export_workflows(server, args.planemo_venv, workflows)
    elif part == "workflows":
        if not args.first:
            check_exported(server, results, args.planemo_venv, workflows)
        run_workflow_tests(server, results, args.planemo_venv, workflows, args.first)
    else:
        run_browser_tests(server, results, args.chromium, args.screenshots)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
