"""A Galaxy server from PyPI, started for tests on this machine alone and stopped whatever happens."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from processes import end_processes_of
from settings import EMAIL, Paths, write_settings

START_SECONDS = 300
STOP_SECONDS = 30


class GalaxyServer:
    """Web server and celery worker on 127.0.0.1; a context manager.

    Attributes
    ----------
    url
        Address of the server.
    key
        API key of its only user, an administrator.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.key = paths.bootstrap_key
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "GalaxyServer":
        shutil.rmtree(self.paths.work, ignore_errors=True)
        self.paths.work.mkdir(parents=True)
        write_settings(self.paths)
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        started = time.monotonic()
        self._spawn(
            "gunicorn", "galaxy.webapps.galaxy.fast_factory:factory()", "-k", "galaxy.webapps.galaxy.workers.Worker",
            "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--timeout", "300", "--no-control-socket",
        )  # fmt: skip
        self._spawn(
            "celery", "--app", "galaxy.celery", "worker", "--concurrency", "2", "--loglevel", "INFO",
            "--pool", "threads", "--queues", "celery,galaxy.internal,galaxy.external",
        )  # fmt: skip
        while True:
            if self._has_ended():
                raise SystemExit(f"Galaxy ended while it started; the end of its log:\n{self.log_end()}")
            try:
                version = self.api("/api/version")
                break
            except (urllib.error.URLError, OSError):
                if time.monotonic() - started > START_SECONDS:
                    raise SystemExit(f"Galaxy did not start in {START_SECONDS} s; see {self.paths.work}") from None
                time.sleep(0.5)
        name = f"Galaxy {version['version_major']}.{version['version_minor']}"
        print(f"{name} started in {time.monotonic() - started:.0f} s", flush=True)
        self.key = self._make_user()

    def _has_ended(self) -> bool:
        # gunicorn starts a worker that failed again and again
        failed = "exited with code" in (self.paths.work / "gunicorn.log").read_text(errors="replace")
        return failed or any(process.poll() is not None for process in self._processes)

    def _make_user(self) -> str:
        users = [user for user in self.api("/api/users") if user["email"] == EMAIL]
        new = {"email": EMAIL, "username": "admin", "password": secrets.token_hex(8)}
        user = users[0] if users else self.api("/api/users", "POST", new)
        return str(self.api(f"/api/users/{user['id']}/api_key", "POST"))

    def _spawn(self, program: str, *words: str) -> None:
        with (self.paths.work / f"{program}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [self.paths.galaxy / "bin" / program, *words],
                    cwd=self.paths.work, env=self.environment(), stdout=log, stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )  # fmt: skip

    def _stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        end_processes_of(self.paths.work)  # jobs that still run, and what they started

    def environment(self) -> dict[str, str]:
        """Return the environment of the server and of its programs."""
        programs = f"{self.paths.galaxy}/bin:{os.environ['PATH']}"
        return os.environ | {
            "GALAXY_CONFIG_FILE": str(self.paths.config), "GALAXY_VIRTUAL_ENV": str(self.paths.galaxy),
            "PATH": programs, "HOME": str(self.paths.work / "home"), "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1",
        }  # fmt: skip

    def api(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call Galaxy's API and return its answer."""
        return json.loads(self._answer(path, method, body))

    def text(self, path: str) -> str:
        """Return what the server answers, as text."""
        return self._answer(path).decode(errors="replace")

    def _answer(self, path: str, method: str = "GET", body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-api-key": self.key, "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def log_end(self, lines: int = 20) -> str:
        """Return the last lines of the logs."""
        logs: list[Path] = sorted(self.paths.work.glob("*.log"))
        return "\n".join("\n".join(log.read_text(errors="replace").splitlines()[-lines:]) for log in logs)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
