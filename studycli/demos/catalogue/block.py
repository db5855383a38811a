"""Block: the demos of what stands around attention."""

from __future__ import annotations

from studycli.demos.demo import Demo
from studycli.demos.parameter import Parameter

BLOCK = (
    Demo(
        name="block",
        title="The transformer block",
        summary="The residual stream of a trained model: what attention and feed-forward add at each layer.",
        target="studycli.demos.block:block",
        concepts=("transformer block", "residual stream", "block"),
        claims=(
            "residual-sum",
            "block-keeps-shape",
            "attention-mixes-tokens",
            "feed-forward-mixes-nothing",
            "lens-ends-in-model",
        ),
        chooses=("layer",),
        layers=4,
    ),
    Demo(
        name="layer-norm",
        title="Layer normalization",
        summary="Mean and variance of each token's features; layer norm beside RMS norm; pre-norm beside post-norm.",
        target="studycli.demos.layer_norm:layer_norm",
        concepts=("layer normalization", "layer norm", "RMSNorm", "pre-norm", "post-norm", "normalization placement"),
        claims=(
            "norm-mean-0",
            "norm-variance-1",
            "norm-ignores-scale",
            "rms-norm-keeps-mean",
            "norm-per-token",
            "norm-parameters",
            "post-norm-keeps-variance",
        ),
    ),
    Demo(
        name="residual",
        title="Residual connections",
        summary="The gradient's norm by depth: with residual connections and without, pre-norm and post-norm.",
        target="studycli.demos.residual:residual",
        concepts=("residual connection", "skip connection", "vanishing gradients", "gradient flow"),
        claims=(
            "gradient-shrinks-per-block",
            "gradient-vanishes",
            "residual-keeps-gradient",
            "post-norm-top-gradient",
            "tokens-alike-without-residuals",
        ),
        parameters=(Parameter("layers", 12, "how many blocks are stacked", 2, 32),),
        layers=12,
    ),
    Demo(
        name="feed-forward",
        title="The feed-forward network",
        summary="GELU, ReLU and SwiGLU on each token by itself; the share of a model's parameters that sits here.",
        target="studycli.demos.feed_forward:feed_forward",
        concepts=(
            "feed-forward network",
            "feed-forward",
            "FFN",
            "MLP",
            "activation function",
            "GELU",
            "SwiGLU",
            "ReLU",
        ),
        claims=(
            "activation-formulas",
            "gelu-near-relu",
            "feed-forward-per-token",
            "relu-zeros",
            "feed-forward-two-thirds",
            "feed-forward-of-gpt2",
            "swiglu-same-weights",
        ),
    ),
    Demo(
        name="mixture-of-experts",
        title="Mixture of experts",
        summary="A router sends each token to a few experts: which, with what weight, and what is computed.",
        target="studycli.demos.mixture_of_experts:mixture_of_experts",
        concepts=("mixture of experts", "mixture-of-experts", "MoE", "expert routing", "router"),
        claims=(
            "top-experts-per-token",
            "likeliest-experts",
            "routing-sums-to-1",
            "experts-weighted-sum",
            "active-experts-share",
            "mixtral-active-parameters",
        ),
        parameters=(
            Parameter("experts", 8, "how many experts there are", 2, 32),
            Parameter("top", 2, "how many of them a token goes to", 1, 32),
        ),
    ),
)
