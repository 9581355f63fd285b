"""A message as the bytes that a mail program opens; whatever could forge a header is refused."""

from __future__ import annotations

import re
from base64 import b64decode, encodebytes
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote

from sheetcrm.errors import ConfigError, MessageRefused
from sheetcrm.outbox.address import has_hidden_line, read_address, read_sender
from sheetcrm.plan import Mail, Message, Picture

_POLICY = policy.SMTP.clone(max_line_length=78, cte_type="7bit")
_WAYS_OUT = ("List-Unsubscribe", "List-Unsubscribe-Post")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MIME = ("MIME-Version", "Content-Type")


def message_hash(message: Message) -> str:
    """32 hex digits that are the same for the same reason (key) and recipient, and for nothing else."""
    return id_hash(message.key, message.to)


def id_hash(key: str, to: str) -> str:
    """The beginning of the Message-ID of a mail with that key to that recipient."""
    return blake2b(f"{key}\x1f{to}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def in_realm(message: Message, realm: str) -> Message:
    """The message under a key that names its workbook as well, so that two of them never share a Message-ID."""
    return replace(message, key=f"{realm}/{message.key}") if realm else message


@dataclass(frozen=True, slots=True)
class Built:
    """A mail ready to go: the bare addresses from and to which it goes, and its bytes, lines ending in CRLF."""

    sender: str
    to: str
    content: bytes


def build_mail(message: Message, sender: str, now: datetime, unsubscribe: str = "") -> Built:
    """The mail with text and HTML, the same for the same message, sender and `now`, byte for byte.

    Its Message-ID comes from the key and the recipient: whoever gets it twice can tell. Raises MessageRefused where
    the recipient is not exactly one address, where the subject could forge a header, or where the mail does not read
    back as built; ConfigError for a bad `sender`. Customers' mails say how to opt out: by an answer, and at the page
    `unsubscribe` where there is one, whose {address} is the recipient.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware: the Date header names its zone")
    if message.mail is None:
        raise ValueError(f"the message {message.key!r} was not rendered")
    if has_hidden_line(message.mail.subject):
        raise _refused(message, f"its subject {message.mail.subject!r} holds control characters or an encoded word")
    if any(not _PLAIN_NAME.fullmatch(one.name) for one in message.mail.pictures):
        raise _refused(message, "the name of a picture in it has other characters than letters, digits, - and _")
    from_, to = _sender(sender), _recipient(message)
    headers = {
        "From": str(from_),
        "To": to.addr_spec,
        "Subject": message.mail.subject,
        "Date": format_datetime(now),
        "Message-ID": f"<{message_hash(message)}@{from_.domain}>",
        # Both say: do not answer with an out-of-office note (RFC 3834, and Exchange's own).
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if message.audience == "customers":
        headers |= _way_out(from_.addr_spec, to.addr_spec, unsubscribe)
    try:
        head = "".join(_line(name, value) for name, value in headers.items()).encode("ascii")
        content = head + _body(message.mail, _invitation(message, from_, to, now))
    except UnicodeEncodeError as error:
        raise _refused(message, "its text holds half a character") from error
    _check_reads_back(content, headers, message)
    return Built(from_.addr_spec, to.addr_spec, content)


@lru_cache(maxsize=256)
def _line(name: str, value: str) -> str:
    """A header as it stands in the mail; read and folded by the library where it is long or not plain."""
    plain = f"{name}: {value}\r\n"
    if value.isascii() and (len(plain) <= 78 or name in _WAYS_OUT):
        return plain
    return str(_POLICY.header_factory(name, value).fold(policy=_POLICY))


def _body(mail: Mail, invitations: Sequence[bytes]) -> bytes:
    """The parts as alternatives, in seven bits, since not every server takes eight.

    By hand: EmailMessage takes three milliseconds for it, as long as a server takes for the whole mail.
    """
    return b"MIME-Version: 1.0\r\n" + _several("alternative", [_text("plain", mail.text), _html(mail), *invitations])


def _html(mail: Mail) -> bytes:
    """The HTML with the pictures beside it that it shows: mail programs drop pictures that are written into it."""
    html = _text("html", mail.html)
    return _several('related; type="text/html"', [html, *map(_picture, mail.pictures)]) if mail.pictures else html


def _picture(one: Picture) -> bytes:
    head = (
        f'Content-Type: image/png; name="{one.name}.png"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-ID: <{one.name}>\r\nContent-Disposition: inline; filename="{one.name}.png"\r\n\r\n'
    )
    return head.encode("ascii") + encodebytes(b64decode(one.png)).replace(b"\n", b"\r\n")


def _several(kind: str, parts: Sequence[bytes]) -> bytes:
    # The boundary depends on the content, which therefore cannot contain it.
    boundary = "=_" + blake2b(b"\x1f".join(parts), digest_size=16).hexdigest()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    lines = (f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return b"".join([head.encode(), *lines, f"--{boundary}--\r\n".encode()])


def _text(kind: str, text: str) -> bytes:
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    crlf = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    # Soft line breaks end as the first line does.
    return head.encode() + b2a_qp(crlf if crlf.endswith(b"\r\n") else crlf + b"\r\n")


def _invitation(message: Message, sender: Address, to: Address, now: datetime) -> list[bytes]:
    if "invitation" not in message.context:
        return []
    from sheetcrm.outbox.invitation import invitation

    uid = f"{message_hash(message)}@{sender.domain}"
    text = invitation(message.context["invitation"], uid, sender.addr_spec, to.addr_spec, now)
    return [_text("calendar; method=REQUEST", text)]


def _way_out(sender: str, to: str, page: str) -> dict[str, str]:
    """How to opt out, as mail programs show it (RFC 2369), by one click where there is a page (RFC 8058)."""
    ways = [f"<mailto:{quote(sender, safe='@')}?subject=unsubscribe>"]
    if not page:
        return {"List-Unsubscribe": ways[0]}
    ways.insert(0, f"<{page.replace('{address}', quote(to, safe=''))}>")
    return {"List-Unsubscribe": ",\r\n ".join(ways), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _sender(text: str) -> Address:
    try:
        return read_sender(text)
    except ValueError as error:
        raise ConfigError(
            f"The sender {text!r} is no e-mail address: {error}.",
            "Write it as name@example.com or as Name <name@example.com>.",
        ) from error


def _recipient(message: Message) -> Address:
    try:
        return read_address(message.to)
    except ValueError as error:
        raise _refused(message, f"its recipient {message.to!r} is refused: {error}") from error


def _check_reads_back(content: bytes, headers: Mapping[str, str], message: Message) -> None:
    # By another reader than the one that wrote them.
    read = BytesHeaderParser(policy=policy.compat32).parsebytes(content.partition(b"\r\n\r\n")[0])
    names = [name for name in read.keys() if name not in _MIME]  # noqa: SIM118 -- a header repeats
    if names != list(headers) or read.defects:
        raise _refused(message, f"it reads back with the headers {', '.join(names)}")
    for name, value in headers.items():
        said = str(make_header(decode_header(read[name]))) if "=?" in read[name] else read[name]
        # Folding may move blanks, but nothing else.
        if "".join(said.split()) != "".join(value.split()):
            raise _refused(message, f"its {name} reads back as {said!r}")


def _refused(message: Message, why: str) -> MessageRefused:
    return MessageRefused(
        f"The message {message.key!r} was not sent: {why}.",
        "Correct the cell or the template that it comes from, and run again.",
    )
