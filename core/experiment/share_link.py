"""An experiment as a short text that an address can carry, and back.

packed(experiment)     "1.eNqrVi..."     its canonical JSON, compressed, in letters that no address escapes
unpacked(text)         the experiment, equal to the last bit; raises InvalidExperiment with a sentence
"""

import base64
import binascii
import re
import zlib

from core.experiment.spec import Experiment, InvalidExperiment, read

PARAMETER = "experiment"  # Of the page's address.
MOST_BYTES = 2_000_000  # Of an unpacked experiment.
MOST_SIGNS = 500_000  # Of a link.
_VERSION = "1."


def packed(experiment: Experiment) -> str:
    """The text. Equal experiments have equal texts."""
    return _VERSION + base64.urlsafe_b64encode(zlib.compress(experiment.text().encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> Experiment:
    """The experiment of a packed text, or of an address that carries one; blanks and line ends that a mail adds are
    passed over.
    """
    text = re.sub(r"\s+", "", text)
    text = text.partition(f"{PARAMETER}=")[2].partition("&")[0].partition("#")[0] if f"{PARAMETER}=" in text else text
    if not text.startswith(_VERSION):
        other, ours = re.match(r"(\d+)\.", text), _VERSION.removesuffix(".")
        if other and int(other[1]) > int(ours):  # What is newer is whole: to copy it again gives the same.
            raise _refusal(
                f"it is of format {other[1]}, and this Layerdeck, which is older than the link, reads format {ours}",
                "Update Layerdeck, or open the link where it was made.",
            )
        raise _refusal("it contains no experiment")
    if len(text) > MOST_SIGNS:
        raise _refusal(f"it has {len(text):,} characters, more than {MOST_SIGNS:,}")
    body = text.removeprefix(_VERSION)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", body):
        raise _refusal("it contains characters that no such link has")
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), MOST_BYTES)
    except (binascii.Error, zlib.error):
        raise _refusal("it is cut off or damaged") from None
    if unpacking.unconsumed_tail:
        raise _refusal(f"it unpacks to more than {MOST_BYTES:,} bytes")
    if not unpacking.eof:
        raise _refusal("it is cut off or damaged")
    return read(content)


def _refusal(why: str, then: str = "Copy the whole link again.") -> InvalidExperiment:
    return InvalidExperiment([("", f"This link cannot be opened: {why}. {then}")])
