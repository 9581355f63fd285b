"""Rule types, as the settings hold them: how to match, assign, remind, escalate and sum up."""
