"""Batches of training samples on a device: out of its own memory where they fit, else streamed from the host's."""

import numpy as np
import torch

from clrna.model.device import fits_on


class LabelledRows:
    """Samples of one split as the network takes them.

    Parameters
    ----------
    genes
        float32 of shape (samples, genes), standardized as the settings say: on ``device``, or on the CPU.
    labels
        int64 of shape (samples,), class from 0, -1 where there is none.
    device
        Where batches are wanted.
    streamed
        Whether batches are copied to there one by one. That the CPU can be streamed to as well is for tests.
    """

    def __init__(self, genes: torch.Tensor, labels: torch.Tensor, device: torch.device, *, streamed: bool) -> None:
        self.genes = genes
        self.labels = labels.to(device)
        self._device = device
        self._stream = _Stream(genes, device) if streamed else None

    @classmethod
    def from_arrays(
        cls, genes: np.ndarray, labels: np.ndarray, device: torch.device, *, streamed: bool | None = None
    ) -> "LabelledRows":
        """Return the rows on ``device`` where they fit, see :func:`clrna.model.device.fits_on`, else streamed."""
        rows = torch.from_numpy(np.ascontiguousarray(genes, dtype=np.float32))
        streamed = not fits_on(device, rows.nbytes) if streamed is None else streamed
        rows = rows if streamed else rows.to(device)
        return cls(rows, torch.from_numpy(labels.astype(np.int64)), device, streamed=streamed)

    def __len__(self) -> int:
        return len(self.genes)

    def take(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the genes and labels of ``rows``, int64 on the CPU, on the device."""
        index = rows.to(self._device)
        genes = self.genes[index] if self._stream is None else self._stream.take(rows)
        return genes, self.labels[index]

    def prefetch(self, rows: torch.Tensor) -> None:
        """Begin to copy what :meth:`take` is asked for next, while the device still computes."""
        if self._stream is not None:
            self._stream.prefetch(rows)


class _Stream:
    """Copies rows to a device by way of pinned memory of the size of one batch, beside what the device computes.

    The copy runs on a stream of its own, which whoever takes the batch waits for (PyTorch, CUDA semantics). Other
    devices than CUDA's have neither, and the copy is over when it returns.
    """

    def __init__(self, genes: torch.Tensor, device: torch.device) -> None:
        self._genes = genes
        self._device = device
        self._cuda = device.type == "cuda"
        self._side = torch.cuda.Stream(device) if self._cuda else None
        self._pinned = self._room(0)
        self._next: tuple[torch.Tensor, torch.Tensor] | None = None

    def prefetch(self, rows: torch.Tensor) -> None:
        """Begin to copy ``rows``, to be taken next."""
        self._next = rows, self._send(rows)

    def take(self, rows: torch.Tensor) -> torch.Tensor:
        """Return ``rows`` on the device."""
        ready, self._next = self._next, None
        genes = ready[1] if ready is not None and torch.equal(ready[0], rows) else self._send(rows)
        if self._side is not None:
            current = torch.cuda.current_stream(self._device)
            current.wait_stream(self._side)
            genes.record_stream(current)  # its memory is not given away before what now computes with it has ended
        return genes

    def _send(self, rows: torch.Tensor) -> torch.Tensor:
        """Begin to copy ``rows``, and return what will hold them."""
        if self._side is not None:
            self._side.synchronize()  # the copy before this one has to be over before its pinned memory is overwritten
        if len(self._pinned) < len(rows):
            self._pinned = self._room(len(rows))
        staged = torch.index_select(self._genes, 0, rows, out=self._pinned[: len(rows)])
        with torch.cuda.stream(self._side):  # of None: as though it were not there
            genes = staged.to(self._device, non_blocking=True, copy=True)
        return genes

    def _room(self, n_rows: int) -> torch.Tensor:
        return torch.empty((n_rows, self._genes.shape[1]), dtype=self._genes.dtype, pin_memory=self._cuda)
