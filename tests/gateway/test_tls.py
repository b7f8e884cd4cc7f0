"""TLS by the gateway itself, with a certificate that is renewed while it runs."""

import shutil
import ssl
import subprocess

import pytest
import requests

from tests.gateway.running import KEYS, Gateway
from tests.waiting import wait_until


def write_certificate(folder) -> bytes:
    """A new self-signed certificate for 127.0.0.1; returns it in DER."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=face"
    command += " -addext subjectAltName=IP:127.0.0.1"
    for name in ("tls.key", "tls.crt"):
        (folder / name).unlink(missing_ok=True)
    subprocess.run(
        [*command.split(), "-keyout", folder / "tls.key", "-out", folder / "tls.crt"], check=True, capture_output=True
    )
    return ssl.PEM_cert_to_DER_cert((folder / "tls.crt").read_text())


def test_answers_by_tls_and_takes_up_a_renewed_certificate(folder, upstream):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, which makes the test's certificate")
    secret = folder / "secret"
    secret.mkdir()
    write_certificate(secret)
    gateway = Gateway(folder, upstream.server_port, "--tls", str(secret))
    try:
        ask = {"data": b"x", "headers": {"X-Api-Key": KEYS["alice"]}, "verify": str(secret / "tls.crt"), "timeout": 10}
        assert requests.post(f"{gateway.tls_url}/predictions/face", **ask).status_code == 200
        assert gateway.logged(1)[0]["tls"].startswith("TLSv1.")

        renewed = write_certificate(secret)
        address = ("127.0.0.1", gateway.port + 2)
        wait_until(lambda: ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(address)) == renewed, 20)
        assert requests.post(f"{gateway.tls_url}/predictions/face", **ask).status_code == 200
    finally:
        gateway.stop()


def test_without_a_certificate_there_is_no_tls(gateway):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{gateway.tls_url}/ping", timeout=5)
