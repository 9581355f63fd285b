"""How mails go out: `[mail]` in `sheetcrm.toml`. Passwords are not among the settings."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sheetcrm.outbox.address import read_address, read_sender
from sheetcrm.rules.settings import Rule

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _sender(text: str) -> str:
    try:
        read_sender(text)
    except ValueError as error:
        raise ValueError(f'"{text}" cannot be a From address: {error}') from error
    return text


def _recipient(text: str) -> str:
    try:
        return text and str(read_address(text))
    except ValueError as error:
        raise ValueError(f'"{text}" cannot be a To address: {error}') from error


def _unsubscribe(text: str) -> str:
    if text and not re.fullmatch(r"https://[!-;=?-~]+", text):
        raise ValueError(f'"{text}" is no address of a page; write https://…, with {{address}} where it belongs')
    return text


def _without_secrets(given: Any, prefix: str) -> Any:
    """The settings as given. Raises ValueError where a secret stands among them."""
    if isinstance(given, dict) and (secret := {"password", "token", "client_secret"} & given.keys()):
        name = min(secret)
        raise ValueError(
            f"{name} does not belong into a file: set {prefix}{name.upper()} in the environment, "
            "or keep it in the keyring under the service sheetcrm"
        )
    return given


class ServerSettings(Rule):
    """A server and how to get in, for mails that go out as for those that come in."""

    prefix: ClassVar[str]
    """How the variables begin that hold its secrets."""
    danger: ClassVar[str]
    """What an open line would give away."""

    host: str = ""
    port: int = Field(0, ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = Field(
        "", description="A file of certificates to trust besides the system's, for a server of your own"
    )
    user: str = ""
    login: Literal["password", "xoauth2"] = "password"
    token_url: str = Field("", description="xoauth2: where a refresh token is exchanged for an access token")
    client_id: str = Field("", description="xoauth2: the client's id there")
    timeout_seconds: float = Field(60, gt=0, le=600, description="How long the server may be silent")

    @model_validator(mode="before")
    @classmethod
    def _holds_no_secret(cls, given: Any) -> Any:
        return _without_secrets(given, cls.prefix)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.security == "none" and self.host and self.host not in _LOOPBACK:
            raise ValueError(f'security = "none" would send {self.danger} readable for everybody to {self.host}')
        if self.token_url and not self.token_url.startswith("https://"):
            raise ValueError("token_url must begin with https://")
        return self


class SmtpSettings(ServerSettings):
    """The mail server: `[mail.smtp]`. Without a host, mails are files in the outbox folder."""

    prefix, danger = "SHEETCRM_SMTP_", "mails"

    host: str = Field("", description="As in smtp.example.com; empty: mails are files")
    port: int = Field(0, ge=0, le=65535, description="0: 587, with `tls` 465, with `none` 25")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`none` is only taken for a server on this computer"
    )
    user: str = Field("", description="The login; the password comes from SHEETCRM_SMTP_PASSWORD or the keyring")
    per_minute: int = Field(0, ge=0, description="The most mails a minute; 0: no limit")

    @model_validator(mode="after")
    def _names_its_user(self) -> Self:
        if self.login == "xoauth2" and not self.user:
            raise ValueError("xoauth2 needs the user")
        return self

    @property
    def port_used(self) -> int:
        """The port, or the usual one."""
        return self.port or _PORTS[self.security]


class InboxSettings(ServerSettings):
    """Where answers and bounces come in: `[mail.inbox]`: a maildir, or a folder of an IMAP server. Only read."""

    prefix, danger = "SHEETCRM_IMAP_", "the password"

    maildir: str = Field("", description="A maildir, relative to the workbook")
    host: str = Field("", description="Or a server, as in imap.example.com")
    port: int = Field(0, ge=0, le=65535, description="0: 993, without `tls` 143")
    security: Literal["starttls", "tls", "none"] = Field(
        "tls", description="`none` is only taken for a server on this computer"
    )
    user: str = Field("", description="The login; the password comes from SHEETCRM_IMAP_PASSWORD or the keyring")
    folder: str = Field("INBOX", min_length=1)

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if self.maildir and self.host:
            raise ValueError("give either maildir or host")
        if self.host and not self.user:
            raise ValueError("the user is missing")
        return self

    @property
    def is_set(self) -> bool:
        """Whether there is an inbox."""
        return bool(self.maildir or self.host)

    @property
    def port_used(self) -> int:
        """The port, or the usual one."""
        return self.port or (993 if self.security == "tls" else 143)


class MailSettings(Rule):
    """How mails go out: `[mail]`."""

    sender: Annotated[str, AfterValidator(_sender)] = Field("sheetcrm@localhost", description="The From address")
    outbox: str = Field("outbox", description="The folder for .eml files, relative to the workbook")
    smtp: SmtpSettings = SmtpSettings()
    inbox: InboxSettings = InboxSettings()
    unconfirmed: Literal["hold", "resend"] = Field(
        "hold", description="A mail of which nobody knows whether it went out: held for a person, or sent again"
    )
    quiet_hours: tuple[time, time] | None = Field(
        None, description='When nobody is mailed, in their own zone, as in ["19:00", "07:00"]'
    )
    most_per_person: int = Field(0, ge=0, description="The most mails for one address on one day; 0: no limit")
    most_per_day: int = Field(0, ge=0, description="The most mails of this workbook on one day; 0: no limit")
    test_to: Annotated[str, AfterValidator(_recipient)] = Field(
        "", description="Test mode: every mail goes to this address instead, and counts as not sent"
    )
    unsubscribe: Annotated[str, AfterValidator(_unsubscribe)] = Field(
        "", description="Customers' mails: a page https://…?to={address} that takes one-click opt-outs besides replies"
    )

    @model_validator(mode="after")
    def _leaves_some_hours(self) -> Self:
        if self.quiet_hours and self.quiet_hours[0] == self.quiet_hours[1]:
            raise ValueError("quiet_hours must leave some time: begin and end are the same")
        return self
