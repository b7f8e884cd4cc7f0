"""What the page says of a release: what that says of itself, and no more."""

import pytest

from client.demo.about import about
from tests.client.demo.made import description, figure


def test_the_key_figures_stand_in_a_table_with_their_intervals():
    html = about(description({"test": {"ai_called_ai": figure(0.8)}, "ood": {"ai_called_ai": figure(0.3)}}))
    assert "<td>80 % [70, 90]</td><td>30 % [20, 40]</td>" in html
    assert "sources it had never seen" in html
    assert "0" * 64 in html
    assert "openvino-int8" in html


@pytest.mark.parametrize("metrics", [{}, {"test": {"auc": 0.5}}, {"test": None}])
def test_a_release_without_them_is_said_to_have_none(metrics):
    html = about(description(metrics))
    assert "<table" not in html
    assert "cannot be read from here" in html


def test_behind_a_gateway_the_limits_are_still_told():
    html = about(None)
    assert "may pass as real" in html
    assert "SHA-256" not in html
