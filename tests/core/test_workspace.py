"""The workspace's folder is its user's alone."""

import stat

from core.workspace import keep_private


def test_a_workspace_is_made_for_its_user_alone_and_an_open_one_is_closed(tmp_path):
    keep_private(tmp_path / "new" / "deep")
    assert stat.S_IMODE((tmp_path / "new" / "deep").stat().st_mode) == 0o700
    old = tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)
    keep_private(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o700


def test_a_folder_that_is_everyones_on_purpose_stays_so(tmp_path):
    tmp_path.chmod(0o1777)
    keep_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
