"""What an incoming mail is: a bounce, an automatic answer, an opt-out, or an answer by a person. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b
from typing import Literal

from sheetcrm.schema.fields import normal

Kind = Literal["bounce", "delay", "automatic", "opt-out", "answer"]

_OURS = re.compile(r"<([0-9a-f]{32})@")
"""How our own Message-IDs begin."""
_MOST_TEXT = 200_000
_STATUS = re.compile(r"(?im)^(?:diagnostic-code|status):[ \t]*(?:smtp;)?[ \t]*(\S.{0,200})")
_DAEMONS = re.compile(r"(?i)(mailer-daemon|postmaster|mail-daemon|maildaemon|bounce|mdaemon|no-?reply)")
_RETURNED = re.compile(
    r"undeliver|un deliver|returned mail|delivery (?:status|fail|error|report|notification)|mail (?:delivery|system) "
    r"|failure notice|non ?deliver|delivery has failed|message not delivered|unzustellbar|nicht zugestellt|zustellung"
)
_NOT_DELIVERED = re.compile(
    r"(?i)\b(?:undeliverable|not (?:be )?delivered|not a valid (?:user|recipient|address)|no such (?:user|recipient)|"
    r"(?:user|recipient|mailbox) (?:unknown|not found)|unknown (?:user|recipient)|unzustellbar|nicht zugestellt)\b"
)
"""How mail servers say it that keep to no form."""
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MOST_NOTE = 1_500
"""Characters of a note of such a server; what follows may be the mail that it returns."""
_AUTOMATIC_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Reply",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_AUTOMATIC_SUBJECTS = (
    *("automatic reply", "auto reply", "autoreply", "out of office", "out of the office", "vacation", "away from"),
    *("automatische antwort", "abwesenheit", "abwesend", "ich bin im urlaub", "autoantwort", "reponse automatique"),
    *(
        "absence du bureau",
        "respuesta automatica",
        "fuera de la oficina",
        "risposta automatica",
        "automatisch antwoord",
    ),
)
_OPT_OUTS = frozenset(
    {
        *(
            "unsubscribe",
            "unsubscribe me",
            "please unsubscribe",
            "please unsubscribe me",
            "opt out",
            "stop",
            "remove me",
        ),
        *("please remove me", "remove", "abmelden", "bitte abmelden", "austragen", "bitte austragen", "abbestellen"),
        *("keine mails mehr", "keine weiteren mails", "bitte keine mails mehr", "bitte keine weiteren mails"),
    }
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail that came in. Addresses are in lower case; `at` is its date as ISO time, empty where it has none."""

    kind: Kind
    name: str
    """What tells it from every other: a digest of its Message-ID or, lacking one, of its head."""
    addresses: tuple[str, ...]
    """Of a bounce those that could not be reached, else who wrote it."""
    answers: tuple[str, ...]
    """The beginnings of those of our Message-IDs that it names."""
    at: str = ""
    subject: str = ""
    said: str = ""
    """Of a bounce what the server said."""


def read_incoming(content: bytes) -> Incoming:
    """What a mail is, however broken it may be: one that spoils the reader counts as automatic, from nobody."""
    try:
        return _read(content)
    # Anybody may send a mail, and an unreadable one must not keep the others from being read.
    except (ValueError, LookupError, MessageError, RecursionError):
        return Incoming("automatic", blake2b(content[:2000], digest_size=8).hexdigest(), (), ())


def _read(content: bytes) -> Incoming:
    mail = BytesParser(policy=policy.compat32).parsebytes(content)
    text = content[:_MOST_TEXT].decode("utf-8", "replace")
    kind, addresses, said = _kind(mail, text)
    identity = str(mail["Message-ID"] or "") or content[:2000].decode("latin-1")
    answers = dict.fromkeys(_OURS.findall(" ".join(str(mail[name] or "") for name in ("In-Reply-To", "References"))))
    if kind in {"bounce", "delay"}:
        answers |= dict.fromkeys(_OURS.findall(text))
    return Incoming(
        kind,
        blake2b(identity.encode("utf-8", "replace"), digest_size=8).hexdigest(),
        addresses,
        tuple(answers),
        _date(mail),
        _decoded(mail, "Subject")[:200],
        said,
    )


