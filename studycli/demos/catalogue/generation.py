"""Generation: the demos of writing text."""

from __future__ import annotations

from studycli.demos.demo import Demo
from studycli.demos.parameter import Parameter

GENERATION = (
    Demo(
        name="generation",
        title="Generation",
        summary="The next token's distribution under temperature, top-k, top-p and beam search, step by step.",
        target="studycli.demos.generation:generation",
        concepts=(
            "generation",
            "autoregressive generation",
            "temperature",
            "top-k sampling",
            "top-p sampling",
            "nucleus sampling",
            "greedy decoding",
            "beam search",
            "sampling",
        ),
        claims=(
            "distributions-sum-to-1",
            "temperature-changes-entropy",
            "temperature-keeps-order",
            "top-k-keeps-k",
            "top-p-smallest-set",
            "text-log-probability-adds-up",
            "greedy-is-top-k-1",
            "beam-against-greedy",
        ),
        parameters=(
            Parameter("temperature", 1.0, "divides the logits before the softmax", 0.05, 10),
            Parameter("top_k", 5, "how many of the likeliest tokens are kept", 1, 100),
            Parameter("top_p", 0.9, "the probability that the kept tokens reach together", 0.01, 1),
            Parameter("beams", 3, "how many texts a beam search keeps", 1, 8),
            Parameter("tokens", 6, "how many tokens are written", 1, 20),
        ),
    ),
    Demo(
        name="kv-cache",
        title="The key/value cache",
        summary="Operations and time of each step, with a cache and without; what the cache holds, in bytes.",
        target="studycli.demos.kv_cache:kv_cache",
        concepts=("KV cache", "key-value cache", "key/value cache", "inference cost", "prefill"),
        claims=(
            "cache-same-logits",
            "cache-same-tokens",
            "cache-one-key-a-step",
            "cached-step-linear",
            "whole-step-quadratic",
            "cache-bytes-formula",
            "llama-7b-cache-per-token",
        ),
        parameters=(Parameter("tokens", 12, "how many tokens are written", 2, 32),),
    ),
    Demo(
        name="grouped-query",
        title="Grouped-query attention",
        summary="Bytes of the cache for multi-head, grouped-query and multi-query attention; what the heads share.",
        target="studycli.demos.grouped_query:grouped_query",
        concepts=("grouped-query attention", "multi-query attention", "GQA", "MQA"),
        claims=(
            "cache-follows-kv-heads",
            "query-heads-stay",
            "grouped-parameters",
            "group-shares-keys",
            "grouped-is-multi-head-with-copies",
            "llama-70b-cache-8-times-less",
        ),
        parameters=(Parameter("groups", 2, "how many key/value heads the grouped kind has, for 4 query heads", 1, 4),),
        heads=4,
    ),
)
