"""The whole page as a place to drop a file: it goes to the page's own uploader, which checks and sends it as always."""

from __future__ import annotations

from pathlib import Path

from dashboard.components.declared import declared

_component = declared("drop", Path(__file__).parent, "drop.js", style="drop.css")


def drop_target(uploader: str, says: str) -> None:
    """Lets a file be dropped anywhere on the page.

    Args:
        uploader: The key of the `st.file_uploader` that takes it.
        says: What is shown while a file is held over the page.
    """
    _component(key=f"drop-{uploader}", data={"uploader": uploader, "says": says})
