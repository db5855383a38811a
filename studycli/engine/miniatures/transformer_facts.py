"""Transformer facts: what the generated text says of transformers and of the tools around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: its name as a heading, as it stands in a sentence, what it is, and what it does, in several words."""

    name: str
    phrase: str
    is_: tuple[str, ...]
    does: tuple[str, ...]


Relation = tuple[str, str, str]
"""A concept's name, how it relates, and to which other: a row of a concept map."""

# Heading | in a sentence | what it is; ... | what it does; ...
_CONCEPTS = """
Attention | attention | a weighted average over tokens; a way for one token to read from others; a soft lookup | \
lets each token gather what it needs from the rest; mixes information between positions; picks by weight, not by place
Self-Attention | self-attention | attention in which queries, keys and values come from the same tokens | \
lets every token of a text look at the others; relates the words of one text to each other
Cross-Attention | cross-attention | attention between two sequences; the bridge from an encoder to a decoder | \
takes its queries from the decoder and its keys from the encoder; lets a writer consult the source at every step
Query | a query | a vector that asks; one of three projections of a token | \
says what a token is looking for; is compared with every key by a dot product
Key | a key | a vector that answers to queries; one of three projections of a token | \
says under what a token can be found; decides with the query how much weight a token gets
Value | a value | a vector that is passed on; one of three projections of a token | \
carries the content that is averaged; reaches the output in proportion to its weight
Attention Score | an attention score | a dot product of a query and a key; a number before the softmax | \
measures how well a query and a key match; grows with the lengths of both vectors
Score Scaling | score scaling | a division by the square root of the head size | \
keeps the spread of the scores near one; keeps the softmax away from its flat ends; lets gradients flow early on
Softmax | the softmax | a function from scores to shares; an exponential followed by a division by the sum | \
turns scores into positive weights that add up to one; sharpens when the scores lie far apart; \
gives exactly zero only for a score of minus infinity
Attention Pattern | the attention pattern | a table of weights, a row for each query; what a heatmap of a head shows | \
shows where each token looks; has rows that add up to one
Causal Mask | the causal mask | a triangle of forbidden pairs; a rule that hides the future | \
keeps a token from seeing those that follow; puts minus infinity on the scores of later tokens; \
makes every position a lesson in prediction
Padding Mask | the padding mask | a row of ones and zeros beside the tokens | \
keeps filler tokens out of the average; lets texts of different lengths share a batch
Attention Head | an attention head | one attention with its own projections; a small expert in one kind of relation | \
follows one kind of relation between tokens; writes its finding into the residual stream
Multi-Head Attention | multi-head attention | several heads side by side; one layer with many patterns | \
lets a token look at several places for several reasons; joins the outputs of its heads and projects them
Output Projection | the output projection | a matrix after the heads; the last step of an attention layer | \
mixes what the heads have found; brings the result back to the width of the model
Induction Head | an induction head | a head that copies; the later one of two heads that work together | \
finds the last time that the same token came up, and predicts what came after it; makes repeated text cheap to predict
Previous-Token Head | a previous-token head | a head with its weight just below the diagonal | \
looks one step back; tells each token what stands before it
Attention Sink | an attention sink | a token, often the first, that collects spare weight | \
gives a head a place to rest when it has nothing to say
Positional Encoding | a positional encoding | information about order; what makes word order visible | \
tells the model where a token stands; breaks the symmetry of attention
Learned Positions | a learned position table | a table with one trained row for each place | \
adds a trained vector to each token; ends at the last row and knows nothing beyond
Sinusoidal Positions | the sinusoidal encoding | a fixed pattern of sines and cosines | \
gives every place a fingerprint of waves; needs no training of its own
RoPE | rotary embedding | a rotation of queries and keys; an encoding that acts inside attention | \
turns pairs of features by an angle that grows with the position; makes a score depend on the distance of two tokens
ALiBi | ALiBi | a penalty on distance; a slope for every head | \
takes a little off each score for every step between two tokens; needs no position vectors at all
Residual Stream | the residual stream | the running sum of a token's vector; a shared channel through all layers | \
carries what every layer has added; lets late layers read what early ones wrote
Residual Connection | a residual connection | a shortcut around a layer; an addition of input and output | \
gives gradients a straight way back; lets a layer learn a correction instead of a whole answer
Layer Normalization | layer normalization | a rescaling of each token's features; \
in a pre-norm model a step before each sublayer | \
brings the features of a token to mean zero and variance one before it scales and shifts them; \
keeps activations in a steady range
RMSNorm | RMSNorm | a norm without centring; a cheaper cousin of layer normalization | \
divides by the root of the mean square; subtracts no mean
Feed-Forward Network | the feed-forward network | two matrices with a bend between them; the other half of a block | \
works on each token alone; holds, at four times the width, about two thirds of the weights of a block; \
widens the vector and narrows it again
Activation Function | an activation function | a bend between two linear layers | \
keeps a stack of matrices from being one matrix; acts on each number alone
GELU | GELU | a smooth relative of ReLU | lets large numbers through and presses negative ones towards zero
SwiGLU | SwiGLU | a feed-forward layer with a gate | multiplies one projection by a smooth gate made from another
Mixture of Experts | a mixture of experts | several feed-forward networks with a router before them | \
sends each token to a few experts; adds weights without adding as much work
Transformer Block | a transformer block | attention and a feed-forward network with norms around them | \
reads the residual stream and adds to it twice; is stacked to make a model
Encoder | an encoder | a stack of blocks that sees both sides; a reader | \
reads a whole text at once; gives one vector for every token
Decoder | a decoder | a stack of blocks with a causal mask; a writer | \
predicts the next token from those before it; writes one token after the other
Encoder-Decoder Model | an encoder-decoder | a reader and a writer joined by cross-attention | \
rewrites a source text as another text; suits translation and summaries
Token | a token | a piece of text with a number; a word or a part of one | stands for a row of the embedding table
Vocabulary | a vocabulary | the list of all tokens of a model | gives each token its number
Tokenizer | a tokenizer | a program that cuts text into pieces; the first step of every language model | \
turns text into numbers and numbers into text; splits rare words into several pieces
Byte-Pair Encoding | byte-pair encoding | a way to learn subwords by counting | \
joins the most frequent pair again and again; starts from single bytes and comes to whole words
Embedding | an embedding | a vector for a token; a row of a learned table | \
places similar tokens close to each other; turns a number into a direction
Unembedding | the unembedding | the last matrix of a language model | \
turns a hidden state into a score for every token of the vocabulary
Logit | a logit | a score before the softmax | becomes a probability once all scores are known
Cross-Entropy | cross-entropy | the usual loss of a language model; the mean surprise of the right token | \
punishes a model for giving little probability to what really came next; falls as predictions get better
Perplexity | perplexity | the exponential of the mean loss | says among how many tokens a model seems to be choosing
Next-Token Prediction | next-token prediction | a training task that needs no labels by hand; a game of guessing | \
turns any text into a lesson; teaches grammar and facts on the way
Masked Language Modelling | masked language modelling | a training task with gaps; the way BERT was trained | \
hides some tokens and asks for them back; uses the words on both sides
Gradient Descent | gradient descent | a search downhill | moves each weight a little against its gradient
Backpropagation | backpropagation | the chain rule from the loss back to the weights | \
computes all gradients in one backward pass
Learning Rate | the learning rate | the size of a step in training | decides how far the weights move at a time
Warm-Up | a warm-up | a gentle start of training | raises the learning rate from zero over the first steps
Weight Decay | weight decay | a small pull towards zero | keeps weights from growing without need
Overfitting | overfitting | learning by heart what should be understood | shows as a gap between training and validation
Temperature | the temperature | a number that divides the logits before sampling | \
makes a choice bolder when high and safer when low
Top-k Sampling | top-k sampling | a draw from the few likeliest tokens | drops every token but the k that score highest
Top-p Sampling | top-p sampling | a draw from the smallest set that holds enough probability | \
keeps few tokens when a model is sure and many when it is not
Greedy Decoding | greedy decoding | a choice without chance | always takes the likeliest token; tends to repeat itself
Beam Search | beam search | a search that keeps several drafts alive | compares whole sequences by their probability
KV Cache | the key-value cache | a memory of past keys and values; what makes generation fast | \
spares the model from reading the past again; grows with every token
Context Window | the context window | the length of text that a model can hold | limits how far back a model can look
FlashAttention | FlashAttention | exact attention computed tile by tile | \
never stores the whole table of weights; saves trips to slow memory
Grouped-Query Attention | grouped-query attention | attention with fewer key and value heads than query heads | \
lets several query heads share one key head and one value head; makes the cache smaller
Sliding Window | a sliding window | attention within a fixed reach | makes the cost grow in step with the length
Fine-Tuning | fine-tuning | a second, shorter training | fits a trained model to a narrow task
LoRA | LoRA | a low-rank change to a frozen matrix | trains two thin matrices instead of a large one
Quantization | quantization | a coarser way to store numbers | saves memory for a little precision
Distillation | distillation | a lesson from a large model to a small one | \
trains a student on the probabilities of its teacher
Bi-Encoder | a bi-encoder | an encoder used on two texts apart | lets vectors of documents be made ahead of time
Cross-Encoder | a cross-encoder | an encoder that reads two texts as one | judges a pair with care and at a price
Vector Index | a vector index | a structure for finding near vectors | can find neighbours without looking at everything
Product Quantization | product quantization | a way to shrink vectors by slices | stores one centroid number per slice
Hidden State | a hidden state | the vector of a token between two layers | sums up what the model knows at a place
"""

