"""E-mail addresses as a header may hold them: exactly one, nothing hidden in it."""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address

_BARE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
# Not email.utils.parseaddr: until Python 3.11.10 it takes the first of several addresses and says nothing.
_NAMED = re.compile(r"\s*\"?(?P<name>[^\"<>]*?)\"?\s*<(?P<bare>[^<>]*)>\s*")


def has_hidden_line(text: str) -> bool:
    """Whether the text could become a header of its own: a control character, a line end, an encoded word."""
    return "=?" in text or any(unicodedata.category(one) in {"Cc", "Zl", "Zp", "Cs"} for one in text)


def read_address(text: str) -> Address:
    """The one bare address that the text is; a domain of other scripts in its ASCII form. Raises ValueError."""
    if has_hidden_line(text):
        raise ValueError("it holds control characters or an encoded word")
    if _BARE.fullmatch(text):
        local, _, domain = text.rpartition("@")
        return Address(username=local, domain=domain)
    if text.isascii():
        raise ValueError("it is not one plain address such as name@example.com")
    return _read_international(text)


def read_sender(text: str) -> Address:
    """The address of a sender, with or without a name: `Sales <sales@example.com>`. Raises ValueError."""
    if has_hidden_line(text):
        raise ValueError("it holds control characters or an encoded word")
    named = _NAMED.fullmatch(text)
    address = read_address(named["bare"] if named else text)
    return Address(display_name=named["name"] if named else "", username=address.username, domain=address.domain)


def _read_international(text: str) -> Address:
    from email_validator import EmailNotValidError, validate_email

    # Python's own idna codec turns faß.de into fass.de: somebody else's mailbox.
    try:
        bare = validate_email(text, check_deliverability=False).ascii_email
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if bare is None:
        raise ValueError("the part before the @ needs plain letters")
    return read_address(bare)
