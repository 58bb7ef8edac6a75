"""Where the records of a RocksDB WAL end. A WAL is blocks of 32 KiB; a record lies in one or more pieces, none across a block.

A piece is: 4 bytes of checksum, 2 of length, lowest first, 1 of type, then so many bytes.
"""

BLOCK = 32 << 10
HEADER = 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def record_ends(content):
    """The places behind each whole record: a file cut there looks as if no more had been written."""
    ends, place = [], 0
    while place + HEADER <= len(content):
        if BLOCK - place % BLOCK < HEADER:  # Too little is left of the block for a header.
            place += BLOCK - place % BLOCK
            continue
        kind = content[place + 6]
        if kind == 0:
            break
        if kind not in (FULL, FIRST, MIDDLE, LAST):
            raise ValueError(f"a piece of the unknown type {kind} at {place}")
        place += HEADER + int.from_bytes(content[place + 4:place + 6], "little")
        if kind in (FULL, LAST) and place <= len(content):
            ends.append(place)
    return ends
