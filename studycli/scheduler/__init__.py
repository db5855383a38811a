"""When a card comes back: pure functions."""
