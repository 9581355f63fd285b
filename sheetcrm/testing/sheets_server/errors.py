"""What Google answers where it refuses: status, and the body word for word as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if "
    "you need to edit."
)
NO_CREDENTIALS = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class ApiError(Exception):
    """A refusal: HTTP code and message; `details` as Google adds them."""

    def __init__(self, code: int, message: str, details: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": STATUSES[self.code]}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


class DriveError(ApiError):
    """A refusal of the Drive API, which has another form."""

    def __init__(self, code: int, message: str, reason: str) -> None:
        super().__init__(code, message)
        self.reason = reason

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        one = {"message": self.message, "domain": "global", "reason": self.reason}
        return {"error": {"errors": [one], "code": self.code, "message": self.message}}


def bad(message: str) -> ApiError:
    """A 400 with this message."""
    return ApiError(400, message)


def not_found() -> ApiError:
    """A 404 for a spreadsheet that is not there."""
    return ApiError(404, "Requested entity was not found.")


def violations(message: str, found: Sequence[tuple[str, str]]) -> ApiError:
    """A 400 that names the fields that are wrong, each with what is wrong about it."""
    listed = [{"field": field, "description": what} if field else {"description": what} for field, what in found]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}
    return ApiError(400, message, [detail])
