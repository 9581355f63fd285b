"""A CRM around the spreadsheet a small business already has."""

__version__ = "0.1.0"
