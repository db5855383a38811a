"""Claims of cards: what a `Claims` field names, and whether it holds."""
