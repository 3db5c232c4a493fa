"""HTTP: the resolver of all APIs, refusals as problem+json, and the caller's identity."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import Field

from crowdship.adapters import actions
from crowdship.adapters.audit.trail import audited, is_audited
from crowdship.adapters.callers import Callers
from crowdship.adapters.edge import HEADER, viewer_address
from crowdship.adapters.observability import logger, metrics
from crowdship.kernel.access import must_have_a_role, roles_in
from crowdship.kernel.errors import (
    Forbidden,
    Refusal,
    StaleWrite,
    Unauthorized,
    Unavailable,
    Unprocessable,
    counted,
    said,
)
from crowdship.kernel.events import Value
from crowdship.kernel.reading import is_text, read_json

PROBLEM = "application/problem+json"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CSV = "text/csv"
TEXT = "text/plain"
JPEG = "image/jpeg"

PICTURE: dict[int, Any] = {
    200: {"description": "A picture", "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}}
}
"""The answer of a route that shows a picture, for the API's document."""

STAFF = "staff"
"""All who have a role; which of them a route is for is in ``access``."""

DRIVERS = "drivers"

_drivers = Callers(1200, "calls")
"""Limits the calls of one driver's app per container, far above what an app needs even on a fast clock."""

BODY = "The body"

LONGEST_PARAMETER = 500
"""The most characters of a path parameter or query value; DynamoDB fails on keys of a few thousand."""


class ProblemError(Value):
    """One fault of a request body."""

    pointer: str = Field(description="JSON pointer (RFC 6901) to the faulty part")
    detail: str


class Problem(Value):
    """RFC 9457 problem details, with a stable ``code``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: tuple[ProblemError, ...] = ()


def _pointer(location: tuple[Any, ...]) -> str:
    """Return the JSON pointer of a pydantic error location, whose first part is ``body``, ``path`` or ``query``."""
    return pointer_of(location[1:] if location and location[0] == "body" else location)


def pointer_of(parts: Iterable[Any]) -> str:
    """Return the JSON pointer with some parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def problem_of(
    event: Mapping[str, Any], status: HTTPStatus, code: str, detail: str, errors: Sequence[ProblemError] = ()
) -> Problem:
    """Return the problem document for the request in an API Gateway event."""
    return Problem(
        type=f"https://crowdship.dev/problems/{code}",
        title=status.phrase,
        status=status,
        detail=detail,
        instance=event["rawPath"],
        code=code,
        request_id=event["requestContext"]["requestId"],
        errors=tuple(errors),
    )


def _not_text(event: Mapping[str, Any]) -> str | None:
    """Return the part of a request that has half of a surrogate pair in it, or None."""
    parts = {
        "The path": (event.get("rawPath"), *(event.get("pathParameters") or {}).values()),
        "The query": (event.get("rawQueryString"), *(event.get("queryStringParameters") or {}).values()),
        "A header": (event.get("headers") or {}).values(),
        BODY: (event.get("body"),),
    }
    return next((name for name, values in parts.items() if not all(is_text(value or "") for value in values)), None)


def _short_parameters_only(app: "Api", following: NextMiddleware) -> Response[Any]:
    """Refuse parameters that are too long to be an id."""
    event = app.current_event
    for where, given in (("path", event.path_parameters), ("query", event.query_string_parameters)):
        for name, value in (given or {}).items():
            if len(value) > LONGEST_PARAMETER:
                detail = f"{name} has {len(value)} characters; at most {LONGEST_PARAMETER} are allowed."
                raise Unprocessable("too_long", detail, f"/{where}/{name}")
    return following(app)


def same_origin_only(app: "Api", following: NextMiddleware) -> Response[Any]:
    """Refuse calls that another site's page makes a browser send; programs that are no browsers name no site."""
    site = app.header("Sec-Fetch-Site")
    if site not in (None, "same-origin"):
        raise Forbidden("wrong_site", f"This came from a {site} page; only pages on the API's own origin may call it.")
    return following(app)


