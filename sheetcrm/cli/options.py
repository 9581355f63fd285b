"""The arguments and options that several commands have."""

from __future__ import annotations

import click

VERBOSE = "sheetcrm.verbose"


def _remember(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    ctx.meta[VERBOSE] = value


book_argument = click.argument("book", metavar="BOOK")
config_option = click.option(
    "--config", default="", metavar="FILE", help="Settings, instead of sheetcrm.toml beside BOOK."
)
as_of_option = click.option(
    "--as-of", default="", metavar="DAY", help="Rehearse another day: 2026-03-31 or 2026-03-31T14:00."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
all_option = click.option("--all", "everything", is_flag=True, help="Every line, however many.")
adopt_option = click.option("--adopt", is_flag=True, help="This copy is the original now: let it mail.")
large_option = click.option("--allow-large", is_flag=True, help="Apply a plan that the guard would stop.")
recalculate_option = click.option(
    "--recalculate", is_flag=True, help="Let LibreOffice calculate what depends on changed cells; it saves nothing."
)
verbose_option = click.option(
    "--verbose", is_flag=True, expose_value=False, callback=_remember, help="Also say what Google was asked."
)
