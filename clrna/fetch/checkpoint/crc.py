"""CRC-32C as TensorFlow and LevelDB store it: masked, so that the CRC of data that hold CRCs stays useful."""

import google_crc32c

_MASK_DELTA = 0xA282EAD8


def masked_crc32c(*parts: bytes) -> int:
    """Return the masked CRC-32C (Castagnoli) of ``parts`` one after the other.

    Examples
    --------
    >>> hex(masked_crc32c(b"123456789"))
    '0xc78ab0e5'
    """
    crc = 0
    for part in parts:
        crc = google_crc32c.extend(crc, part)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF
