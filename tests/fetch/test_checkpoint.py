"""TensorFlow checkpoints, held against what TensorFlow wrote and computed."""

import shutil

import numpy as np
import pyarrow
import pytest
import torch

from clrna.errors import InputError
from clrna.fetch.checkpoint.bundle import Bundle
from clrna.fetch.checkpoint.crc import masked_crc32c
from clrna.fetch.checkpoint.table import table_entries
from clrna.fetch.checkpoint.wire import integer, read_message, read_varint
from clrna.fetch.published_network import read_network

INDEX, DATA = "autoencoder_ratchet.index", "autoencoder_ratchet.data-00000-of-00001"
FOOTER_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")


@pytest.fixture
def recorded(data_folder):
    """Arrays that TensorFlow computed, by name."""
    folder = data_folder / "checkpoint"
    return {path.stem: np.loadtxt(path, dtype=np.float32, delimiter="\t") for path in folder.glob("*.tsv")}


@pytest.fixture
def files(data_folder, tmp_path):
    """A copy of the checkpoint that a test may damage."""
    for name in (INDEX, DATA):
        shutil.copy(data_folder / "checkpoint" / name, tmp_path)
    return tmp_path / INDEX, tmp_path / DATA


def test_variables_are_what_tensorflow_wrote(files, recorded):
    bundle = Bundle(files[0])
    np.testing.assert_array_equal(bundle.read("centers"), recorded["centers"])
    assert bundle.read("fc1/kernel").shape == (23, 16) and bundle.read("beta1_power").shape == ()
    assert {"fc4/bias", "de_fc1/kernel", "dense/bias", "fc1/kernel/Adam", "fc1/kernel/Adam_1"} <= set(bundle.entries)


