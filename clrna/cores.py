"""How much of the machine a run may use."""

import math
import os
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


def _quotas(root: Path) -> Iterator[int]:
    """Yield the whole cores of each quota on this process and on what it is within."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, within = [*line.split(":", 2), "", ""][:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("" if not controllers else "cpu")
        group = top / within.strip("/")
        for folder in (group, *group.parents):
            yield from _quota(folder)
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
