"""Families: the demos of the three architectures."""

from __future__ import annotations

from studycli.demos.demo import Demo

FAMILIES = (
    Demo(
        name="architectures",
        title="Three architectures, three tasks",
        summary="An encoder tells urgency, a decoder completes, an encoder-decoder translates: run live, and why each.",
        target="studycli.demos.architectures:architectures",
        concepts=(
            "architecture selection",
            "architecture variant",
            "architecture variants",
            "model family",
            "encoder-only model",
            "decoder-only model",
            "encoder-decoder model",
            "encoder",
            "decoder",
            "next-token prediction",
        ),
        claims=(
            "encoder-sees-later-tokens",
            "decoder-sees-no-later-token",
            "cross-pattern-shape",
            "encoder-on-unseen-tickets",
            "decoder-on-unseen-expressions",
            "translator-on-unseen-sentences",
        ),
        reads="its words",
        text="",
    ),
    Demo(
        name="cross-attention",
        title="Cross-attention",
        summary="A toy translator's alignment: which English word each German word looks at.",
        target="studycli.demos.cross_attention:cross_attention",
        concepts=("cross-attention", "encoder-decoder attention", "alignment"),
        reads="its words",
        text="I know that the man has seen the small dog",
        chooses=("layer", "head"),
        claims=(
            "rows-sum-to-1",
            "a-row-for-each-target-word",
            "queries-from-the-decoder",
            "keys-from-the-encoder",
            "content-words-look-at-their-translation",
            "attention-follows-the-target-order",
        ),
        layers=1,
        heads=2,
    ),
)