def test_the_network_computes_what_tensorflow_computed(files, recorded):
    settings, network = read_network(*files)
    assert settings.hidden == (16, 11, 9) and settings.latent_dim == 6 and settings.standardize == "none"
    inputs = torch.from_numpy(recorded["inputs"])
    codes = network.encode(inputs)
    np.testing.assert_allclose(codes.numpy(), recorded["codes"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(network.classify(codes).numpy(), recorded["logits"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(network.decode(codes).numpy(), recorded["rebuilt"], rtol=1e-5, atol=1e-5)
    assert (recorded["rebuilt"] == 0).any() and (recorded["codes"] < 0).any()


def test_bytes_of_the_index_that_change_are_noticed(files):
    original = files[0].read_bytes()
    whole = Bundle(files[0]).entries
    for place in range(0, len(original), 3):
        damaged = bytearray(original)
        damaged[place] ^= 0x5A
        files[0].write_bytes(damaged)
        try:
            # The block of a table's own properties and the footer's padding hold nothing that is read.
            assert Bundle(files[0]).entries == whole
        except InputError as error:
            assert str(files[0]) in str(error)
    # The blocks that are read begin with the first byte.
    files[0].write_bytes(bytes([original[0] ^ 1]) + original[1:])
    with pytest.raises(InputError, match="CRC-32C"):
        Bundle(files[0])


@pytest.mark.parametrize("size", [0, 10, 47, 48, 500, 1700])
def test_a_truncated_index(files, size):
    files[0].write_bytes(files[0].read_bytes()[:size])
    with pytest.raises(InputError, match="not a TensorFlow checkpoint index, or is damaged"):
        Bundle(files[0])


def test_what_is_no_index(files, tmp_path):
    files[0].write_bytes(b"<html>" * 100)
    with pytest.raises(InputError, match="does not end as a table does"):
        Bundle(files[0])
    with pytest.raises(InputError, match="no such file"):
        Bundle(tmp_path / "none.index")


def test_missing_and_truncated_data(files):
    size = files[1].stat().st_size
    files[1].write_bytes(files[1].read_bytes()[:-1])
    with pytest.raises(InputError, match=f"has {size - 1} of {size} bytes"):
        Bundle(files[0])
    files[1].unlink()
    with pytest.raises(InputError, match="data-00000-of-00001: no such file"):
        Bundle(files[0])


def test_a_changed_weight_is_noticed(files):
    bundle = Bundle(files[0])
    place = bundle.entries["fc2/kernel"].offset + 5
    data = bytearray(files[1].read_bytes())
    data[place] ^= 1
    files[1].write_bytes(data)
    bundle = Bundle(files[0])
    bundle.read("fc1/kernel")
    with pytest.raises(InputError, match=r"\(CRC-32C\) of variable 'fc2/kernel' is wrong"):
        bundle.read("fc2/kernel")


def test_a_variable_that_is_not_there(files):
    with pytest.raises(InputError, match="has no variable 'fc9/kernel'"):
        Bundle(files[0]).read("fc9/kernel")


def test_the_checksum_is_the_published_one():
    # CRC-32C of the digits 1 to 9 is 0xE3069283 (RFC 3720); LevelDB's masking is undone here step by step.
    masked = masked_crc32c(b"1234", b"56789")
    rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
    assert ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF == 0xE3069283


# A table writer, so that forms that TensorFlow did not happen to write are read too ---------------------------


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block_of(items, restart_every=4):
    out, restarts, before = b"", [], b""
    for number, (key, value) in enumerate(items):
        shared = 0
        if number % restart_every == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(key), len(before)) and key[shared] == before[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + b"".join(n.to_bytes(4, "little") for n in restarts) + len(restarts).to_bytes(4, "little")


def table_of(items, items_a_block=7, snappy=False):
    out, index = b"", []

    def add(block):
        nonlocal out
        kind = b"\x00"
        if snappy:
            block, kind = pyarrow.compress(block, codec="snappy", asbytes=True), b"\x01"
        handle = varint(len(out)) + varint(len(block))
        out += block + kind + masked_crc32c(block, kind).to_bytes(4, "little")
        return handle

    for start in range(0, len(items), items_a_block):
        some = items[start : start + items_a_block]
        index.append((some[-1][0], add(block_of(some))))
    meta, top = add(block_of([])), add(block_of(index))
    return out + (meta + top).ljust(40, b"\x00") + FOOTER_MAGIC


@pytest.mark.parametrize("snappy", [False, True])
def test_tables_of_many_blocks_and_compressed_ones(snappy):
    items = [(f"layer_{number:04d}/kernel".encode(), bytes([number % 256]) * (number % 90)) for number in range(300)]
    assert list(table_entries(table_of(items, snappy=snappy))) == items


def test_an_entry_that_reaches_beyond_its_block_is_refused():
    bad = varint(9) + varint(1) + varint(1) + b"ab" + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    data = bad + b"\x00" + masked_crc32c(bad, b"\x00").to_bytes(4, "little")
    top = block_of([(b"z", varint(0) + varint(len(bad)))])
    handle = varint(len(data)) + varint(len(top))
    data += top + b"\x00" + masked_crc32c(top, b"\x00").to_bytes(4, "little")
    with pytest.raises(ValueError, match="beyond its block"):
        list(table_entries(data + (varint(0) + varint(0) + handle).ljust(40, b"\x00") + FOOTER_MAGIC))


def test_wire_format():
    assert read_varint(b"\xac\x02", 0) == (300, 2)
    fields = read_message(b"\x08\x96\x01\x12\x07testing\x1d\x01\x00\x00\x00\x08\x05")
    assert fields == {1: [150, 5], 2: [b"testing"], 3: [1]} and integer(fields, 1) == 5
    assert integer(read_message(b"\x08" + b"\xff" * 9 + b"\x01"), 1) == -1
    for broken in (b"\x08", b"\x12\x07abc", b"\x0b", b"\x08" + b"\xff" * 11):
        with pytest.raises(ValueError):
            read_message(broken)
