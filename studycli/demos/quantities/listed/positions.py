"""Positions: the quantities of position encodings, and of how far apart tokens are, as listed."""

from __future__ import annotations

from studycli.demos.quantities.listed.slots import integer, number, numbers, switch, word
from studycli.demos.quantities.quantity import Quantity

_AT = "studycli.demos.quantities.positions"
_PATHS = "studycli.demos.quantities.paths"
_FAR = 10**9
_POSITION = integer("position", "where the token stands, from 0", low=0, high=_FAR)
_PAIR = integer("pair", "which pair of numbers, from 0", low=0, high=2048)
_BASE = number("base", "the base of the frequencies", 10_000, low=1, high=1e12)
_HEAD = integer("head", "which head, from 1", high=64)
_HEADS = integer("n_heads", "heads", high=64)
KINDS = ("recurrent", "attention", "convolution", "dilated-convolution", "window")

LISTED = (
    Quantity(
        "sinusoid",
        "one number of a sinusoidal position encoding",
        f"{_AT}:sinusoid",
        (
            _POSITION,
            integer("index", "which number of the encoding, from 0", low=0, high=4095),
            integer("d_model", "numbers in the encoding", low=2, high=4096),
        ),
    ),
    Quantity(
        "sinusoids",
        "a sinusoidal position encoding",
        f"{_AT}:sinusoids",
        (_POSITION, integer("d_model", "numbers in the encoding", low=2, high=64)),
    ),
    Quantity(
        "sinusoid-similarity",
        "the dot product of two sinusoidal position encodings",
        f"{_AT}:sinusoid_similarity",
        (
            _POSITION,
            integer("other", "where the other token stands, from 0", low=0, high=_FAR),
            integer("d_model", "numbers in an encoding", low=2, high=4096),
        ),
    ),
    Quantity(
        "wavelength",
        "the positions after which a pair of a sinusoidal or rotary encoding repeats itself",
        f"{_AT}:wavelength",
        (_PAIR, integer("d_model", "numbers in the encoding, or in a head", low=2, high=4096), _BASE),
        "positions",
    ),
    Quantity(
        "rotary-angle",
        "the angle that a rotary encoding turns a pair by, in radians unless degrees are asked for",
        f"{_AT}:rotary_angle",
        (
            _POSITION,
            _PAIR,
            integer("d_head", "numbers in a head", low=2, high=4096),
            _BASE,
            switch("degrees", "whether it is given in degrees"),
        ),
    ),
    Quantity(
        "rotated",
        "a vector turned by the rotary encoding, neighbors as pairs",
        f"{_AT}:rotated",
        (numbers("vector", "an even number of numbers"), _POSITION, _BASE),
    ),
    Quantity(
        "rotary-score",
        "the dot product of a query and a key turned by the rotary encoding, neighbors as pairs",
        f"{_AT}:rotary_score",
        (
            numbers("query", "an even number of numbers"),
            numbers("key", "as many"),
            integer("query_position", "where the query stands", low=0, high=_FAR),
            integer("key_position", "where the key stands", low=0, high=_FAR),
            _BASE,
        ),
    ),
    Quantity("alibi-slope", "the slope of a head with ALiBi", f"{_AT}:alibi_slope", (_HEAD, _HEADS)),
    Quantity("alibi-slopes", "the slopes of all heads with ALiBi", f"{_AT}:alibi_slopes", (_HEADS,)),
    Quantity(
        "alibi-penalty",
        "what ALiBi takes off a score",
        f"{_AT}:alibi_penalty",
        (_HEAD, _HEADS, integer("distance", "positions between query and key", low=0, high=_FAR)),
    ),
    Quantity(
        "relative-bucket",
        "the bucket of an offset with relative position biases",
        f"{_AT}:relative_bucket",
        (
            integer("offset", "the key's position minus the query's", low=-_FAR, high=_FAR),
            integer("buckets", "buckets in all", 32, low=4, high=4096),
            integer("max_distance", "from where on all share the last bucket", 128, low=3, high=10**6),
            switch("bidirectional", "whether keys to the right have buckets of their own", default=True),
        ),
    ),
    Quantity(
        "path-length",
        "the steps or layers that a signal passes from the first token to the last",
        f"{_PATHS}:path_length",
        (
            word("kind", "what carries it", KINDS),
            integer("tokens", "tokens", high=_FAR),
            integer("width", "tokens that a convolution sees; keys to each side of a window", 3, high=_FAR),
        ),
    ),
    Quantity(
        "sequential-steps",
        "the steps of a layer that have to wait for one another when a whole sequence is read",
        f"{_PATHS}:sequential_steps",
        (word("kind", "the kind of layer", KINDS), integer("tokens", "tokens", high=_FAR)),
        "steps",
    ),
)
