"""Choose where to compute and in which arithmetic, and say why."""

import contextlib
import logging
import os
from collections.abc import Iterator

import torch

from clrna.errors import DeviceError

logger = logging.getLogger("clrna")

# Ampere, the first generation with bfloat16 and TensorFloat-32 units.
_AMPERE = (8, 0)
# What CPUs that multiply bfloat16 have, as ``torch.cpu.get_capabilities`` calls it. Others emulate it, and slowly.
_BF16_UNITS = ("avx512_bf16", "amx_bf16")
# Part of a GPU's free memory that data may take; the rest is for the network, its gradients and the optimizer.
_SHARE_FOR_DATA = 0.5


def set_threads(count: int) -> None:
    """Use ``count`` CPU threads; 0 leaves torch's choice, which follows ``OMP_NUM_THREADS``."""
    if count:
        torch.set_num_threads(count)


def choose_device(name: str) -> torch.device:
    """Return the device called ``name``; for ``auto`` the best one there is, logging which and why.

    Parameters
    ----------
    name
        ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.

    Raises
    ------
    DeviceError
        A device was named that is not there: the work is never moved to the CPU silently.
    """
    if name == "auto":
        return _best_device()
    device = torch.device(name)
    fault = _cuda_fault(device.index or 0) if device.type == "cuda" else _mps_fault() if device.type == "mps" else ""
    if fault:
        raise DeviceError(f"--device {name}: {fault}; use --device auto or cpu")
    logger.info("device %s, as asked", _title(device))
    return device


def choose_precision(name: str, device: torch.device) -> str:
    """Return ``fp32``, ``tf32`` or ``bf16`` for the option ``name`` on ``device``, or ``auto`` where data decide.

    Parameters
    ----------
    name
        ``auto``, ``fp32``, ``tf32`` or ``bf16``. ``auto`` is bf16 on a GPU that computes in it, fp32 on others; on CPUs
        it stays ``auto``, see :func:`clrna.train.precision.settle_precision`.
    device
        From :func:`choose_device`.

    Raises
    ------
    DeviceError
        The device does not have the arithmetic that was named.
    """
    ampere = device.type == "cuda" and torch.cuda.get_device_capability(device) >= _AMPERE
    if name == "auto" and device.type != "cpu":
        chosen = "bf16" if ampere else "fp32"
        logger.info("precision %s on %s", chosen, device.type)
        return chosen
    if name == "tf32" and not ampere:
        raise DeviceError(f"--precision tf32: {device.type} has no TensorFloat-32 units; use --precision auto or fp32")
    if name == "bf16" and not (ampere or device.type == "cpu"):
        raise DeviceError(f"--precision bf16: {device.type} has no bfloat16 units; use --precision auto or fp32")
    return name


def cpu_computes_in_bf16() -> bool:
    """Whether this CPU has units for bfloat16, and this PyTorch the library that uses them."""
    tell = getattr(torch.cpu, "get_capabilities", None)  # older versions do not
    found = {} if tell is None else tell()
    return torch.backends.mkldnn.is_available() and any(found.get(name, False) for name in _BF16_UNITS)


def fits_on(device: torch.device, n_bytes: int) -> bool:
    """Whether data of a size can lie in the memory of ``device`` while it trains; that of other GPUs is not told."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # PyTorch's own, free again
        return n_bytes < _SHARE_FOR_DATA * (torch.cuda.mem_get_info(device)[0] + unused)
    return device.type == "cpu"


@contextlib.contextmanager
def arithmetic(device: torch.device, precision: str) -> Iterator[None]:
    """Compute what stands in the block in ``precision``.

    bf16 rounds the operands of matrix products only (autocast); parameters, sums and costs stay
    float32. tf32 does the same inside the products of an Nvidia GPU.
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        with torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else contextlib.nullcontext():
            yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextlib.contextmanager
def memory_errors(device: torch.device) -> Iterator[None]:
    """Turn torch's errors about memory into those that the executables print in one line."""
    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise DeviceError(f"{device}: out of memory; use a smaller --batch-size or --device cpu") from error
    except RuntimeError as error:
        if "allocate memory" in str(error):
            raise MemoryError(str(error)) from error
        raise


def _best_device() -> torch.device:
    reason = _cuda_fault(0)
    if not reason:
        logger.info("device auto: %s, a GPU that works", _title(torch.device("cuda", 0)))
        return torch.device("cuda", 0)
    if not _mps_fault():
        logger.info("device auto: mps, the GPU of this machine")
        return torch.device("mps")
    logger.info("device auto: cpu with %d threads, because %s", torch.get_num_threads(), reason)
    return torch.device("cpu")


def _cuda_fault(index: int) -> str:
    """Return why GPU ``index`` cannot be used, '' if it can."""
    if not torch.backends.cuda.is_built():
        return f"this PyTorch ({torch.__version__}) is built without CUDA"
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return "CUDA_VISIBLE_DEVICES is empty, which hides every GPU"
    count = torch.cuda.device_count()
    if count == 0:
        return "no Nvidia GPU or driver is visible (in a container: docker --gpus all, apptainer --nv)"
    if index >= count:
        return f"there are {count} GPUs, numbered from 0"
    try:
        torch.zeros(1, device=torch.device("cuda", index))
    except RuntimeError as error:
        return f"the GPU fails to start ({str(error).splitlines()[0]})"
    return ""


def _mps_fault() -> str:
    return "" if torch.backends.mps.is_available() else "this machine or this PyTorch has no Metal (mps)"


def _title(device: torch.device) -> str:
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)
