"""Mails on their way: which may go now, which wait and until when, and each carried out once."""
