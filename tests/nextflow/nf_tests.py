"""Run the modules' own tests, written for nf-test, in the real Nextflow where nf-test is not at hand.

Of nf-test's language this knows what the modules use: ``setup`` with ``run``, ``options``, ``config``, ``process``
blocks, assertions, and snapshots. The blocks are not interpreted: they become a workflow, which Nextflow runs.

usage: python tests/nextflow/nf_tests.py      writes all snapshots anew
"""

import contextlib
import datetime
import functools
import hashlib
import http.server
import json
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import PIPELINE, REPOSITORY, Nextflow

MODULES = PIPELINE / "modules" / "clrna"
SIMULATED = REPOSITORY / "test-data" / "simulated"
_RUN = re.compile(r'run\("(\w+)"\) \{\s*script "([^"]+)"\s*process \{\s*"""(.*?)"""', re.DOTALL)
_TEST = re.compile(r'^    test\("([^"]+)"\) \{\n(.*?)^    \}$', re.DOTALL | re.MULTILINE)
_WHEN = re.compile(r'when \{\s*process \{\s*"""(.*?)"""', re.DOTALL)
_THEN = re.compile(r"then \{\n(.*)\n        \}", re.DOTALL)
_OPTIONS = re.compile(r'options "([^"]+)"')
# What a test may call, and what it sees of the process that it is about.
_HEAD = """
SNAPSHOTS = []
// Channels are heard in threads of their own, several at a time: a plain map loses what two of them write at once.
OUT = new java.util.concurrent.ConcurrentSkipListMap()
class Snapshot {
    List content
    List all
    boolean match() { all << content; true }
}
snapshot = { Object... content -> new Snapshot(content: content as List, all: SNAPSHOTS) }
assertAll = { Object... checks -> checks.each { check -> check() } }
def plain(value) {
    if (value instanceof Map) return value.collectEntries { key, item -> [(key.toString()): plain(item)] }
    if (value instanceof Collection) return value.collect { item -> plain(item) }
    return value instanceof Number || value instanceof Boolean || value == null ? value : value.toString()
}
"""
_TAIL = """
    %(process)s.out.getNames().eachWithIndex { name, number ->
        %(process)s.out.getProperty(name).toList().subscribe { items -> OUT[name] = plain(items) }
        %(process)s.out[number].toList().subscribe { items -> OUT[number.toString()] = plain(items) }
    }
    // Inside onComplete, names that stand outside of this workflow are null.
    def run = workflow, out = OUT, snapshots = SNAPSHOTS
    workflow.onComplete {
        def failed = null
        def then = { process ->
%(then)s
        }
        try {
            then([success: run.success, out: out])
        } catch (Throwable error) {
            failed = error.toString()
        }
        file('%(result)s').text = groovy.json.JsonOutput.toJson([failed: failed, snapshots: plain(snapshots)])
    }
}
"""


@dataclass(frozen=True)
class ModuleTest:
    """One ``test`` of a module's ``main.nf.test``."""

    module: str
    name: str
    process: str
    setup: tuple[tuple[str, str, str], ...]
    options: tuple[str, ...]
    when: str
    then: str

    @property
    def folder(self) -> Path:
        """Where the test stands."""
        return MODULES / self.module / "tests"

    def script(self, result: Path) -> str:
        """Return the workflow that runs what the test needs, then the process, and checks what it gave."""
        module = self.folder.parent / "main.nf"
        includes = {self.process: module} | {name: (self.folder / path).resolve() for name, path, _ in self.setup}
        head = "".join(f"include {{ {name} }} from '{path}'\n" for name, path in includes.items())
        blocks = [(name, block) for name, _, block in self.setup] + [(self.process, self.when)]
        calls = "".join(f"    input = []\n{block}\n    {name}(*input)\n" for name, block in blocks)
        tail = _TAIL % {"process": self.process, "then": self.then, "result": result}
        return f"{head}{_HEAD}\nworkflow {{\n    def input = []\n{calls}{tail}"

    def run(self, nextflow: Nextflow) -> list[Any]:
        """Run the test and return the contents of its snapshots, files by name and MD5 as nf-test has them."""
        script, result = nextflow.folder / "nf-test.nf", nextflow.folder / "nf-test.json"
        result.unlink(missing_ok=True)
        script.write_text(self.script(result))
        start = [str(nextflow.command), "-C", str(self.folder / "nextflow.config"), "run", str(script), "-resume"]
        with _test_data(self.module) as address:
            printed = nextflow.call([*start, *self.options, "--clrna_testdata_base_path", f"{address}/"])
        found = json.loads(result.read_text())
        assert found["failed"] is None, f"{found['failed']}\n{printed}"
        return [_fingerprints(content) for content in found["snapshots"]]


def module_tests() -> list[ModuleTest]:
    """Return the tests of all modules."""
    found = []
    for path in sorted(MODULES.glob("*/tests/main.nf.test")):
        text = path.read_text()
        (process,) = re.findall(r'^    process "(\w+)"', text, re.MULTILINE)
        setup = tuple(_RUN.findall(text))
        for name, body in _TEST.findall(text):
            when, then = _WHEN.search(body), _THEN.search(body)
            assert when and then, f"{path}: {name} has no 'when' or 'then' that this understands"
            options = tuple(_OPTIONS.findall(body))
            found.append(ModuleTest(path.parent.parent.name, name, process, setup, options, when[1], then[1]))
    return found


def snapshots(module: str) -> dict[str, Any]:
    """Return what a module's snapshot file holds, by test."""
    path = MODULES / module / "tests" / "main.nf.test.snap"
    return json.loads(path.read_text()) if path.exists() else {}


@contextlib.contextmanager
def _test_data(module: str) -> Iterator[str]:
    """Yield where the simulated data are: in their folder, or, for the module that loads them, on a server."""
    if module != "fetch":
        yield str(SIMULATED)
        return
    handler = functools.partial(_Quiet, directory=str(SIMULATED))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _fingerprints(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fingerprints(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fingerprints(item) for item in value]
    if isinstance(value, str) and value.startswith("/") and Path(value).is_file():
        return f"{Path(value).name}:md5,{hashlib.md5(Path(value).read_bytes(), usedforsecurity=False).hexdigest()}"
    return value


def _write_all() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        nextflow = Nextflow(Path(scratch) / "runs", Path(scratch) / "home")
        meta = {"nextflow": nextflow.call([str(nextflow.command), "-v"]).split()[2].rsplit(".", 1)[0]}
        written: dict[str, dict[str, Any]] = {}
        for test in module_tests():
            contents = test.run(nextflow)
            assert len(contents) == 1, f"{test.module}: {test.name} has {len(contents)} snapshots; one was expected"
            now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
            item = {"content": contents[0], "meta": meta, "timestamp": now.isoformat()}
            written.setdefault(test.module, {})[test.name] = item
            print(test.module, test.name, flush=True)
    for module, items in written.items():
        path = MODULES / module / "tests" / "main.nf.test.snap"
        path.write_text(json.dumps(items, indent=4) + "\n")


if __name__ == "__main__":
    _write_all()
