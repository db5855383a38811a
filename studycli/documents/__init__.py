"""Markdown in, model values out."""
