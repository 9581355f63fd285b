"""A message as the bytes that a mail program opens; whatever could forge a header is refused."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from hashlib import blake2b

from sheetcrm.errors import ConfigError, MessageRefused
from sheetcrm.outbox.address import has_hidden_line, read_address, read_sender
from sheetcrm.plan import Mail, Message

_POLICY = policy.SMTP.clone(max_line_length=78)
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress")


def message_hash(message: Message) -> str:
    """32 hex digits that are the same for the same reason (key) and recipient, and for nothing else."""
    return blake2b(f"{message.key}\x1f{message.to}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def build_email(message: Message, sender: str, now: datetime) -> EmailMessage:
    """The mail with text and HTML, the same for the same message, sender and `now`, byte for byte.

    Its Message-ID comes from the key and the recipient: whoever gets it twice can tell. Raises MessageRefused where
    the recipient is not exactly one address, where the subject could forge a header, or where the mail does not read
    back as built; ConfigError for a bad `sender`.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware: the Date header names its zone")
    if message.mail is None:
        raise ValueError(f"the message {message.key!r} was not rendered")
    email = _filled(message, message.mail, _sender(sender), _recipient(message), now)
    _check_reads_back(email, message)
    return email


def email_bytes(email: EmailMessage) -> bytes:
    """The mail as it goes over the wire and into a file: lines end in CRLF."""
    return email.as_bytes(policy=_POLICY)


def _filled(message: Message, mail: Mail, sender: Address, to: Address, now: datetime) -> EmailMessage:
    if has_hidden_line(mail.subject):
        raise _refused(message, f"its subject {mail.subject!r} holds control characters or an encoded word")
    email = EmailMessage(policy=_POLICY)
    email["From"] = sender
    email["To"] = to
    email["Subject"] = mail.subject
    email["Date"] = now
    email["Message-ID"] = f"<{message_hash(message)}@{sender.domain}>"
    # Both say: do not answer with an out-of-office note (RFC 3834, and Exchange's own).
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "All"
    try:
        email.set_content(mail.text)
        email.add_alternative(mail.html, subtype="html")
        _add_pictures(email, mail)
    except UnicodeEncodeError as error:
        raise _refused(message, "its text holds half a character") from error
    # Python's own boundary is random; this one depends on the content, which therefore cannot contain it.
    email.set_boundary("=_" + blake2b(f"{mail.text}\x1f{mail.html}".encode(), digest_size=16).hexdigest())
    return email


def _add_pictures(email: EmailMessage, mail: Mail) -> None:
    """The pictures beside the HTML that shows them: mail programs drop pictures that are written into it."""
    html = email.get_payload()[1]  # type: ignore[index]
    for one in mail.pictures:
        png, name = b64decode(one.png), f"{one.name}.png"
        html.add_related(png, "image", "png", cid=f"<{one.name}>", disposition="inline", filename=name)  # type: ignore[union-attr]
    if mail.pictures:
        html.set_boundary("=_" + blake2b(f"{mail.html}\x1frelated".encode(), digest_size=16).hexdigest())  # type: ignore[union-attr]


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


def _check_reads_back(email: EmailMessage, message: Message) -> None:
    read = BytesParser(policy=policy.default).parsebytes(email_bytes(email))
    names = [name for name in read.keys() if name not in {"MIME-Version", "Content-Type"}]  # noqa: SIM118 -- a header repeats
    if names != list(_HEADERS) or read.defects:
        raise _refused(message, f"it reads back with the headers {', '.join(names)}")
    for name in _HEADERS:
        # Folding may move blanks, but nothing else.
        if "".join(str(read[name]).split()) != "".join(str(email[name]).split()):
            raise _refused(message, f"its {name} reads back as {str(read[name])!r}")


def _refused(message: Message, why: str) -> MessageRefused:
    return MessageRefused(
        f"The message {message.key!r} was not sent: {why}.",
        "Correct the cell or the template that it comes from, and run again.",
    )
