"""Quantities: what the engine computes from a few given numbers, for decks to state and cards to ask."""
