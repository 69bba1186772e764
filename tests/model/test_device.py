import logging

import pytest
import torch

from clrna.errors import DeviceError
from clrna.model.device import arithmetic, choose_device, choose_precision, cpu_computes_in_bf16, fits_on

CPU = torch.device("cpu")


def test_cpu_is_always_there() -> None:
    assert choose_device("cpu") == CPU


def test_auto_says_what_it_chose_and_why(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(logging.getLogger("clrna"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="clrna"):
        assert choose_device("auto") == CPU
    assert "device auto: cpu" in caplog.text
    assert "is built without CUDA" in caplog.text


@pytest.mark.parametrize(
    ("count", "name", "hidden", "reason"),
    [
        (0, "cuda", None, "no Nvidia GPU or driver is visible"),
        (2, "cuda:2", None, "there are 2 GPUs, numbered from 0"),
        (2, "cuda", "", "CUDA_VISIBLE_DEVICES is empty"),
    ],
)
def test_a_gpu_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, count: int, name: str, hidden: str | None, reason: str
) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    with pytest.raises(DeviceError, match=f"--device {name}: {reason}"):
        choose_device(name)


def test_a_gpu_that_fails_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("CUDA error: initialization\nmore lines")

    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch, "zeros", broken)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    with pytest.raises(DeviceError, match=r"fails to start \(CUDA error: initialization\)"):
        choose_device("cuda")


def test_mps_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="--device mps: this machine"):
        choose_device("mps")


def test_precision_on_the_cpu() -> None:
    assert choose_precision("auto", CPU) == "auto"
    assert choose_precision("fp32", CPU) == "fp32"
    assert choose_precision("bf16", CPU) == "bf16"
    with pytest.raises(DeviceError, match="--precision tf32: cpu has no TensorFloat-32"):
        choose_precision("tf32", CPU)


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), "fp32"), ((8, 0), "bf16"), ((9, 0), "bf16")])
def test_precision_on_gpus(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: str) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    gpu = torch.device("cuda:0")
    assert choose_precision("auto", gpu) == expected
    if expected == "fp32":
        for name in ("bf16", "tf32"):
            with pytest.raises(DeviceError, match=f"--precision {name}"):
                choose_precision(name, gpu)
    else:
        assert choose_precision("tf32", gpu) == "tf32"


def test_arithmetic_rounds_products_only_inside_the_block() -> None:
    first, second = (torch.randn(40, 40, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    exact = first @ second
    with arithmetic(CPU, "bf16"):
        rounded = first @ second
    assert rounded.dtype == torch.bfloat16
    assert (rounded.float() - exact).abs().max() > 1e-4
    with arithmetic(CPU, "fp32"):
        assert torch.equal(first @ second, exact)
    assert torch.equal(first @ second, exact)


def test_matmul_precision_is_put_back() -> None:
    before = torch.get_float32_matmul_precision()
    with arithmetic(CPU, "tf32"):
        assert torch.get_float32_matmul_precision() == "high"
    assert torch.get_float32_matmul_precision() == before


@pytest.mark.parametrize(
    ("told", "library", "expected"),
    [
        ({"avx512_bf16": True}, True, True),
        ({"amx_bf16": True, "avx512_bf16": False}, True, True),
        ({"avx512_f": True, "avx512_bf16": False}, True, False),
        ({}, True, False),
        ({"avx512_bf16": True}, False, False),
    ],
)
def test_units_of_the_cpu(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, bool], library: bool, expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: library)
    assert cpu_computes_in_bf16() == expected


def test_a_pytorch_that_does_not_tell_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not cpu_computes_in_bf16()


def test_data_fit_in_half_of_the_free_memory_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = torch.device("cuda", 0)
    for name, value in {"mem_get_info": (600, 1000), "memory_reserved": 300, "memory_allocated": 100}.items():
        monkeypatch.setattr(torch.cuda, name, lambda _device, value=value: value)
    assert fits_on(gpu, 399) and not fits_on(gpu, 401)  # 600 that the driver has, 200 that PyTorch holds and not uses
    assert fits_on(CPU, 1 << 60)
    assert not fits_on(torch.device("mps"), 1)
