"""Systems: the demos of what is built from transformers."""

from __future__ import annotations

from studycli.demos.demo import Demo

SYSTEMS = (
    Demo(
        name="retrieval",
        title="A retrieval system",
        summary="Encode, search, re-rank and explain over the bundled cards, each stage timed beside its budget.",
        target="studycli.demos.retrieval:retrieval",
        concepts=(
            "retrieval system",
            "transformer system",
            "system design",
            "semantic search",
            "search engine",
            "retrieval",
            "bi-encoder",
            "cross-encoder",
            "vector index",
            "product quantization",
            "re-ranking",
            "contrastive training",
        ),
        claims=(
            "vectors-have-length-1",
            "search-is-exact",
            "reranking-only-reorders",
            "recall-of-short-questions",
            "vectors-are-cheaper",
        ),
        text="Which mask keeps a decoder from seeing later tokens?",
    ),
)
