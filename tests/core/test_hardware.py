"""What of a machine is said to multiply bfloat16 faster, by what Linux says of it."""

import pytest

from core.hardware import _gpus_in, _of_processor


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("fpu avx512f avx512_bf16 amx_bf16 amx_tile", "AMX"),
        ("fpu avx512f avx512_bf16", "AVX512_BF16"),
        ("fpu avx512f amx_bf16x", ""),
    ],
)
def test_a_processor_is_known_by_its_flags(tmp_path, flags, found):
    described = tmp_path / "cpuinfo"
    described.write_text(f"processor\t: 0\nmodel name\t: amx_bf16\nflags\t\t: {flags}\nbogomips\t: 5190\n")
    assert _of_processor(described) == found


def test_a_machine_without_such_a_file_has_none(tmp_path):
    assert _of_processor(tmp_path / "cpuinfo") == ""
    assert not _gpus_in(tmp_path / "gpus", None)


def test_a_gpu_counts_unless_the_environment_hides_it(tmp_path):
    assert not _gpus_in(tmp_path, None)
    (tmp_path / "0000:01:00.0").mkdir()
    assert [_gpus_in(tmp_path, visible) for visible in (None, "0", "", "-1")] == [True, True, False, False]