class Api(APIGatewayHttpResolver):
    """An HTTP API resolver that validates input and answers every refusal as problem+json.

    Attributes
    ----------
    added_headers : dict of str to str
        Further headers of the present answer; ``serve`` empties it before each request and adds it to the answer, also
        to a refusal.
    """

    def __init__(self) -> None:
        super().__init__(enable_validation=True, json_body_deserializer=read_json)
        self.added_headers: dict[str, str] = {}
        self.use([_short_parameters_only])
        self.exception_handler(Refusal)(self._refused)
        self.exception_handler(RequestValidationError)(self._invalid)
        self.exception_handler(UnicodeDecodeError)(self._not_text)
        self.exception_handler(StaleWrite)(self._contended)
        self.exception_handler(Exception)(self._failed)
        self.exception_handler(NotFoundError)(self._no_route)

    def problem(self, status: HTTPStatus, code: str, detail: str, errors: Sequence[ProblemError] = ()) -> Response[str]:
        """Return a problem+json response."""
        told = problem_of(self.current_event.raw_event, status, code, detail, errors)
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
        return Response(int(status), PROBLEM, told.model_dump_json(), headers=headers)

    def _refused(self, refusal: Refusal) -> Response[str]:
        logger.info("refused", code=refusal.code, detail=refusal.detail)
        errors = [ProblemError(pointer=pointer, detail=detail) for pointer, detail in refusal.errors]
        self.added_headers.update(refusal.headers)
        return self.problem(refusal.status, refusal.code, refusal.detail, errors)

    def _invalid(self, error: RequestValidationError) -> Response[str]:
        malformed = next((e for e in error.errors() if e["type"] == "json_invalid"), None)
        if malformed:
            why = malformed.get("ctx", {}).get("error", "it can't be parsed")
            detail = f"The body is not JSON that can be read: {why}. Send one JSON object in UTF-8."
            return self.problem(HTTPStatus.BAD_REQUEST, "malformed_json", detail)
        errors = [ProblemError(pointer=_pointer(e["loc"]), detail=said(e["msg"])) for e in error.errors()]
        first = f"{errors[0].pointer or 'body'}: {errors[0].detail}"
        detail = f"{counted(len(errors), 'field is', 'fields are')} wrong; {first}"
        return self.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, errors)

    def _not_text(self, error: UnicodeDecodeError) -> Response[str]:
        return self.problem(HTTPStatus.BAD_REQUEST, "malformed_json", "The body is not UTF-8; send a JSON object.")

    def _contended(self, error: StaleWrite) -> Response[str]:
        logger.warning("contended", detail=str(error))
        return self.problem(
            HTTPStatus.CONFLICT, "changed_meanwhile", "Another request changed it meanwhile; read it again and retry."
        )

    def _no_route(self, error: NotFoundError) -> Response[str]:
        event = self.current_event
        return self.problem(HTTPStatus.NOT_FOUND, "no_such_route", f"There is no {event.http_method} {event.path}.")

    def _failed(self, error: Exception) -> Response[str]:
        logger.exception("failed")
        return self.problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "An error on our side; try again. The id helps us to find the cause.",
        )

    @property
    def raw_body(self) -> bytes:
        """The request body as the bytes that were sent, because a signature covers these."""
        return actions.body_of(self.current_event.raw_event)

    def kept(self, content_type: str, tag: str, body: Callable[[], bytes], seconds: int) -> Response[str | None]:
        """Return bytes that one browser may keep, or 304 if it has them already.

        Parameters
        ----------
        tag : str
            A text that differs whenever the bytes do.
        body : callable
            Makes the bytes; it is called if they are needed.
        seconds : int
            Time for which the browser need not ask again.
        """
        headers: dict[str, str | list[str]] = {"ETag": f'"{tag}"', "Cache-Control": f"private, max-age={seconds}"}
        known = {one.strip().removeprefix("W/") for one in (self.header("If-None-Match") or "").split(",")}
        if {headers["ETag"], "*"} & known:
            return Response(304, headers=headers)
        answer: Response[str | None] = Response(200, content_type, b64encode(body()).decode(), headers=headers)
        answer.base64_encoded = True
        return answer

    def header(self, name: str) -> str | None:
        """Return a request header, whatever its case."""
        return self.current_event.headers.get(name.lower())

    @property
    def source_ip(self) -> str:
        """The address that the request came from."""
        return str(self.current_event.raw_event.get("requestContext", {}).get("http", {}).get("sourceIp", ""))

    @property
    def cookies(self) -> Sequence[str]:
        """The request's cookies, each as ``name=value``; the emulator leaves them in their header."""
        taken_out = self.current_event.raw_event.get("cookies")
        return [one for one in taken_out or (self.header("Cookie") or "").split(";") if is_text(one)]

    def viewer_address(self, edge_secret: str) -> str:
        """Return the address of the person's device; CloudFront tells it if it shows its secret."""
        return viewer_address(self.source_ip, self.header("X-Forwarded-For"), self.header(HEADER), edge_secret)

    @property
    def username(self) -> str:
        """The name of the signed-in caller, of whatever group.

        Raises
        ------
        Unauthorized
            Without a token's claims.
        """
        return str(self._claims["username"])

    def admit[Scope, Caller](
        self, authenticate: Callable[[str, Scope], tuple[Caller, Mapping[str, str]]], scope: Scope
    ) -> Caller:
        """Return the caller to whom the request's API key belongs; headers of the answer tell the caller's limits.

        Parameters
        ----------
        authenticate : callable
            Takes the key and the scope; returns the caller and headers for the answer.
        scope : Scope
            What the caller wants to do.

        Raises
        ------
        Unauthorized
            If there is no key, or it is not valid.
        Forbidden
            If the key lacks the scope.
        TooManyRequests
            If the caller has called too often.
        """
        caller, headers = authenticate(bearer(self.header("Authorization")), scope)
        self.added_headers.update(headers)
        return caller

    @property
    def _claims(self) -> Mapping[str, Any]:
        claims = claims_of(self.current_event.raw_event)
        if not claims.get("username"):
            raise Unauthorized("no_token", "This needs an access token: send 'Authorization: Bearer <token>'.")
        return claims

    def caller(self, group: str) -> str:
        """Return the name of the signed-in caller, who must be in ``group``, and among staff have a role of the route.

        Raises
        ------
        Unauthorized
            Without a token's claims.
        Forbidden
            If the caller is in other groups only, or in none whose role may call the route.
        TooManyRequests
            If a driver's device calls too often.
        """
        groups = groups_of(self._claims)
        if group == STAFF:
            route = self.context["_route"]
            must_have_a_role(f"{route.method} {route.openapi_path}", groups)
        elif group not in groups:
            raise Forbidden("wrong_group", f"This is for {group}; the token's groups are {groups or 'none'}.")
        name = self.username
        if group == DRIVERS:
            _drivers.check(name)
            _drivers.count(name)
        return name


