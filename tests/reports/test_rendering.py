"""Templates become mails and pages: harmless whatever the cells say, and clear about what is wrong in a template."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.errors import ConfigError
from sheetcrm.plan import Message
from sheetcrm.reports.rendering import clean_subject, render_message
from sheetcrm.reports.text_lines import one_line

ROW = {
    "key": "L-1",
    "company": "Acme",
    "name": "Ann Lee",
    "what": "6 days overdue: call back",
    "due": "12 Mar 2026",
    "cell": "K12",
    "amount": "€1,000",
}
EVIL = '<script>alert("x")</script>'


def digest(locale="en", **row):
    rows = [{**ROW, **row}]
    return {
        "locale": locale,
        "person": {"name": "Dan", "email": "dan@example.com"},
        "day": "2026-03-18",
        "day_shown": "Wednesday, 18 March 2026",
        "workbook": "customers.xlsx",
        "count": 1,
        "sections": [{"title": "Overdue", "rows": rows}],
    }


def message(template="digest", **context):
    return Message("k", "dan@example.com", template, context or digest(), "rule", "reminders")


@pytest.fixture
def context_of():
    """The context of each mail, in a language."""

    def context(template, locale):
        if template == "lead_reminder":
            return {**{k: v for k, v in digest(locale).items() if k != "sections"}, "row": ROW, "what": ROW["what"]}
        return digest(locale, owner="Dan")

    return context


@pytest.mark.parametrize("locale", ["en", "de_DE"])
@pytest.mark.parametrize("template", ["digest", "lead_reminder", "escalation"])
def test_every_mail_has_subject_text_and_html_in_both_languages(template, locale, context_of, templates):
    mail = render_message(message(template, **context_of(template, locale)), templates).mail
    assert f'<html lang="{locale[:2]}">' in mail.html
    assert mail.subject
    assert "\n" not in mail.subject
    assert "customers.xlsx" in mail.text


@pytest.mark.parametrize("locale", ["en", "de_DE"])
@pytest.mark.parametrize("template", ["digest", "lead_reminder", "escalation"])
def test_mails_load_nothing_and_declare_light_colours_only(template, locale, context_of, templates):
    html = render_message(message(template, **context_of(template, locale)), templates).mail.html
    assert not re.search(r"<(img|svg|script|link|style|iframe)|url\(|data:|src=", html, re.IGNORECASE)
    assert '<meta name="color-scheme" content="light">' in html


def test_a_digest_says_who_what_and_where(templates):
    mail = render_message(message(), templates).mail
    assert mail.subject == "One follow-up for Wednesday, 18 March 2026"
    assert (
        mail.text
        == """\
One lead needs you today
Wednesday, 18 March 2026

Overdue (1)

- Acme, €1,000
  6 days overdue: call back
  Ann Lee · K12

--
For Dan, from customers.xlsx. Each reason is mailed once; change the next step or its date in the workbook and \
the reminder is settled.
"""
    )


def test_a_digest_in_german_says_it_in_german(templates):
    mail = render_message(message(**digest("de_DE")), templates).mail
    assert mail.subject == "Eine Wiedervorlage für Wednesday, 18 March 2026"
    assert "Ein Kontakt wartet heute auf Sie" in mail.html


class Tags(HTMLParser):
    """The tags of a page that are not ours to have."""

    def __init__(self):
        super().__init__()
        self.names = []

    def handle_starttag(self, tag, attrs):
        self.names += [tag, *(name for name, _ in attrs if name.startswith("on"))]


@pytest.mark.parametrize("field", ["key", "company", "name", "what", "due", "cell", "amount"])
@pytest.mark.parametrize("text", [EVIL, '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "</table>"])
def test_a_cell_is_text_in_html_whatever_it_holds(field, text, templates):
    tags, plain = Tags(), Tags()
    tags.feed(render_message(message(**digest(**{field: text})), templates).mail.html)
    plain.feed(render_message(message(), templates).mail.html)
    assert tags.names == plain.names


def test_a_link_of_another_kind_than_the_web_makes_no_button(templates):
    shown = [
        "Open the workbook" in render_message(message(**digest(), link=link), templates).mail.html
        for link in ("https://docs.example.com/d/1", "javascript:alert(1)", "")
    ]
    assert shown == [True, False, False]


@given(st.text())
def test_a_subject_is_one_line_without_control_characters_or_encoded_words(text):
    subject = clean_subject(text)
    assert "=?" not in subject
    assert subject.splitlines() in ([], [subject])
    assert subject.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", subject)
    assert len(subject) <= 180


def test_a_forged_header_in_a_cell_becomes_plain_words(templates):
    forged = "=?utf-8?q?Hi=0d=0aReply-To:_evil@example.net?=\r\nBcc: x@example.net"
    context = {**digest(), "row": {**ROW, "company": forged}, "what": "late"}
    mail = render_message(message("lead_reminder", **context), templates).mail
    assert mail.subject == "= ?utf-8?q?Hi=0d=0aReply-To:_evil@example.net?= Bcc: x@example.net: late"


def test_one_line_keeps_no_break_spaces_and_drops_what_turns_text_around():
    assert one_line(" 1\xa0€ \u202eeno\u2028two\tthree\x00 ") == "1\xa0€ eno two three"


def test_templates_of_ones_own_win_and_what_they_lack_is_taken_from_ours(templates, tmp_path):
    (tmp_path / "digest.words.j2").write_text(
        (templates / "digest.words.j2").read_text().replace("One lead needs you", "Dear colleague, one lead waits")
    )
    mail = render_message(message(), templates, tmp_path).mail
    assert "Dear colleague, one lead waits today" in mail.html


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("fine\n{% if %}", "line 2"),
        ("fine\n\n{{ persn.name }}", "line 3.*'persn' is undefined"),
        ("{{ person.nme }}", "line 1.*no attribute 'nme'"),
        ("{{ 1 / 0 }}", "line 1.*division by zero"),
        ("{{ ''.__class__.__mro__ }}", "line 1.*unsafe"),
        ("{% include 'other.j2' %}", "no template other.j2"),
        ("{% include '../../secret.txt' %}", "no template"),
        ("{{ 'x' * 10 ** 9 }}", "line 1.*only for numbers"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "line 1.*steps"),
        ("{% for a in range(90000) %}0123456789012345678901234567890{% endfor %}", "2,000,000"),
    ],
)
def test_a_broken_template_is_named_with_its_line_and_the_way_out(template, complaint, templates, tmp_path):
    (tmp_path / "digest.txt.j2").write_text(template)
    with pytest.raises(ConfigError, match=re.compile(complaint, re.DOTALL)) as caught:
        render_message(message(), templates, tmp_path)
    assert "digest.txt.j2" in str(caught.value) or "no template" in str(caught.value)
    assert "templates folder" in caught.value.remedy


@pytest.mark.parametrize("name", ["../secret", "", "a b", "x\ny"])
def test_a_templates_name_cannot_leave_its_folder(name, templates):
    with pytest.raises(ConfigError, match="name of a template"):
        render_message(message(name), templates)


def test_the_same_message_gives_the_same_mail(templates):
    assert render_message(message(), templates) == render_message(message(), templates)
