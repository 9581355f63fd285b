"""When work is due: times of day in any zone, what was missed, and a ledger by which each slot is worked off once."""
