"""A `.keras` file: a zip whose `config.json` is read in memory; nothing is unpacked to the disk, no weight
is touched.
"""

import io
import struct
import zipfile
import zlib

from core.keras_code.parsing_values import NotReadable

MOST_CONFIG = 5_000_000  # Bytes of a configuration, unpacked.
_MOST_LISTED = 100_000  # Bytes of the archive's list of files; Keras's has three.
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_DAMAGED = "This .keras file is damaged: save the model again with model.save('model.keras')."


def config_of(content: bytes) -> str:
    """The configuration as text. Raises NotReadable."""
    end = content.rfind(_END, -66_000)
    if end < 0 or len(content) < end + 22:
        old = content[:4] == b"\x89HDF"
        raise NotReadable(
            "This is a file of the old .h5 format: save the model as model.save('model.keras')." if old else _DAMAGED
        )
    (listed,) = struct.unpack_from("<I", content, end + 12)
    if listed > _MOST_LISTED or content[max(0, end - 20) : end].startswith(_END_64):
        raise NotReadable(_DAMAGED)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("config.json") as file:
            found = file.read(MOST_CONFIG + 1)  # What the archive says of the size may be wrong.
    except KeyError:
        raise NotReadable(
            "This zip has no config.json, as a .keras file has: save the model as model.save('model.keras')."
        ) from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        raise NotReadable(_DAMAGED) from None
    if len(found) > MOST_CONFIG:
        raise NotReadable(f"The configuration in this file is larger than {MOST_CONFIG // 1_000_000} MB.")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise NotReadable(_DAMAGED) from None