def _kind(mail: Message, whole: str) -> tuple[Kind, tuple[str, ...], str]:
    if _is_from_daemon(mail):
        delayed, failed = _recipients(mail)
        if failed or (not delayed and mail.get_content_type() == "multipart/report" and _is_delivery_report(mail)):
            found = _STATUS.findall(whole)
            said = max(found, key=len, default="")
            return "bounce", failed, " ".join(said.split())
        if delayed:
            return "delay", delayed, ""
    senders = tuple(address.casefold() for _, address in getaddresses([str(mail["From"] or "")]) if "@" in address)
    if _is_automatic(mail):
        return "automatic", senders, ""
    return "opt-out" if _is_opt_out(mail) else "answer", senders, ""


def _is_from_daemon(mail: Message) -> bool:
    """Whether a mail system may have written it: a person may quote a bounce in an answer."""
    if mail.get_content_type() == "multipart/report" or str(mail["Return-Path"] or "").strip() == "<>":
        return True
    if _DAEMONS.search(str(mail["From"] or "")) or mail["X-Failed-Recipients"]:
        return True
    return _RETURNED.match(normal(_decoded(mail, "Subject"))) is not None


def _is_delivery_report(mail: Message) -> bool:
    return str(mail.get_param("report-type") or "delivery-status").casefold() == "delivery-status"


def _recipients(mail: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those whom the mail reaches late, and those whom it never will."""
    from flufl.bounce import all_failures

    try:
        delayed, failed = all_failures(mail)
    # A mail that spoils the reader is none that it knows.
    except Exception:  # noqa: BLE001
        delayed = failed = frozenset()
    if delayed or failed:
        return _texts(delayed - failed), _texts(failed)
    return (), _named_in_note(mail)


def _named_in_note(mail: Message) -> tuple[str, ...]:
    """The addresses in the words of a mail server that says in a form of its own that it could not deliver."""
    is_note = mail.get_content_type() != "multipart/report" and not _is_away(mail)
    note = _plain_text(mail)[:_MOST_NOTE] if is_note else ""
    if not _NOT_DELIVERED.search(note):
        return ()
    ours = {address.casefold() for _, address in getaddresses([str(mail["To"] or ""), str(mail["From"] or "")])}
    return tuple(sorted({one.casefold() for one in _ADDRESS.findall(note)} - ours))


def _texts(addresses: frozenset[bytes]) -> tuple[str, ...]:
    return tuple(sorted(one.decode("utf-8", "replace").strip("<> ").casefold() for one in addresses))


def _is_automatic(mail: Message) -> bool:
    """Whether a program answered (RFC 3834, and what others do)."""
    said = str(mail["Auto-Submitted"] or "no").split(";")[0].strip().casefold()
    if said != "no" or any(mail[name] is not None for name in _AUTOMATIC_HEADERS):
        return True
    if str(mail["Precedence"] or "").strip().casefold() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    return _is_away(mail) or mail.get_content_type() == "multipart/report"


def _is_away(mail: Message) -> bool:
    """Whether the subject is that of a note of absence."""
    subject = _decoded(mail, "Subject")
    return subject.startswith("AUTO:") or normal(subject).startswith(_AUTOMATIC_SUBJECTS)


def _is_opt_out(mail: Message) -> bool:
    """Whether the subject, or the first line that is no quotation, asks for no more mails and for nothing else."""
    subject = re.sub(r"^(?:(?:re|aw|antwort|fwd?|wg) )+", "", normal(_decoded(mail, "Subject")))
    return subject in _OPT_OUTS or normal(_first_line(mail)) in _OPT_OUTS


def _first_line(mail: Message) -> str:
    for line in _plain_text(mail).splitlines():
        if line.strip():
            return "" if line.startswith(">") else line
    return ""


def _plain_text(mail: Message) -> str:
    """The first part of text; HTML without its tags where there is no other."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    plain = next((part for part in parts if part.get_content_subtype() == "plain"), None)
    if plain is not None:
        return _payload(plain)
    html = _payload(parts[0])[:_MOST_TEXT] if parts else ""
    html = re.sub(r"(?is)<(style|script|head)\b[^>]{0,500}>.{0,50000}?</\1>", " ", html)
    return re.sub(r"<[^<>]{0,2000}>", "\n", html)


def _payload(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content[:_MOST_TEXT].decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return content[:_MOST_TEXT].decode("latin-1")


def _decoded(mail: Message, name: str) -> str:
    raw = str(mail[name] or "")
    try:
        text = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, HeaderParseError):
        text = raw
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _date(mail: Message) -> str:
    try:
        moment = parsedate_to_datetime(str(mail["Date"]))
    except (ValueError, TypeError, OverflowError):
        return ""
    return moment.isoformat() if moment.tzinfo is not None else moment.replace(tzinfo=UTC).isoformat()
