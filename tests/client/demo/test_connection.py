"""What is known of the versions, and what is left out where it is out of reach."""

import pytest

from client.demo import connection
from tests.client.bodies import encoded
from tests.client.stub import Reply
from tests.ports import free_port


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in (connection.SERVICE, connection.MANAGEMENT, connection.KEY):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("service", "management"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001"),
        ("http://[::1]:9000", "http://[::1]:9001"),
        ("https://faces.example.org", None),
    ],
)
def test_the_management_api_is_looked_for_on_the_next_port(monkeypatch, service, management):
    monkeypatch.setenv(connection.SERVICE, service)
    assert connection.management_url() == management


def test_a_told_address_wins(monkeypatch):
    monkeypatch.setenv(connection.MANAGEMENT, "http://127.0.0.1:7000")
    assert connection.management_url() == "http://127.0.0.1:7000"


def test_real_versions_come_with_their_descriptions(monkeypatch, server):
    monkeypatch.setenv(connection.SERVICE, server.inference)
    served = connection.served_versions()
    assert [(entry.version, entry.default) for entry in served] == [("1.0", True), ("2.0", False)]
    assert all(entry.description.model.version == entry.version for entry in served)


def test_a_port_that_nobody_listens_on_means_none(monkeypatch):
    monkeypatch.setenv(connection.MANAGEMENT, f"http://127.0.0.1:{free_port()}")
    assert connection.served_versions() == ()


@pytest.mark.parametrize("reply", [Reply(401), Reply(404), Reply(body=b"<html>"), Reply(body=encoded({"other": "server"}))])
def test_so_does_a_server_of_another_kind(monkeypatch, stub, reply):
    stub.replies(reply)
    monkeypatch.setenv(connection.MANAGEMENT, stub.url)
    assert connection.served_versions() == ()
