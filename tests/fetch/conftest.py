"""Fixtures of the tests of fetching. Nothing here, and no test of it, reaches beyond 127.0.0.1."""

import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from layouts import lay_out
from portal import running_portal

from clrna.fetch.transfer import Transfer


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch):
    """Fail a test that looks up or connects to anything but this machine, and hide this machine's own settings."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded(self, address):
        assert address[0] in ("127.0.0.1", "::1"), f"a test reaches for {address}"
        return connect(self, address)

    def guarded_look_up(host, *words, **more):
        assert host in ("127.0.0.1", "localhost", None), f"a test looks up {host}"
        return look_up(host, *words, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("MODAC_TOKEN", "MODAC_USER", "MODAC_PASSWORD", "NETRC", "CLRNA_CACHE", "CLRNA_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def portal():
    yield from running_portal()


@pytest.fixture
def modac(portal, monkeypatch):
    """The portal, taken for MoDaC."""
    monkeypatch.setattr("clrna.fetch.modac.BASE", portal.url)
    monkeypatch.setattr("clrna.fetch.session.BASE", portal.url)
    return portal


@pytest.fixture
def transfer(tmp_path):
    """Settings of downloads without long waits."""
    return Transfer(cache=tmp_path / "cache", retries=2, timeout=2.0, max_wait=0.2, first_wait=0.01, jobs=3)


@pytest.fixture
def data_folder():
    return Path(__file__).parent / "data"


@pytest.fixture
def published(data_folder, tmp_path, monkeypatch):
    """Return a function that lays a source's files out as they are published."""
    # The fixtures are not the real files, whose checksums are published.
    monkeypatch.setattr("clrna.fetch.sources.ccle.Checksum", lambda *_: None)
    return lambda name: lay_out(name, data_folder, tmp_path)
