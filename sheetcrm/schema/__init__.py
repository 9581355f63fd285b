"""Tabs as tables: which tab and column is which, how human data is read, and what is wrong in it."""
