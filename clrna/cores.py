"""How much of the machine a run may use."""

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

# Cores that a scheduler has given to this job, where it says so.
_SLOTS = ("SLURM_CPUS_PER_TASK", "GALAXY_SLOTS")


def available_cores(root: Path = Path("/")) -> int:
    """Return the number of CPU cores that this process may use.

    The least of what the processor's affinity, the quotas of its control groups (as of a container) and the slots of
    SLURM or Galaxy allow; at least 1.

    Parameters
    ----------
    root
        Folder that holds ``proc`` and ``sys``.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    slots = [int(os.environ[name]) for name in _SLOTS if os.environ.get(name, "").isdecimal()]
    return max(1, min([affinity, *_quotas(root), *slots]))


def available_memory(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process may still take.

    The least of what the system has and what the limits of its control groups (as of a container) leave; without any
    number to go by, as much as there can be.

    Parameters
    ----------
    root
        Folder that holds ``proc`` and ``sys``.
    """
    left = [_left_by_limit(folder) for folder in _groups(root, "memory")]
    return min([_left_by_system(root), *left])


def _left_by_system(root: Path) -> int:
    try:
        lines = (root / "proc/meminfo").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return sys.maxsize


def _left_by_limit(folder: Path) -> int:
    """Return what the limit of one control group leaves, of either version; files in memory make way."""
    names = ("memory.max", "anon") if (folder / "memory.max").exists() else ("memory.limit_in_bytes", "total_rss")
    try:
        limit = (folder / names[0]).read_text(encoding="utf-8").strip()
        if not limit.isdecimal():
            return sys.maxsize
        lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
        held = next(int(line.split()[1]) for line in lines if line.split()[:1] == [names[1]])
        return max(int(limit) - held, 0)
    except (OSError, ValueError, IndexError, StopIteration):
        return sys.maxsize


def _quotas(root: Path) -> Iterator[int]:
    """Yield the whole cores of each quota on this process and on what it is within."""
    for folder in _groups(root, "cpu"):
        yield from _quota(folder)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the control groups of this process, and of those that they are within."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, within = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("" if not controllers else controller)
        group = top / within.strip("/")
        for folder in (group, *group.parents):
            yield folder
            if folder == top:
                break


def _quota(folder: Path) -> Iterator[int]:
    """Yield the quota that one control group sets, of either version; a part of a core counts as one."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="utf-8").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="utf-8").strip()
        if quota.isdecimal() and int(quota) > 0 and int(period) > 0:
            yield math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return
