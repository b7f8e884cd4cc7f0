"""One HTTP request to the service, tried again where that can help."""

import json
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from client.answers import Refusal
from client.backoff import Backoff
from client.errors import BadAnswer, Refused, TimedOut, Unreachable

CONNECT_SECONDS = 5.0  # a server that is there accepts at once; only its answer may take long
CONNECTIONS = 64  # kept open; more threads than these share no pool, but still work
API_KEY_HEADER = "X-API-Key"  # what the gateway reads


class Transport:
    """A base URL with what every request to it carries. May be used from several threads.

    Args:
        url: scheme, host and port, and a path where a proxy adds one.
        api_key: for a gateway that asks for one.
        timeout: seconds that one answer may take.

    Raises:
        ValueError: the URL is not http or https.
    """

    def __init__(self, url: str, *, api_key: str | None = None, timeout: float = 60.0, backoff: Backoff | None = None):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:  # .port raises where it is no number
            raise ValueError(f"{url!r} is no http or https URL")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.backoff = backoff or Backoff()
        self.session = requests.Session()
        if api_key:
            self.session.headers[API_KEY_HEADER] = api_key
        # proxies and certificates of the user's environment: the session would look them up for each request
        self.environment = self.session.merge_environment_settings(self.url, {}, None, None, None)
        self.adapter = HTTPAdapter(pool_maxsize=CONNECTIONS)
        self.prepared: dict[tuple, requests.PreparedRequest] = {}

    def close(self) -> None:
        self.adapter.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str | int] | None = None,
    ) -> requests.Response:
        """Sends a request and returns a 2xx answer, with its body.

        Failed connections and 503 are tried again, as often as the back-off says: twice does no harm where nothing is
        changed, and what changes something has a back-off of one attempt. A 4xx is final, and so is an answer that takes
        too long: to ask again would only add to the load.

        Raises:
            Refused: any other status.
            TimedOut, Unreachable: no answer.
        """
        message = self.message(method, path, data, headers or {}, params or {})
        failures = 0
        while True:
            retry_after = None
            try:
                response = self.send(message)
                if response.ok and not response.is_redirect:
                    return response
                failure = Refused(refusal(response))
                if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise failure
                retry_after = response.headers.get("Retry-After")
            except Unreachable as error:
                failure = error
            failures += 1
            pause = self.backoff.pause(failures, retry_after)
            if pause is None:
                raise failure
            time.sleep(pause)

    def message(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str], params: dict[str, str | int]
    ) -> requests.PreparedRequest:
        """A request as it is sent. All but its body is prepared once: thousands of images share it.

        Raises:
            BadAnswer: HTTP knows no such URL or header.
        """
        key = (method, path, *headers.items(), *params.items())
        if key not in self.prepared:
            request = requests.Request(method, self.url + path, headers=headers, params=params)
            try:
                self.prepared[key] = self.session.prepare_request(request)
            except requests.RequestException as error:
                raise BadAnswer(f"{self.url} cannot be asked: {error}.") from None
        message = self.prepared[key].copy()
        message.prepare_body(data, None)
        return message

    def send(self, message: requests.PreparedRequest) -> requests.Response:
        """One attempt. Redirects are not followed: they would carry the API key elsewhere, and turn a POST into a GET."""
        try:
            timeout = (min(CONNECT_SECONDS, self.timeout), self.timeout)
            response = self.adapter.send(message, timeout=timeout, **self.environment)
            response.content  # noqa: B018 - reads it, so that the connection is free for the next request
            return response
        except requests.exceptions.ReadTimeout:
            raise TimedOut(f"{self.url} did not answer within {self.timeout:g} s.") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise Unreachable(f"{self.url} cannot be reached: {cause(error)}.") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise BadAnswer(f"{self.url} gave no HTTP answer: {error}.") from None


def json_of(response: requests.Response) -> Any:
    """The decoded body.

    Raises:
        BadAnswer: it is no JSON.
    """
    try:
        return json.loads(response.content)
    except ValueError:
        raise BadAnswer(f"{response.url} answered with something that is not JSON.") from None


def refusal(response: requests.Response) -> Refusal:
    """What an error answer says, whether the handler, TorchServe or a gateway wrote it."""
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    # TorchServe's own errors have the status in "code" and the name of the exception in "type"
    names = [body.get("code"), body.get("type"), f"http_{response.status_code}"]
    message = body.get("message")
    return Refusal(
        code=next(name for name in names if isinstance(name, str) and name),
        message=message if isinstance(message, str) and message else phrase(response.status_code),
        status=response.status_code,
        request_id=body.get("request_id") or response.headers.get("x-request-id"),
    )


def phrase(status: int) -> str:
    try:
        return f"The server answered {status} {HTTPStatus(status).phrase}."
    except ValueError:
        return f"The server answered {status}."


def cause(error: Exception) -> str:
    """The innermost reason, which is the one that tells something: `Connection refused`, not the list of its wrappers."""
    wrapped = error.args[0] if error.args else error
    return str(getattr(wrapped, "reason", wrapped)).rpartition(": ")[2]
