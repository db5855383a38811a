"""Efficiency: the demos of length, size and cost."""

from __future__ import annotations

from studycli.demos.demo import Demo
from studycli.demos.parameter import Parameter

EFFICIENCY = (
    Demo(
        name="efficient-attention",
        title="Efficient attention",
        summary="Exact, tiled, window and linear attention on one input: memory, time, and the largest difference.",
        target="studycli.demos.efficient_attention:efficient_attention",
        concepts=(
            "efficient attention",
            "FlashAttention",
            "flash attention",
            "sliding window attention",
            "sparse attention",
            "linear attention",
            "quadratic cost",
        ),
        claims=(
            "tiled-is-exact",
            "four-times-the-scores",
            "tiled-memory-linear",
            "window-differs",
            "window-weights-linear",
            "window-operations-linear",
            "linear-attention-differs",
            "linear-attention-operations",
        ),
        parameters=(
            Parameter("length", 256, "how many tokens the text is repeated to", 128, 1024),
            Parameter(
                "window", 16, "how many tokens a window reaches to each side, at most an eighth of the length", 1, 128
            ),
        ),
    ),
    Demo(
        name="length-extrapolation",
        title="Length extrapolation",
        summary="Four trained models that differ in their positions alone, on texts longer than they were trained on.",
        target="studycli.demos.length_extrapolation:length_extrapolation",
        concepts=(
            "length extrapolation",
            "length generalization",
            "positional encoding selection",
            "context window",
            "context length",
            "position interpolation",
        ),
        claims=(
            "alike-at-trained-length",
            "learned-fails-beyond-length",
            "alibi-holds-at-8x",
            "sinusoidal-worse-at-2x",
            "sinusoidal-lost-beyond-2x",
            "rotary-degrades-beyond-2x",
        ),
        reads="no text",
    ),
    Demo(
        name="scaling-laws",
        title="Scaling laws",
        summary="Loss and best size for a budget of training, with the constants named.",
        target="studycli.demos.scaling_laws:scaling_laws",
        concepts=("scaling laws", "scaling law", "compute-optimal training", "chinchilla", "training compute"),
        claims=(
            "optimum-spends-the-budget",
            "optimum-is-a-minimum",
            "training-flops-are-6nd",
            "twenty-tokens-per-parameter",
            "published-fit-disagrees",
            "gpt-3-too-large-for-its-data",
            "parameters-alone-hit-the-data-term",
        ),
        parameters=(Parameter("flops", 5.76e23, "the training budget in FLOPs", 1e15, 1e30),),
        reads="no text",
    ),
    Demo(
        name="rnn-vs-transformer",
        title="RNN and transformer",
        summary="Sequential steps, path length, and the gradient over distance, measured on small models of both.",
        target="studycli.demos.rnn_vs_transformer:rnn_vs_transformer",
        concepts=(
            "recurrent neural network",
            "RNN",
            "LSTM",
            "sequential computation",
            "parallelism",
            "path length",
            "long-range dependency",
        ),
        claims=(
            "sequential-steps",
            "path-length",
            "attention-gradient-reaches-all",
            "rnn-gradient-vanishes",
            "quadratic-against-linear",
        ),
        parameters=(Parameter("length", 32, "how many tokens the sequence has", 4, 128),),
        heads=4,
    ),
)
