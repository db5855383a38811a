"""Model values drawn for a terminal with Rich."""
