"""Demos: a card's text in, a computation with its steps and claims out."""
