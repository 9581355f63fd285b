"""Which certificates a mail server is known by: the system's, and those of a server of one's own."""

from __future__ import annotations

import ssl

from sheetcrm.errors import ConfigError


def trusting(ca_file: str) -> ssl.SSLContext:
    """A context that checks certificates and names; `ca_file` is trusted besides the system's. Raises ConfigError."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"The certificates {ca_file} cannot be read: {error}.", "Correct ca_file.") from error
    return context