# From | relation | to, as a row of a concept map, and how the last reads in a sentence where its phrase won't do.
# The relation reads as a verb, or as a noun where it ends in -of.
_RELATIONS = """
Self-Attention | uses | Query | queries
Self-Attention | uses | Key | keys
Self-Attention | averages | Value | values
Self-Attention | variant-of | Attention
Cross-Attention | variant-of | Attention
Cross-Attention | reads-from | Encoder
Attention Head | produces | Attention Pattern | an attention pattern
Attention Score | depends-on | Query
Attention Score | depends-on | Key
Score Scaling | steadies | Softmax
Softmax | produces | Attention Pattern
Attention Pattern | weights | Value | values
Causal Mask | shapes | Attention Pattern
Padding Mask | shapes | Attention Pattern
Causal Mask | enables | Next-Token Prediction
Attention Head | part-of | Multi-Head Attention
Output Projection | part-of | Multi-Head Attention
Induction Head | builds-on | Previous-Token Head
Induction Head | variant-of | Attention Head
Previous-Token Head | variant-of | Attention Head
Learned Positions | variant-of | Positional Encoding
Sinusoidal Positions | variant-of | Positional Encoding
RoPE | variant-of | Positional Encoding
ALiBi | variant-of | Positional Encoding
ALiBi | lowers | Attention Score | attention scores
RoPE | turns | Query | queries
RoPE | turns | Key | keys
Residual Connection | feeds | Residual Stream
RMSNorm | variant-of | Layer Normalization
Feed-Forward Network | uses | Activation Function
GELU | variant-of | Activation Function
SwiGLU | variant-of | Feed-Forward Network
Mixture of Experts | contains | Feed-Forward Network | feed-forward networks
Multi-Head Attention | part-of | Transformer Block
Feed-Forward Network | part-of | Transformer Block
Residual Connection | part-of | Transformer Block
Layer Normalization | part-of | Transformer Block
Transformer Block | part-of | Encoder
Transformer Block | part-of | Decoder
Decoder | requires | Causal Mask | a causal mask
Encoder | part-of | Encoder-Decoder Model
Decoder | part-of | Encoder-Decoder Model
Encoder-Decoder Model | requires | Cross-Attention
Tokenizer | produces | Token | tokens
Tokenizer | uses | Vocabulary
Byte-Pair Encoding | builds | Vocabulary
Embedding | represents | Token
Unembedding | produces | Logit | logits
Logit | feeds | Softmax
Cross-Entropy | measures | Next-Token Prediction
Perplexity | builds-on | Cross-Entropy
Gradient Descent | uses | Backpropagation
Gradient Descent | uses | Learning Rate
Warm-Up | raises | Learning Rate
Weight Decay | limits | Overfitting
Temperature | rescales | Logit | logits
Top-k Sampling | follows | Softmax
KV Cache | stores | Key | keys
KV Cache | stores | Value | values
KV Cache | speeds-up | Decoder
FlashAttention | computes | Attention
Grouped-Query Attention | shrinks | KV Cache
Sliding Window | limits | Attention Pattern
LoRA | way-of | Fine-Tuning
Bi-Encoder | builds-on | Encoder
Cross-Encoder | builds-on | Encoder
Vector Index | stores | Embedding | embeddings
Vector Index | can-use | Product Quantization
"""