def claims_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the claims of the access token that API Gateway checked; none without a token."""
    claims: Mapping[str, Any] = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    return claims


def groups_of(claims: Mapping[str, Any]) -> list[str]:
    """Return the groups of a signed-in caller."""
    return str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split()


def bearer(header: str | None) -> str:
    """Return the credential of an ``Authorization: Bearer`` header.

    Raises
    ------
    Unauthorized
        If there is none.
    """
    scheme, _, credential = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip() or not credential.isascii():
        raise Unauthorized("no_credential", "Send 'Authorization: Bearer <key>'.")
    return credential.strip()


def _answer(problem: Problem) -> dict[str, Any]:
    return {"statusCode": problem.status, "headers": {"Content-Type": PROBLEM}, "body": problem.model_dump_json()}


def _resolved(api: Api, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the answer to a request; a change by staff goes through the audit trail, whichever route it is."""
    claims = claims_of(event)
    if not is_audited(event.get("routeKey", "")) or not roles_in(groups_of(claims)):
        return api.resolve(event, context)
    try:
        return audited(event, str(claims.get("username", "")), lambda: api.resolve(event, context))
    except Unavailable as refusal:
        told = problem_of(event, refusal.status, refusal.code, refusal.detail)
        headers = {"Content-Type": PROBLEM, **refusal.headers}
        return {"statusCode": told.status, "headers": headers, "body": told.model_dump_json()}


def serve(
    api: Api, event: dict[str, Any], context: Any, other: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Answer one API Gateway event: the whole of a handler.

    Parameters
    ----------
    other : mapping of str to sequence of str, optional
        Routes (``POST /path/{parameter}``) whose function reads the body itself, with the content types that each
        takes; all other routes take JSON.
    """
    action_id = actions.identity_of(event)
    logger.append_keys(request_id=event.get("requestContext", {}).get("requestId"), action_id=action_id)
    if part := _not_text(event):
        detail = f"{part} has half of a surrogate pair, which is no character; send UTF-8."
        code = "malformed_json" if part == BODY else "not_text"
        return _answer(problem_of({**event, "rawPath": "/"}, HTTPStatus.BAD_REQUEST, code, detail))
    # Checked here: the event handler takes a body for a form unless it is declared to be JSON.
    headers = event.get("headers", {})
    kind = headers.get("content-type", "none").partition(";")[0].strip().lower()
    right = (other or {}).get(event.get("routeKey", ""), (JSON,))
    if event.get("body") and kind not in right:
        detail = f"The content type is {kind}; send 'Content-Type: {right[0]}'."
        return _answer(problem_of(event, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", detail))
    if wrong := actions.mismatch(event):
        return _answer(problem_of(event, HTTPStatus.BAD_REQUEST, "action_digest_mismatch", wrong))
    # A request without a body is reported for its missing fields, not for its content type.
    event = {**event, "headers": {**headers, "content-type": kind if event.get("body") else JSON}}
    api.added_headers.clear()
    try:
        answer = _resolved(api, event, context)
        headers = {**answer.get("headers", {}), **api.added_headers}
        if not answer["body"]:
            headers.pop("Content-Type", None)
        # An answer without a body has an empty one: the emulator fails on null.
        return {**answer, "body": answer["body"] or "", "headers": headers}
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


__all__ = [
    *("CSV", "DRIVERS", "FORM", "JPEG", "JSON", "PICTURE", "STAFF"),
    *("Api", "Problem", "ProblemError", "bearer", "pointer_of", "read_json", "same_origin_only", "serve"),
]
