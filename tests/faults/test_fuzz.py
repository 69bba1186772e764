"""Readers meet inputs that nobody wrote: each is read, or refused in one line, in bounded time and memory.

CLRNA_FUZZ_CASES is the number of cases (``make fuzz``: 100,000); what escapes is kept in the folder ``found`` here and
is a test from then on.
"""

import collections
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzz_readers import READERS, seeds_of
from fuzz_spoiling import bytes_spoilt, h5ad_rebuilt, list_rebuilt, model_rebuilt
from fuzz_worker import GOOD, Worker, in_own_child
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

FOUND = Path(__file__).with_name("found")
CASES = int(os.environ.get("CLRNA_FUZZ_CASES", "60"))
COUNTS: collections.Counter[tuple[str, str]] = collections.Counter()
# Of all cases, so many of a hundred have their objects replaced in place of their bytes.
REBUILT = {
    "h5ad": (h5ad_rebuilt, 10),
    "h5ad to encode": (h5ad_rebuilt, 10),
    "samples to match": (h5ad_rebuilt, 3),
    "model": (model_rebuilt, 5),
    "model as reference": (model_rebuilt, 3),
    "list": (list_rebuilt, 5),
}
OF_BYTES = (100 - sum(share for _, share in REBUILT.values())) / 100 / len(READERS)


def fuzz(strategy: st.SearchStrategy[bytes], name: str, share: float) -> None:
    """Meet that share of the cases; all that escape are kept, and fail the test at its end."""
    seeds_of(name)
    escaped: dict[str, str] = {}

    with Worker(name) as worker:

        @settings(
            max_examples=max(1, round(CASES * share)), deadline=None, database=None, derandomize=CASES <= 10_000,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(strategy)
        def each(content: bytes) -> None:
            how = worker.outcome(content)
            COUNTS[name, how if how in GOOD else "escaped"] += 1
            if how not in GOOD:
                escaped[kept(name, content)] = how

        each()
    assert not escaped, "\n".join(f"{path}: {how}" for path, how in escaped.items())


def kept(name: str, content: bytes) -> str:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name.replace(' ', '_')}-{hashlib.sha256(content).hexdigest()[:12]}"
    path.write_bytes(content)
    return path.name


@pytest.fixture(scope="module", autouse=True)
def _counts() -> Iterator[None]:
    yield
    for name in READERS:
        counts = {how: number for (of, how), number in COUNTS.items() if of == name}
        print(f"fuzz: {name}: " + ", ".join(f"{how} {counts.get(how, 0):,}" for how in (*GOOD, "escaped")))
    print(f"fuzz: cases: {COUNTS.total():,}, escaped: {sum(n for (_, how), n in COUNTS.items() if how == 'escaped'):,}")


@pytest.mark.parametrize("name", READERS)
def test_whole_files_are_read(name: str, tmp_path: Path) -> None:
    for content in seeds_of(name):
        how = in_own_child(name, content, tmp_path)
        assert how == "read" or (name == "archive" and how == "refused"), how  # one leads out of its folder


@pytest.mark.parametrize("name", READERS)
def test_no_bytes_escape(name: str) -> None:
    fuzz(bytes_spoilt(name), name, OF_BYTES)


@pytest.mark.parametrize("name", REBUILT)
def test_no_objects_escape(name: str) -> None:
    strategy, share = REBUILT[name]
    fuzz(strategy(name), name, share / 100)


def test_what_once_escaped_does_not(tmp_path: Path) -> None:
    for path in sorted(FOUND.glob("*-*")):
        how = in_own_child(path.name.rpartition("-")[0].replace("_", " "), path.read_bytes(), tmp_path)
        assert how in GOOD, f"{path.name}: {how}"


CRASHES = ["os.kill(os.getpid(), 11)", "raise ValueError('x')", "bytearray(8 << 30)"]


@pytest.mark.parametrize("fault", CRASHES)
def test_the_harness_sees_what_escapes(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    import fuzz_readers

    def read(path: Path) -> None:
        if path.read_bytes() == b"bad":
            exec(fault, {"os": os})  # noqa: S102

    monkeypatch.setitem(fuzz_readers.READERS, "options", fuzz_readers.Reader(read, lambda: [b""]))
    with Worker("options") as worker:
        assert worker.outcome(b"good") == "read"
        assert worker.outcome(b"bad") not in GOOD
        assert worker.outcome(b"good") == "read"
