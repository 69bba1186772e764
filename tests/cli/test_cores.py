"""How many cores a run takes: the least of what machine, container and scheduler allow."""

import os

import pytest

from clrna.cores import available_cores


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
