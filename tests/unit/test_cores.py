"""Cores that a container may use, by made-up cgroup folders."""

from config.cores import quota, usable_cores


def test_cgroup_v2(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert quota(tmp_path) == 2  # a core and a half
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert quota(tmp_path) is None


def test_cgroup_v1(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("300000\n")
    assert quota(tmp_path) == 3
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    assert quota(tmp_path) is None


def test_no_cgroup_means_no_quota(tmp_path):
    assert quota(tmp_path) is None


def test_the_quota_lowers_the_affinity_and_never_raises_it(tmp_path):
    limit = tmp_path / "cpu.max"
    limit.write_text("10000 100000\n")
    assert usable_cores(tmp_path) == 1
    limit.write_text("100000000 100000\n")
    assert usable_cores(tmp_path) == usable_cores(tmp_path / "nowhere")
