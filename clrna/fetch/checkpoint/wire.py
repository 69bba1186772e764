"""Protocol-buffer wire format: the little of it that a tensor bundle needs.

References
----------
https://protobuf.dev/programming-guides/encoding/
"""

from collections import defaultdict

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10

Fields = dict[int, list[int | bytes]]


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the unsigned integer that begins at ``position``, and where the next thing begins.

    Raises
    ------
    ValueError
        The data end inside the integer, or it is longer than 64 bits.
    """
    value = 0
    for count in range(_MOST_VARINT_BYTES):
        if position >= len(data):
            raise ValueError("an integer is cut off")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
    raise ValueError("an integer is longer than 64 bits")


def read_message(data: bytes) -> Fields:
    """Return the fields of a message by number, each with its values in order.

    Raises
    ------
    ValueError
        The bytes are no message.
    """
    fields: Fields = defaultdict(list)
    position = 0
    while position < len(data):
        tag, position = read_varint(data, position)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if kind == VARINT:
            value, position = read_varint(data, position)
        else:
            if kind == LENGTH:
                size, position = read_varint(data, position)
            elif kind in (FIXED32, FIXED64):
                size = 4 if kind == FIXED32 else 8
            else:
                raise ValueError(f"field {number} has wire type {kind}")
            if position + size > len(data):
                raise ValueError(f"field {number} is cut off")
            chunk = data[position : position + size]
            value = chunk if kind == LENGTH else int.from_bytes(chunk, "little")
            position += size
        fields[number].append(value)
    return dict(fields)


def integer(fields: Fields, number: int, default: int = 0) -> int:
    """Return the last value of an integer field, as proto3 reads it; negative ones come as two's complement."""
    value = fields.get(number, [default])[-1]
    if not isinstance(value, int):
        raise ValueError(f"field {number} is not an integer")
    return value - (1 << 64) if value >= 1 << 63 else value


def messages(fields: Fields, number: int) -> list[Fields]:
    """Return each value of a field that holds messages."""
    chunks = fields.get(number, [])
    if not all(isinstance(chunk, bytes) for chunk in chunks):
        raise ValueError(f"field {number} is not a message")
    return [read_message(chunk) for chunk in chunks if isinstance(chunk, bytes)]
