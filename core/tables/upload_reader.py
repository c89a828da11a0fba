"""What a process does that reads one upload: it waits for the order, and leaves what came of it in the
order's folder: a table, a preview or a sentence.

`python -m core.tables.upload_reader` takes the order from its standard input. Whoever gives it keeps it open: the
process ends with it.
"""

import contextlib
import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import IO, Any

from core.experiment.reading import TableReading
from core.tables.errors import TableError
from core.tables.raw_preview import raw_preview
from core.tables.sources import TableStore, read_bytes

UPLOAD, OUTCOME = "upload", "outcome.json"  # In the folder.


def load_pandas() -> None:
    """Loads what pandas loads at first use."""
    read_bytes("rows.csv", b"a,b\n1,x\n2,y\n3,z\n")[0].to_parquet(io.BytesIO())


def carry_out_order(orders: IO[bytes]) -> None:
    """Waits for the order, a line of JSON, carries it out and ends the process; without an order it returns."""
    try:
        order = json.loads(orders.readline() or "null")
    except ConnectionError:  # The server was killed.
        order = None
    if order is None:  # The server has ended.
        return
    threading.Thread(target=_end_with_server, args=(orders,), daemon=True).start()
    folder = Path(order["folder"])
    try:
        outcome = _outcome(order, (folder / UPLOAD).read_bytes(), TableStore(folder))
    except TableError as error:
        outcome = {"says": str(error)}
    (folder / f"{OUTCOME}.part").write_text(json.dumps(outcome), encoding="utf-8")
    (folder / f"{OUTCOME}.part").replace(folder / OUTCOME)
    os._exit(0)  # Without waiting for pandas to tidy up.


def _outcome(order: dict[str, Any], content: bytes, store: TableStore) -> dict[str, Any]:
    """What comes of an order: a preview, or a table in the store. Raises TableError."""
    name, reading = order["name"], TableReading.model_validate(order.get("reading", {}))
    cells = order.get("cells", False)
    if order.get("preview"):
        return {"preview": raw_preview(name, content, reading).model_dump(mode="json")}
    try:
        info = store.keep(name, content, reading, cells)
    except TableError:
        if not cells or reading == reading.of_columns():
            raise
        reading = reading.of_columns()  # Another file may have other sheets, or another separator.
        info = store.keep(name, content, reading, cells)
    return {"info": info.model_dump(mode="json"), "reading": reading.model_dump(mode="json", by_alias=True)}


def _end_with_server(orders: IO[bytes]) -> None:
    with contextlib.suppress(ConnectionError):  # It was killed.
        orders.read()  # Until the server closes it, or ends.
    os._exit(1)


if __name__ == "__main__":
    load_pandas()
    carry_out_order(sys.stdin.buffer)
