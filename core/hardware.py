"""What of this machine makes bfloat16 faster than float32, found without TensorFlow."""

import ctypes.util
import importlib.util
import os
import re
from functools import cache
from pathlib import Path

_PROCESSOR, _GPUS = Path("/proc/cpuinfo"), Path("/proc/driver/nvidia/gpus")
_FLAGS = {"amx_bf16": "AMX", "avx512_bf16": "AVX512_BF16"}  # The stronger first.


@cache
def bfloat16_hardware() -> str:
    """What multiplies bfloat16 faster: "a GPU", "AMX" (units of Intel processors that multiply matrices),
    "AVX512_BF16", or "". Looked for once in a process.
    """
    if _gpus_in(_GPUS, os.environ.get("CUDA_VISIBLE_DEVICES")) and _has_cuda():
        return "a GPU"
    return _of_processor(_PROCESSOR)


def _gpus_in(folder: Path, visible: str | None) -> bool:
    """Whether the driver lists a GPU, and the environment does not hide all of them."""
    return folder.is_dir() and any(folder.iterdir()) and visible not in ("", "-1")


def _has_cuda() -> bool:
    """Whether the libraries are there that TensorFlow loads for a GPU: of pip's packages, or of the system."""
    packages = importlib.util.find_spec("nvidia")
    folders = list(packages.submodule_search_locations or ()) if packages else []
    return any((Path(folder) / "cudnn").is_dir() for folder in folders) or bool(ctypes.util.find_library("cudnn"))


def _of_processor(described: Path) -> str:
    """What a processor has for bfloat16, by its flags as Linux lists them."""
    try:
        line = re.search(r"^flags\s*:(.*)$", described.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # Not Linux.
        return ""
    flags = line[1].split() if line else []
    return next((name for flag, name in _FLAGS.items() if flag in flags), "")
