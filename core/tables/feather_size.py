"""How large the columns of a Feather file are, added up from what its messages state, before anything is unpacked.

Of a compressed buffer the first eight bytes are its length unpacked; a file in which they lie is refused by Arrow.
Source: https://arrow.apache.org/docs/format/Columnar.html, "Serialization and Interprocess Communication (IPC)".
"""

import struct
from collections.abc import Iterator

import pyarrow as pa

_MAGIC = b"ARROW1\0\0"
_DICTIONARY, _BATCH = 2, 3  # Kinds of a message's header.


def unpacked_bytes(content: bytes) -> int:
    """Bytes of all columns of a Feather file, unpacked; 0 of an old one, which is never compressed."""
    if not content.startswith(_MAGIC):
        return 0
    size = 0
    for message in pa.ipc.MessageReader.open_stream(pa.py_buffer(content).slice(len(_MAGIC))):
        for offset, length in _buffers(message.metadata.to_pybytes()):
            stated = struct.unpack_from("<q", message.body, offset)[0] if length >= 8 else 0
            size += max(length, stated)
    return size


def _buffers(message: bytes) -> Iterator[tuple[int, int]]:
    """Offset and length, in the message's body, of each compressed buffer of a batch of rows or words."""
    table = _pointed(message, 0)
    kind, header = _field(message, table, 1), _field(message, table, 2)
    if kind is None or header is None or message[kind] not in (_DICTIONARY, _BATCH):
        return
    batch = _pointed(message, header)
    if message[kind] == _DICTIONARY:
        words = _field(message, batch, 1)
        batch = batch if words is None else _pointed(message, words)
    buffers = _field(message, batch, 2)
    if buffers is None or _field(message, batch, 3) is None:  # Not compressed.
        return
    start = _pointed(message, buffers)
    for at in range(struct.unpack_from("<I", message, start)[0]):
        yield struct.unpack_from("<qq", message, start + 4 + 16 * at)


def _pointed(message: bytes, at: int) -> int:
    """Where that begins to which an offset of FlatBuffers points."""
    return at + struct.unpack_from("<I", message, at)[0]


def _field(message: bytes, table: int, number: int) -> int | None:
    """Where a field of a table of FlatBuffers stands; None where it is left out."""
    fields = table - struct.unpack_from("<i", message, table)[0]
    if 4 + 2 * number >= struct.unpack_from("<H", message, fields)[0]:
        return None
    offset = struct.unpack_from("<H", message, fields + 4 + 2 * number)[0]
    return table + offset if offset else None
