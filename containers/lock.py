"""Write the locks that the release workflow builds images from: every wheel by version and hash.

usage: python containers/lock.py [--torch-index URL] [--torch-wheel FILE]

Asks PyPI alone (no local folder, no other index) what the constraints give for the image's Python on x86-64 and
arm64, and writes ``containers/locks/cuda.txt``; ``cpu.txt`` is the same without CUDA's libraries and with PyTorch's
CPU wheels, whose hashes come from PyTorch's index, or from a file where that index cannot be reached.
"""

import argparse
import configparser
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHON = "3.11"  # that of the Dockerfile's base
GLIBC = 36  # and its C library, 2.36
BUILD = ("setuptools>=77",)
AS_SOURCE = ("argparse-manpage>=4.6",)  # has no wheel; needed to build the package only
ONLY_CUDA = re.compile(r"nvidia-|cuda-|triton$|torch$")


def requirements() -> list[str]:
    """Return what setup.cfg and the package's build ask for."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    return [*config["options"]["install_requires"].split(), *BUILD]


def resolve(machine: str, wanted: list[str], *options: str) -> dict[str, set[str]]:
    """Return ``name==version`` and the hashes of the wheels that pip would install on ``machine``."""
    platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    platforms += [f"--platform={name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    environment["PIP_CONFIG_FILE"] = os.devnull
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--report",
            str(report),
        ]
        command += [f"--python-version={PYTHON}", "--target", folder, *platforms, *options]
        subprocess.run([*command, "--constraint", str(ROOT / "constraints.txt"), *wanted], check=True, env=environment)
        found: dict[str, set[str]] = {}
        for item in json.loads(report.read_text())["install"]:
            name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
            found[f"{name}=={item['metadata']['version']}"] = {
                item["download_info"]["archive_info"]["hashes"]["sha256"]
            }
        return found


def write(path: Path, wheels: dict[str, set[str]]) -> None:
    """Write a requirements file with hashes."""
    lines = ["# Written by containers/lock.py; used with pip's --require-hashes. Python 3.11, x86-64 and arm64."]
    for name in sorted(wheels):
        lines += [
            f"{name} \\",
            *" \\\n".join(f"    --hash=sha256:{digest}" for digest in sorted(wheels[name])).split("\n"),
        ]
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.relative_to(ROOT)}: {len(wheels)} packages")


def main() -> int:
    """Write both locks."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--torch-index", help="PyTorch's index of wheels without CUDA")
    parser.add_argument("--torch-wheel", type=Path, help="such a wheel for x86-64, where that index cannot be reached")
    args = parser.parse_args()
    merged: dict[str, set[str]] = defaultdict(set)
    for machine in ("x86_64", "aarch64"):
        wheels = resolve(machine, requirements(), "--only-binary=:all:")
        for name, hashes in {**wheels, **resolve(machine, [*AS_SOURCE], "--no-deps")}.items():
            merged[name] |= hashes
    (HERE / "locks").mkdir(exist_ok=True)
    write(HERE / "locks" / "cuda.txt", merged)
    cpu = defaultdict(
        set, {name: hashes for name, hashes in merged.items() if not ONLY_CUDA.match(name.split("==")[0])}
    )
    if args.torch_index:
        for machine in ("x86_64", "aarch64"):
            for name, hashes in resolve(machine, ["torch"], "--no-deps", "--index-url", args.torch_index).items():
                cpu[name] |= hashes
    elif args.torch_wheel:
        version = args.torch_wheel.name.split("-")[1]
        cpu[f"torch=={version}"].add(hashlib.sha256(args.torch_wheel.read_bytes()).hexdigest())
    else:
        parser.error("name --torch-index, or --torch-wheel where it cannot be reached")
    write(HERE / "locks" / "cpu.txt", cpu)
    return 0


if __name__ == "__main__":
    sys.exit(main())
