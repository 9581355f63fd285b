"""Messages and reports filled from templates, in the language of their context's `locale`.

A message of the template `digest` takes `digest.subject.txt.j2`, `digest.txt.j2` and `digest.html.j2`; without the last
one its text is put into plain HTML. A report page takes `<template>.html.j2`.

Each file is looked for in this order, here for German:

    overrides/de/   overrides/   folder/de/   folder/
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError

from sheetcrm.errors import ConfigError, TemplateMissing
from sheetcrm.plan import Mail, Message, Picture, Report
from sheetcrm.reports.sandbox import MOST_IN_A_PAGE, sandbox
from sheetcrm.reports.text_lines import one_line
from sheetcrm.reports.words import language_of

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LONGEST_SUBJECT = 180


def render_message(message: Message, folder: Path, overrides: Path | None = None) -> Message:
    """The message with its mail filled.

    Raises ConfigError where a template is broken, TemplateMissing where it is not there: file, line, remedy.

    Values of the context come as one line each, without control characters, so a cell can forge neither a header nor
    a further line of text; in HTML they are escaped.
    """
    name, context = message.template, message.context
    subject, text = (
        _fill(f"{name}{ending}", name, context, folder, overrides) for ending in (".subject.txt.j2", ".txt.j2")
    )
    mail = Mail(clean_subject(subject), text.strip() + "\n", "")
    html = _html(name, mail, context, folder, overrides)
    return replace(message, mail=replace(mail, html=_inlined(html), pictures=_pictures(context)))


def _html(name: str, mail: Mail, context: Mapping[str, Any], folder: Path, overrides: Path | None) -> str:
    """The HTML part: from its own template or, lacking that, the text as it stands, its lines kept."""
    file = f"{name}.html.j2"
    folders = _folders(folder, overrides, language_of(str(context.get("locale", "en"))))
    if any((one / file).is_file() for one in folders):
        return _fill(file, name, context, folder, overrides)
    paragraphs = [part.split("\n") for part in re.split(r"\n{2,}", mail.text.strip())]
    plain = {"title": mail.subject, "paragraphs": paragraphs, "locale": context.get("locale", "en")}
    return _fill("_plain.html.j2", name, plain, folder, overrides)


def render_report(report: Report, folder: Path, overrides: Path | None = None) -> Report:
    """The report with its page filled. Raises ConfigError as `render_message` does."""
    file = f"{report.template}.html.j2"
    return replace(report, html=_fill(file, report.template, report.context, folder, overrides, MOST_IN_A_PAGE))


def _inlined(html: str) -> str:
    """The mail with its style in each tag: several mail programs drop style sheets."""
    if "<style>" not in html:
        return html
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False).inline(html)


def _pictures(context: Mapping[str, Any]) -> tuple[Picture, ...]:
    """The charts of the context, drawn."""
    if not context.get("charts"):
        return ()
    from sheetcrm.reports.charts import draw

    return tuple(Picture(one["name"], b64encode(draw(one)).decode("ascii")) for one in context["charts"])


def clean_subject(text: str) -> str:
    """The text as a subject: one line, no control characters, no encoded word, at most 180 characters.

    A subject of `=?utf-8?q?Hi=0d=0aReply-To:…?=` becomes a header of its own in some mail programs and libraries.
    """
    subject = re.sub(r"=(?=\?)", "= ", one_line(text))
    return subject if len(subject) <= _LONGEST_SUBJECT else subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"


def _fill(
    file: str,
    name: str,
    context: Mapping[str, Any],
    folder: Path,
    overrides: Path | None,
    most: int = 0,
) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{one_line(name)!r} is no name of a template.", "Use letters, digits, - and _ only.")
    folders = _folders(folder, overrides, language_of(str(context.get("locale", "en"))))
    try:
        return sandbox(folders).fill(file, _plain(context), most)
    except TemplateNotFound as error:
        places = ", ".join(str(one) for one in folders)
        raise TemplateMissing(
            f"There is no template {error.name} (looked in {places}).",
            "Correct the template's name in the rule, or add the file to your templates folder.",
        ) from error
    # A template is a small program: whatever it raises, its writer has to correct it.
    except Exception as error:
        raise ConfigError(
            f"The template {_place(error, file)} cannot be filled: {one_line(str(error))}.",
            "Correct that line, or remove the file from your templates folder to get the built-in one back.",
        ) from error


def _folders(folder: Path, overrides: Path | None, language: str) -> tuple[Path, ...]:
    return tuple(place for top in (overrides, folder) if top is not None for place in (top / language, top))


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _place(error: Exception, file: str) -> str:
    """Where in the templates it went wrong, as `file, line 7`; the file alone where nothing tells the line."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or file}, line {error.lineno}"
    place, trace = file, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            place = f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
