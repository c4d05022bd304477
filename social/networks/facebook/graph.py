"""One call to Graph, through facebook-sdk. The only file that imports it (3.1.0)."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import facebook
import requests
from django.conf import settings

from ..errors import NetworkError
from ..http import CALL_DEADLINE, prepare, wire_error
from ..shapes import Grant
from .errors import classify


class Graph(facebook.GraphAPI):
    """One token, today's version, a deadline, `appsecret_proof`, and an eye on the HTTP status,
    none of which the stock class has."""

    def __init__(self, token: str, deadline: float) -> None:
        session = prepare(requests.Session(), deadline)
        super().__init__(token, timeout=deadline, session=session)
        self.version = settings.FACEBOOK_GRAPH_VERSION
        self.answer: requests.Response | None = None
        self.session.hooks["response"].append(self._keep)

    def _keep(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        self.answer = response

    def request(
        self,
        path: str,
        args: dict[str, Any] | None = None,
        post_args: dict[str, Any] | None = None,
        files: Any = None,
        method: str | None = None,
    ) -> Any:
        args = dict(args or {})
        token = args.get("access_token") or self.access_token
        if settings.FACEBOOK_APP_SECRET and token and not path.endswith("/oauth/access_token"):
            proof = hmac.new(
                settings.FACEBOOK_APP_SECRET.encode(), token.encode(), hashlib.sha256
            ).hexdigest()
            (args if post_args is None else post_args)["appsecret_proof"] = proof
        result = super().request(path, args, post_args, files, method)
        if self.answer is not None and self.answer.status_code >= 400:
            raise facebook.GraphAPIError(result)
        return result


@contextmanager
def asking(
    grant: Grant, creating: bool = False, deadline: float = CALL_DEADLINE
) -> Iterator[Graph]:
    """A Graph for one call; what goes wrong comes out as one of the five errors."""
    graph = Graph(grant.access, deadline)
    try:
        yield graph
    except facebook.GraphAPIError as error:
        status = graph.answer.status_code if graph.answer is not None else None
        raise classify(error, status, creating, graph.answer) from error
    except NetworkError:
        raise
    except Exception as error:
        status = graph.answer.status_code if graph.answer is not None else None
        raise wire_error(error, status, creating) from error
