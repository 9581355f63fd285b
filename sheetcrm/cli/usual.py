"""Groups of commands of which one may be left out: `report crm.xlsx` is `report write crm.xlsx`."""

from __future__ import annotations

import click


def usual_command(name: str) -> type[click.Group]:
    """A kind of group that takes what names none of its commands for arguments of the one of that name."""

    class WithUsual(click.Group):
        """The group."""

        def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
            """The arguments, the usual command's name put before them where they name none."""
            if args and args[0] not in self.commands and args[0] not in {"-h", "--help"}:
                args = [name, *args]
            return super().parse_args(ctx, args)

    return WithUsual
