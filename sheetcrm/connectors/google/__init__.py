"""Google Sheets as the system of record, with gspread."""
