"""How many cores a run takes: the least of what machine, container and scheduler allow."""

import os
import sys

import pytest

from clrna.cores import available_cores, available_memory


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    for name in ("SLURM_CPUS_PER_TASK", "GALAXY_SLOTS"):
        monkeypatch.delenv(name, raising=False)


def _write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_without_limits_all_cores_are_taken(tmp_path):
    assert available_cores(tmp_path) == 8


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "300000 100000\n"}, 3),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "20000 100000\n"}, 1),
        (
            {
                "proc/self/cgroup": "5:memory:/job\n4:cpu,cpuacct:/job\n",
                "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
            },
            4,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            8,
        ),
        ({"proc/self/cgroup": "nonsense\n", "sys/fs/cgroup/cpu.max": "x\n"}, 8),
    ],
)
def test_quotas_of_containers_are_kept(tmp_path, files, expected):
    _write(tmp_path, files)
    assert available_cores(tmp_path) == expected


@pytest.mark.parametrize("name", ["SLURM_CPUS_PER_TASK", "GALAXY_SLOTS"])
def test_slots_of_schedulers_are_kept(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "2")
    assert available_cores(tmp_path) == 2
    monkeypatch.setenv(name, "64")
    assert available_cores(tmp_path) == 8
    monkeypatch.setenv(name, "many")
    assert available_cores(tmp_path) == 8


MEMINFO = {"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:    4000 kB\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (MEMINFO, 4_096_000),
        ({}, sys.maxsize),
        ({"proc/meminfo": "nonsense"}, sys.maxsize),
        (
            {
                **MEMINFO,
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/memory.max": "3000000\n",
                "sys/fs/cgroup/a/memory.stat": "anon 1000000\nfile 1900000\n",
                "sys/fs/cgroup/a/b/memory.max": "max\n",
            },
            2_000_000,
        ),
        (
            {
                **MEMINFO,
                "proc/self/cgroup": "5:memory:/job\n4:cpu,cpuacct:/\n",
                "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1000\n",
                "sys/fs/cgroup/memory/job/memory.stat": "cache 5\ntotal_rss 1200\n",
            },
            0,
        ),
        ({**MEMINFO, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "100\n"}, 4_096_000),
    ],
)
def test_memory_is_the_least_that_system_and_limits_leave(tmp_path, files, expected):
    _write(tmp_path, files)
    assert available_memory(tmp_path) == expected