# What people get wrong | how it is.
_MISCONCEPTIONS = """
"The columns of an attention pattern add up to one." | The rows do: the softmax runs along the keys.
"A head reads only its slice of the features." | Its projections read all features and give a slice.
"More heads mean more weights." | With the width fixed, heads only divide the same weights.
"Attention knows the order of words." | Without positions or a mask, it sees a text as a set.
"Softmax gives low scores a weight of exactly zero." | It does so only for a score of minus infinity, as a mask puts it.
"The key-value cache changes the output." | It only saves work; the numbers stay the same up to rounding.
"A token is a word." | It may be a word, a part of a word, a space or a single byte.
"FlashAttention is an approximation." | It gives exact attention; only the order of the work is another.
"A lower loss always means a better model." | On the training text it may mean learning by heart.
"Temperature changes what a model knows." | It only changes how boldly one draws from the same logits.
"A decoder cannot classify." | It can write the label, or give it from its last hidden state.
"Greedy decoding finds the likeliest text." | It takes the likeliest token each time, which is not the same.
"Layer normalization mixes tokens." | It works within each token; only attention mixes tokens.
"The feed-forward network sees the neighbours." | It sees one token at a time.
"Perplexity is an accuracy." | It is an exponential of the loss, and lower is better.
"An encoder writes text." | It reads; its outputs are vectors, one for each token.
"Weights of attention are learned numbers." | They are computed anew for every text; the projections are learned.
"A vocabulary must hold every word." | With bytes at the bottom, any text can be spelled from pieces.
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";"))


CONCEPTS = tuple(Concept(name, phrase, _parts(is_), _parts(does)) for name, phrase, is_, does in _rows(_CONCEPTS))
RELATIONS: tuple[Relation, ...] = tuple((row[0], row[1], row[2]) for row in _rows(_RELATIONS))
MISCONCEPTIONS = tuple((wrong, right) for wrong, right in _rows(_MISCONCEPTIONS))
BY_NAME: Mapping[str, Concept] = {concept.name: concept for concept in CONCEPTS}
OBJECTS: Mapping[Relation, str] = {
    (row[0], row[1], row[2]): row[3] if len(row) > 3 else BY_NAME[row[2]].phrase for row in _rows(_RELATIONS)
}
"""What each relation is to, as it stands in a sentence."""
