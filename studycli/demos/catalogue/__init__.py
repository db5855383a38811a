"""The catalogue: every demo, in the order of the pipeline from text to system."""

from __future__ import annotations

from studycli.demos.catalogue.attention import ATTENTION
from studycli.demos.catalogue.block import BLOCK
from studycli.demos.catalogue.efficiency import EFFICIENCY
from studycli.demos.catalogue.families import FAMILIES
from studycli.demos.catalogue.generation import GENERATION
from studycli.demos.catalogue.systems import SYSTEMS
from studycli.demos.catalogue.text import TEXT
from studycli.demos.demo import Demo

GROUPS: dict[str, tuple[Demo, ...]] = {
    "From text to vectors": TEXT,
    "Attention": ATTENTION,
    "Around attention": BLOCK,
    "The three families": FAMILIES,
    "Writing text": GENERATION,
    "Length, size and cost": EFFICIENCY,
    "Systems": SYSTEMS,
}

ALL: tuple[Demo, ...] = tuple(demo for group in GROUPS.values() for demo in group)
