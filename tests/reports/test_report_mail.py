"""The owner's mail and page: all that the figures tell, harmless whatever the cells say, small enough for a phone."""

import re
from base64 import b64decode
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest
from drawn_tables import grid
from made_past import at, example, read_on

from sheetcrm.jobs import summary
from sheetcrm.outbox.message_file import build_mail
from sheetcrm.reports.rendering import render_message, render_report
from sheetcrm.rules.settings import Rules, SummaryRule

EVIL = '<script>alert("x")</script>'
TEAM = grid("Team", "Name|Email|Role\nGus Owen|gus@house.io|Owner\nDan Kent|dan@house.io|Sales")
BEFORE = """
Lead ID | Company | Status    | Owner    | Amount | Next Step Due | Expected Close | Created     | Closed
L-1     | Acme    | New       | Dan Kent | 1000   | @2026-02-27   | @2026-03-10    | @2026-01-10 |
L-2     | Bolt    | Contacted | Dan Kent | 2500   |               | @2026-03-20    | @2026-01-10 |
L-3     | Cord    | Proposal  |          | 700.50 | @2026-03-01   | @2026-03-05    | @2026-01-10 |
L-4     | Dove    | Proposal  | Dan Kent | 40     |               |                | @2026-01-10 |
"""
NOW = """
Lead ID | Company | Status    | Owner    | Amount | Next Step Due | Expected Close | Created     | Closed
L-1     | Acme    | Proposal  | Dan Kent | 1000   | @2026-02-27   | @2026-04-10    | @2026-01-10 |
L-2     | Bolt    | Won       | Dan Kent | 2500   |               | @2026-03-20    | @2026-01-10 | @2026-02-26
L-3     | Cord    | Lost      |          | 700.50 | @2026-03-01   | @2026-03-05    | @2026-01-10 | @2026-02-27
L-5     | EVIL    | New       | Dan Kent | 300    | @2026-02-20   |                | @2026-02-25 |
""".replace("EVIL", EVIL)


def snapshot(locale="en"):
    readings = [("2026-02-23", [grid("Leads", BEFORE), TEAM]), ("2026-03-02", [grid("Leads", NOW), TEAM])]
    return read_on(readings, locale=locale)


def mail(seen, templates, **rule):
    (message,) = summary.plan(seen, Rules(summary=SummaryRule(**rule))).messages
    return render_message(message, templates)


@pytest.fixture(scope="module")
def english(templates):
    return mail(snapshot(), templates)


def test_the_text_part_tells_everything_worth_reading(english):
    assert english.mail.subject.endswith("Mar 2026: €1.3k open, 2 late")
    lines = english.mail.text.splitlines()
    assert lines[0].startswith("Weekly pipeline, 23 Feb")
    assert lines[1] == "You won €2.5k in one deal. Two follow-ups are late; Acme is the largest."
    for line in (
        "Open pipeline: €1.3k, ▼ €2.9k (2 leads)",
        "Won: €2.5k, ▲ €2.5k (1 deal, €0 the week before)",
        "Overdue: 2, ▲ 2 (and 1 stalled)",
        "- Acme, €1,000: 3 days overdue (Dan Kent, Proposal, Leads!F2)",
        "Won: 1 · €2,500",
        "- Bolt, €2,500 (26 Feb 2026, Dan Kent)",
        "- Acme, €1,000: New → Proposal (Dan Kent)",
        "- Acme, €1,000: 10 Mar 2026 → 10 Apr 2026 (Dan Kent)",
        "- Dove, €40 (Dan Kent)",
        "Data quality: 100 of 100",
    ):
        assert line in lines


def test_a_cell_is_text_whatever_it_holds(english, templates):
    assert EVIL not in english.mail.html
    assert "&lt;script&gt;" in english.mail.html
    (report,) = summary.plan(snapshot(), Rules()).reports
    html = render_report(report, templates).html
    assert EVIL not in html
    assert html.count("<script>") == 1


def test_the_mail_shows_its_pictures_from_within_and_loads_nothing(english):
    shown = re.findall(r'src="([^"]*)"', english.mail.html)
    assert shown == [f"cid:{one.name}" for one in english.mail.pictures]
    assert all(b64decode(one.png).startswith(b"\x89PNG") for one in english.mail.pictures)
    assert not re.search(r"<(svg|script|link|style|iframe)|url\(|data:", english.mail.html, re.IGNORECASE)
    assert all(re.search(r'alt="[^"]{20,}"', one) for one in re.findall(r"<img[^>]*>", english.mail.html))


def test_the_mail_reads_back_with_its_pictures_and_is_the_same_each_time(english, templates):
    once, again = (
        build_mail(one, "crm@house.io", at("2026-03-02")).content for one in (english, mail(snapshot(), templates))
    )
    assert once == again
    read = BytesParser(policy=policy.default).parsebytes(once)
    kinds = [part.get_content_type() for part in read.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png"]
    assert not [defect for part in read.walk() for defect in part.defects]


def test_the_mail_of_the_example_weighs_less_than_100_kb(templates):
    message = mail(example("wholesaler.xlsx"), templates, to=["gus@house.io"])
    assert len(build_mail(message, "crm@house.io", at("2026-03-02")).content) < 100_000


class Lint(HTMLParser):
    """What mail programs stumble over."""

    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attrs):
        style = dict(attrs).get("style") or ""
        if re.search(r"(display:\s*(flex|grid)|position:|float:|var\(|calc\(|@media|background-image)", style):
            self.found.append(f"{tag}: {style}")
        if any(name.startswith("on") for name, _ in attrs) or tag in {"form", "video", "object", "embed", "input"}:
            self.found.append(tag)
        if tag == "img" and not {"alt", "width", "src"} <= {name for name, _ in attrs}:
            self.found.append("img lacks alt, width or src")
        if tag not in {"img", "meta", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.found.append(f"</{tag}> closes nothing")


def test_the_mail_passes_the_lint_of_html_mails(english):
    lint = Lint()
    lint.feed(english.mail.html)
    assert (lint.found, lint.open) == ([], [])
    assert '<meta name="color-scheme" content="light">' in english.mail.html
    assert re.search(r'<html lang="en"', english.mail.html)


def test_the_mail_in_german_says_all_of_it_in_german(templates):
    german = mail(snapshot("de_DE"), templates).mail
    assert german.text.splitlines()[1].replace("\xa0", " ").startswith("Gewonnen: 2.500 € mit einem Auftrag.")
    for english_word in ("Open", "Won", "Needs you", "Lost", "overdue", "Weighted", "of 100"):
        assert english_word not in german.text
    assert '<html lang="de"' in german.html


def test_each_line_links_to_its_cell_where_the_workbook_has_an_address(templates):
    html = mail(snapshot(), templates, link="https://sheets.example/d/1#{tab}!{cell}").mail.html
    assert '<a href="https://sheets.example/d/1#Leads!F2"' in html
    assert "javascript" not in mail(snapshot(), templates, link="javascript:alert(1)").mail.html


def test_a_workbook_without_past_says_from_when_on_moves_are_known(templates):
    text = mail(read_on([("2026-03-02", [grid("Leads", NOW), TEAM])]), templates).mail.text
    assert "the history begins on 2 Mar 2026" in text
    assert "▲" not in text.split("Won:")[0]


def test_an_empty_table_makes_a_report_all_the_same(templates):
    text = mail(read_on([("2026-03-02", [grid("Leads", "Lead ID|Company|Status"), TEAM])]), templates).mail.text
    assert "Nothing was won. No follow-up is late." in text
