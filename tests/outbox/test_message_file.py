"""What a mail may carry in its headers, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.errors import ConfigError, MessageRefused
from sheetcrm.outbox.message_file import build_mail
from sheetcrm.plan import Mail, Message

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))
SENDER = "Sales desk <sales@example.com>"
MAIL = Mail("Acme: 3 days overdue", "Call Ann.\n", "<p>Call Ann.</p>")
MESSAGE = Message("overdue/L-1/due 2026-02-27", "dan@example.com", "digest", {}, "rule North", "reminders", mail=MAIL)


def read(message=MESSAGE, sender=SENDER):
    return BytesParser(policy=policy.default).parsebytes(build_mail(message, sender, NOW).content)


def with_subject(subject):
    return replace(MESSAGE, mail=replace(MAIL, subject=subject))


def test_a_mail_says_from_whom_to_whom_when_and_that_a_program_wrote_it():
    mail = read()
    assert [str(mail[name]) for name in ("From", "To", "Subject", "Date", "Auto-Submitted")] == [
        "Sales desk <sales@example.com>",
        "dan@example.com",
        "Acme: 3 days overdue",
        "Mon, 02 Mar 2026 08:30:00 +0100",
        "auto-generated",
    ]


def test_a_mail_holds_the_text_first_and_the_html_as_its_better_form():
    mail = read(replace(MESSAGE, mail=Mail("Ünïcode", "Grüße, 10 €\n", "<p>Grüße, 10 €</p>")))
    assert mail.get_content_type() == "multipart/alternative"
    assert [(part.get_content_type(), part.get_content().strip()) for part in mail.iter_parts()] == [
        ("text/plain", "Grüße, 10 €"),
        ("text/html", "<p>Grüße, 10 €</p>"),
    ]


def test_the_same_message_at_the_same_time_is_the_same_file_byte_for_byte():
    assert build_mail(MESSAGE, SENDER, NOW) == build_mail(MESSAGE, SENDER, NOW)


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"mail": Mail("Other", "words", "<p>")}, True),
        ({"key": "overdue/L-2"}, False),
        ({"to": "ben@example.com"}, False),
    ],
)
def test_the_message_id_names_reason_and_recipient_and_nothing_else(change, is_same):
    one, other = read(), read(replace(MESSAGE, **change))
    assert (one["Message-ID"] == other["Message-ID"]) is is_same


@pytest.mark.parametrize(
    "subject",
    [
        "Hi\r\nReply-To: evil@example.net",
        "Hi\nBcc: evil@example.net",
        "Hi\x00",
        "Hi\x0bthere",
        "Hi\u2028Reply-To: evil@example.net",
        "Hi\x85there",
        "=?utf-8?q?Hi=0d=0aReply-To:_evil@example.net?=",
        "Half a \ud83d character",
    ],
)
def test_a_subject_that_could_forge_a_header_is_refused(subject):
    with pytest.raises(MessageRefused, match="subject"):
        build_mail(with_subject(subject), SENDER, NOW)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "dan",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\u2028",
        "Dan <dan@example.com>",
        "a@b@example.com",
        "a@example..com",
        "a@-example.com",
        '"a, b"@example.com',
        "=?utf-8?q?a?=@example.com",
        "group: a@example.com;",
        "ä@example.com",
        "a@" + "b" * 254,
    ],
)
def test_a_recipient_that_is_not_exactly_one_plain_address_is_refused(to):
    with pytest.raises(MessageRefused, match="recipient"):
        build_mail(replace(MESSAGE, to=to), SENDER, NOW)


def test_a_domain_with_umlauts_goes_to_its_own_mailbox_and_not_to_a_lookalike():
    assert str(read(replace(MESSAGE, to="ann@faß.de"))["To"]) == "ann@xn--fa-hia.de"


@pytest.mark.parametrize("to", ["o'neil+crm@mail.example.co.uk", "dan@office.local", "dan@localhost"])
def test_ordinary_odd_addresses_are_taken(to):
    assert str(read(replace(MESSAGE, to=to))["To"]) == to


@pytest.mark.parametrize("sender", ["", "sales", "Sales\n<sales@example.com>", "a@example.com, b@example.com"])
def test_a_bad_sender_is_a_setting_to_correct(sender):
    with pytest.raises(ConfigError, match="sender"):
        build_mail(MESSAGE, sender, NOW)


def test_half_a_character_in_the_text_is_refused():
    with pytest.raises(MessageRefused, match="half a character"):
        build_mail(replace(MESSAGE, mail=Mail("Hi", "\ud83d", "<p>")), SENDER, NOW)


def test_a_time_without_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="aware"):
        build_mail(MESSAGE, SENDER, NOW.replace(tzinfo=None))


def test_a_message_that_was_not_rendered_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="not rendered"):
        build_mail(replace(MESSAGE, mail=None), SENDER, NOW)


@given(subject=st.text(max_size=200), text=st.text(max_size=200))
def test_whatever_the_cells_say_a_mail_has_its_own_headers_or_is_refused(subject, text):
    message = replace(MESSAGE, mail=Mail(subject, text, f"<p>{text}</p>"))
    try:
        mail_built = build_mail(message, SENDER, NOW.astimezone(UTC))
    except MessageRefused:
        return
    mail = BytesParser(policy=policy.default).parsebytes(mail_built.content)
    assert len(mail.keys()) == 9
    assert str(mail["To"]) == "dan@example.com"
    assert str(mail["Subject"]).split() == subject.split()
    assert len(list(mail.iter_parts())) == 2


def test_a_calendar_entry_goes_along_as_programs_for_calendars_read_it():
    import icalendar

    plain = {"day": "2026-03-06", "summary": "Bäckerei Müller: call, ask; confirm\nBEGIN:VEVENT"}
    mail = read(replace(MESSAGE, context={"invitation": plain}))
    part = list(mail.iter_parts())[-1]
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "REQUEST")
    (event,) = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert (str(event["dtstart"].dt), str(event["summary"])) == ("2026-03-06", plain["summary"])
    assert str(event["attendee"]) == "mailto:dan@example.com"
    again = read(replace(MESSAGE, context={"invitation": plain}))
    assert again.as_bytes() == mail.as_bytes()
