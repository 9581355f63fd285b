"""Mails that came in: what each of them is, read from an IMAP folder or a maildir. Nothing there is changed."""
