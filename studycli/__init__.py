"""studycli: study transformers in the terminal, beside an engine that computes what the cards claim."""

__version__ = "0.1.0"
