"""Computed cards: numbers drawn anew for each review, and an answer that the engine computes from them."""
