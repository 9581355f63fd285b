"""Fakes that we ship, for our own tests and for those of others who talk to the same services."""
