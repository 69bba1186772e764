"""The locks agree with what they are made from, and completing one adds torch's hashes and nothing else."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = REPOSITORY / "containers" / "locks"
ONE, TWO, THREE = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture(scope="module")
def lock(load_script):
    return load_script(REPOSITORY / "containers" / "lock.py")


@pytest.mark.parametrize("name", ["cpu.txt", "cuda.txt", "tools.txt"])
def test_lock_is_read_back_as_it_is_written(lock, name):
    text = (LOCKS / name).read_text()
    held = lock.parse(text)
    assert text.count("==") == len(held) > 30
    assert text.count("--hash=sha256:") == sum(map(len, held.values()))
    header = lock.HEADER + lock.HEADER_CPU if name == "cpu.txt" else lock.HEADER
    assert lock.render(held, header) == text


def test_wheels_of_both_processors_are_locked_but_torch_without_cuda(lock):
    # PyPI has no such wheel for arm64: the release takes its hash from PyTorch's index and the header says so.
    text = (LOCKS / "cpu.txt").read_text()
    cpu, cuda = (lock.parse((LOCKS / name).read_text()) for name in ("cpu.txt", "cuda.txt"))
    compiled = {name for name in cpu if re.match(r"(numpy|scipy|h5py|pyarrow|llvmlite)==", name)}
    assert len(compiled) == 5
    assert all(len(cpu[name]) == 2 and cpu[name] == cuda[name] for name in compiled)
    torch = next(name for name in cpu if name.startswith("torch=="))
    assert len(cpu[torch]) >= 1
    assert "lock.py --complete" in text
    assert "lock.py --complete" in (REPOSITORY / ".github" / "workflows" / "release.yml").read_text()


def test_tools_are_those_that_are_named(lock):
    held = lock.parse((LOCKS / "tools.txt").read_text())
    assert set(lock.TOOLS) <= set(held)
    install = (REPOSITORY / "containers" / "install.sh").read_text()
    assert {Requirement(tool).name for tool in lock.TOOLS} == set(
        re.search(r"'\^\(([\w|-]+)\)==", install)[1].split("|")
    )


def test_completing_adds_the_hashes_of_torch(lock):
    held = {"numpy==2.0": {ONE}, "torch==2.0+cpu": {ONE}}
    assert lock.completed(held, {"torch==2.0+cpu": {ONE, TWO}}) == {"numpy==2.0": {ONE}, "torch==2.0+cpu": {ONE, TWO}}


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({"torch==2.1+cpu": {ONE, TWO}}, "index gives"),
        ({"torch==2.0+cpu": {TWO, THREE}}, "has no wheel"),
        ({"torch==2.0+cpu": {ONE}, "numpy==2.0": {THREE}}, "index gives"),
    ],
)
def test_completing_refuses_another_torch(lock, index, said):
    with pytest.raises(SystemExit, match=said):
        lock.completed({"numpy==2.0": {ONE}, "torch==2.0+cpu": {ONE}}, index)


def test_torch_of_files_joins_the_processors(lock, tmp_path):
    wheels = [tmp_path / f"torch-2.0+cpu-cp311-cp311-manylinux_2_28_{machine}.whl" for machine in lock.MACHINES]
    for wheel in wheels:
        wheel.write_text(wheel.name)
    found = lock.torch_of_files(wheels)
    assert list(found) == ["torch==2.0+cpu"]
    assert len(found["torch==2.0+cpu"]) == 2


def test_torch_of_pytorch_asks_uv_for_both_processors(lock, monkeypatch):
    asked = []

    def answer(command, **_):
        asked.append(command[command.index("--python-platform") + 1])
        assert command[command.index("--torch-backend") + 1] == "cpu"
        text = f"torch==2.0+cpu \\\n    --hash=sha256:{ONE if 'x86_64' in asked[-1] else TWO}\n"
        return type("Done", (), {"stdout": text})

    monkeypatch.setattr(lock.subprocess, "run", answer)
    assert lock.torch_of_pytorch() == {"torch==2.0+cpu": {ONE, TWO}}
    assert asked == ["x86_64-manylinux_2_36", "aarch64-manylinux_2_36"]
