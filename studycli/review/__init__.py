"""A review as a state machine, with no UI in it."""
