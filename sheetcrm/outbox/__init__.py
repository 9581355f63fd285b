"""Where mails go out: a folder of .eml files. Knows messages and folders, nothing of leads or plans."""

from sheetcrm.outbox.protocol import Outbox, Receipt

__all__ = ["Outbox", "Receipt"]
