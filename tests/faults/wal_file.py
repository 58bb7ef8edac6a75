"""Where the records of a RocksDB WAL end, and how they are changed. A WAL is blocks of 32 KiB; a record lies in one or more pieces, none across a block.

A piece is: 4 bytes of checksum, 2 of length, lowest first, 1 of type, then so many bytes. The checksum is the CRC-32C of type and
bytes, turned by 15 bits, and a number added.
"""

BLOCK = 32 << 10
HEADER = 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def _pieces(content):
    """Of each piece its place and its type, and the place behind it, which may be behind the end."""
    place = 0
    while place + HEADER <= len(content):
        if BLOCK - place % BLOCK < HEADER:  # Too little is left of the block for a header.
            place += BLOCK - place % BLOCK
            continue
        kind = content[place + 6]
        if kind == 0:
            return
        if kind not in (FULL, FIRST, MIDDLE, LAST):
            raise ValueError(f"a piece of the unknown type {kind} at {place}")
        end = place + HEADER + int.from_bytes(content[place + 4:place + 6], "little")
        yield place, kind, end
        place = end


def record_ends(content):
    """The places behind each whole record: a file cut there looks as if no more had been written."""
    return [end for _, kind, end in _pieces(content) if kind in (FULL, LAST) and end <= len(content)]


def with_checksums_that_fit(content):
    """The same, after bytes of its pieces were changed, as if that was what was written."""
    content = bytearray(content)
    for place, _, end in _pieces(bytes(content)):
        crc = _crc32c(content[place + 6:place + 7] + content[place + HEADER:end])
        content[place:place + 4] = (((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff).to_bytes(4, "little")
    return bytes(content)


def _crc32c(content):
    crc = 0xffffffff
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xff] ^ crc >> 8
    return crc ^ 0xffffffff


def _entry(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
    return byte


_TABLE = [_entry(byte) for byte in range(256)]
