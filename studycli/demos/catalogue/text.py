"""Text: the demos from text to vectors."""

from __future__ import annotations

from studycli.demos.demo import Demo

TEXT = (
    Demo(
        name="tokenization",
        title="Tokenization",
        summary="Text to bytes, merges one by one, tokens and ids; how rare words fall apart.",
        target="studycli.demos.tokenization:tokenization",
        concepts=("tokenization", "byte-pair encoding", "BPE", "subword", "vocabulary", "merge rules", "token id"),
        claims=(
            "decodes-exactly",
            "every-byte-a-token",
            "merge-shortens-by-one",
            "merges-by-rank",
            "rare-words-split",
        ),
        text="unbelievably transformative",
    ),
    Demo(
        name="embeddings",
        title="Embeddings",
        summary="Ids to rows of a table, plus positions: what the first block reads.",
        target="studycli.demos.embeddings:embeddings",
        concepts=("token embedding", "embedding matrix", "embedding lookup", "embeddings", "weight tying"),
        claims=(
            "lookup-is-one-hot-product",
            "same-token-same-row",
            "same-token-other-input",
            "input-is-row-plus-position",
            "rotary-leaves-embeddings",
            "sinusoidal-norm",
            "tied-logits",
        ),
    ),
    Demo(
        name="positional-encoding",
        title="Positional encoding",
        summary="Four kinds as matrices, T5's buckets, and what shuffling or reversing the words changes.",
        target="studycli.demos.positional_encoding:positional_encoding",
        concepts=(
            "positional encoding",
            "sinusoidal positions",
            "learned positions",
            "RoPE",
            "rotary position embedding",
            "ALiBi",
            "relative position",
            "relative position bias",
            "relative position buckets",
            "T5 relative bias",
            "permutation equivariance",
        ),
        claims=(
            "sinusoidal-first-row",
            "sinusoidal-exponent",
            "sinusoidal-dot-by-distance",
            "rotary-score-by-offset",
            "alibi-linear",
            "shuffle-without-positions",
            "shuffle-with-positions",
            "reverse-fools-symmetric-alibi",
        ),
        heads=4,
    ),
)
