"""Write the locks that the release workflow builds images from: every wheel by version and hash.

usage: python containers/lock.py [--torch-wheel FILE ...]     writes containers/locks/{cuda,cpu,tools}.txt
       python containers/lock.py --complete                   adds what cpu.txt lacks, nothing else

Asks PyPI alone (no local folder, no other index) what the constraints give for the image's Python on x86-64 and
arm64. ``cuda.txt`` is that; ``cpu.txt`` is the same without CUDA's libraries and with PyTorch's CPU wheels, whose
hashes come from PyTorch's own index, which uv knows, or from files where that index cannot be reached; ``tools.txt``
holds what the build uses and throws away. ``--complete`` is for the release: it adds the hashes of that one version of
torch which PyTorch's index has and ``cpu.txt`` has not, and fails where the two disagree.
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
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LOCKS = HERE / "locks"
PYTHON = "3.11"  # that of the Dockerfile's base
GLIBC = 36  # and its C library, 2.36
MACHINES = ("x86_64", "aarch64")
BUILD = ("setuptools>=77",)
AS_SOURCE = ("argparse-manpage>=4.6",)  # has no wheel; needed to build the package only
TOOLS = ("cyclonedx-bom==7.5.0", "uv==0.13.9")  # named here and, by way of the lock, for install.sh and the workflows
ONLY_CUDA = re.compile(r"nvidia-|cuda-|triton$|torch$")
HEADER = "# Written by containers/lock.py; used with pip's --require-hashes. Python 3.11, x86-64 and arm64.\n"
HEADER_CPU = """\
# torch is PyTorch's CPU build, which PyPI does not have. Where lock.py could not reach PyTorch's index the hashes below
# are those of the wheels that were given to it; 'lock.py --complete', which the release workflow runs, adds the others.
"""

Locked = dict[str, set[str]]


def requirements() -> list[str]:
    """Return what setup.cfg and the package's build ask for."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    return [*config["options"]["install_requires"].split(), *BUILD]


def resolve(machine: str, wanted: Iterable[str], *options: str) -> Locked:
    """Return ``name==version`` and the hashes of the wheels that pip would install on ``machine``."""
    platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    platforms += [f"--platform={name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    environment["PIP_CONFIG_FILE"] = os.devnull
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--report", str(report), f"--python-version={PYTHON}", "--target", folder, *platforms, *options]
        subprocess.run([*command, *wanted], check=True, env=environment)
        found: Locked = {}
        for item in json.loads(report.read_text())["install"]:
            name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
            digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
            found[f"{name}=={item['metadata']['version']}"] = {digest}
        return found


def merge(parts: Iterable[Locked]) -> Locked:
    """Join the hashes of several machines."""
    merged: Locked = {}
    for part in parts:
        for name, digests in part.items():
            merged.setdefault(name, set()).update(digests)
    return merged


def torch_of_pytorch() -> Locked:
    """Return the CPU build of torch with the hashes that PyTorch's index has, as uv finds them.

    Runs the uv of this Python's environment: ``pip install uv`` in the version that ``tools.txt`` has.
    """
    found: Locked = {}
    for machine in MACHINES:
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config", "--no-header"]
        command += ["--no-annotate", "--no-deps", "--generate-hashes", "--torch-backend", "cpu"]
        command += ["--python-version", PYTHON, "--python-platform", f"{machine}-manylinux_2_{GLIBC}"]
        command += ["--constraint", str(ROOT / "constraints.txt"), "-"]
        done = subprocess.run(command, check=True, input="torch\n", stdout=subprocess.PIPE, text=True)
        found = merge([found, parse(done.stdout)])
    return found


def torch_of_files(wheels: list[Path]) -> Locked:
    """Return the same of wheels on disk."""
    return merge(
        {f"torch=={wheel.name.split('-')[1]}": {hashlib.sha256(wheel.read_bytes()).hexdigest()}} for wheel in wheels
    )


def parse(text: str) -> Locked:
    """Return what a lock holds."""
    entries = re.findall(r"^([\w.-]+==\S+)((?:\s+\\?\s*--hash=sha256:[0-9a-f]{64})+)", text, re.M)
    return {name: set(re.findall(r"[0-9a-f]{64}", hashes)) for name, hashes in entries}


def render(wheels: Locked, header: str = HEADER) -> str:
    """Return the text of a requirements file with hashes."""
    blocks = (
        " \\\n    ".join([name, *(f"--hash=sha256:{one}" for one in sorted(wheels[name]))]) for name in sorted(wheels)
    )
    return header + "".join(f"{block}\n" for block in blocks)


def completed(lock: Locked, torch: Locked) -> Locked:
    """Return ``lock`` with the hashes of ``torch`` added.

    Raises
    ------
    SystemExit
        The lock pins another torch than PyTorch's index gives, or has a hash that the index has not.
    """
    pinned = {name: digests for name, digests in lock.items() if name.startswith("torch==")}
    if set(pinned) != set(torch):
        sys.exit(f"lock.py: cpu.txt has {sorted(pinned)}, PyTorch's index gives {sorted(torch)}")
    for name, digests in pinned.items():
        if not digests <= torch[name]:
            sys.exit(f"lock.py: PyTorch's index has no wheel of {name} with {sorted(digests - torch[name])}")
    return lock | torch


def write(name: str, wheels: Locked, header: str = HEADER) -> None:
    """Write one lock."""
    LOCKS.mkdir(exist_ok=True)
    (LOCKS / name).write_text(render(wheels, header))
    print(f"containers/locks/{name}: {len(wheels)} packages")


def main() -> int:
    """Write all locks, or complete one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--torch-wheel", type=Path, action="append", help="a CPU wheel, in place of PyTorch's index; can be repeated"
    )
    parser.add_argument("--complete", action="store_true", help="add to cpu.txt the hashes that PyTorch's index has")
    args = parser.parse_args()
    if args.complete:
        write("cpu.txt", completed(parse((LOCKS / "cpu.txt").read_text()), torch_of_pytorch()), HEADER + HEADER_CPU)
        return 0
    # What cannot be had shows before anything is written.
    torch = torch_of_files(args.torch_wheel) if args.torch_wheel else torch_of_pytorch()
    constraint = f"--constraint={ROOT / 'constraints.txt'}"
    merged = merge(resolve(machine, requirements(), "--only-binary=:all:", constraint) for machine in MACHINES)
    merged = merge([merged, resolve(MACHINES[0], AS_SOURCE, "--no-deps", constraint)])
    write("cuda.txt", merged)
    common = {name: digests for name, digests in merged.items() if not ONLY_CUDA.match(name.split("==")[0])}
    write("cpu.txt", common | torch, HEADER + HEADER_CPU)
    write("tools.txt", merge(resolve(machine, TOOLS, "--only-binary=:all:") for machine in MACHINES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
