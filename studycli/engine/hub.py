"""Hub: where the weights of a name are, in a folder here or fetched from the Hugging Face hub."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from studycli.engine.miniatures.catalogue import checkpoint_folder, checkpoints, missing
from studycli.errors import EngineError, MissingError, StudyError, UsageError

TOKENIZER = "tokenizer.json"
FILES = ("config.json", "generation_config.json", TOKENIZER, "*.safetensors", "*.safetensors.index.json")
"""What is ever fetched: no pickles, and nothing out of subfolders."""


def resolve(weights: str, files: Sequence[str] = FILES) -> Path:
    """The folder of a path, of a bundled checkpoint or, for a name on the hub, of those of its files in `files`.

    What is a folder here comes first, then what is bundled. `owner/name` and a bare name are names on the hub; what
    exists, starts with `.`, `/` or `~`, ends in `/` or has several slashes is a path. Raises EngineError for a path
    that isn't there and for a name that the hub doesn't know, MissingError where the hub can't be asked or wants
    permission first, UsageError for an empty name.
    """
    if not weights.strip():
        raise UsageError("the name of the weights is empty", hint="name a folder, or a model on the hub")
    path = _expanded(weights)
    if _exists(path):
        return path
    bundled = checkpoint_folder(weights)
    if bundled is None and (unknown := missing(weights)) is not None:
        raise unknown
    if weights.startswith((".", "/", "~")) or weights.endswith("/") or weights.count("/") > 1:
        hint = "check the path; a model on the Hugging Face hub is named owner/name"
        raise EngineError("there is no such folder", where=weights, hint=hint)
    return bundled or _fetched(weights, files)


def _fetched(name: str, files: Sequence[str]) -> Path:
    try:
        import huggingface_hub
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        hint = "pip install 'studycli[hub]'; if you meant a folder, check the path"
        raise MissingError(
            "no such folder is here, and models by name need huggingface_hub", where=name, hint=hint
        ) from error
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=list(files), ignore_patterns=["*/*"]))
    except Exception as error:  # which errors of its HTTP library come through depends on the version of both
        raise _in_plain_words(error, name) from error


def _in_plain_words(error: Exception, name: str) -> StudyError:
    from huggingface_hub import constants, errors

    folder = "if you meant a folder, check the path"
    if close := get_close_matches(name.lower(), checkpoints(), n=2, cutoff=0.75):
        folder = f"did you mean {' or '.join(close)}?"
    match error:
        case errors.HFValidationError():
            return EngineError("this is no folder here, and no name of a model either", where=name, hint=folder)
        case errors.GatedRepoError():
            hint = "ask for it on the model's page, then log in with: hf auth login"
            return MissingError("the owner gives this model only to those who asked", where=name, hint=hint)
        case errors.RepositoryNotFoundError():
            hint = f"check the name; a private model needs: hf auth login; {folder}"
            return EngineError("the Hugging Face hub has no such model", where=name, hint=hint)
        case errors.LocalEntryNotFoundError() if constants.HF_HUB_OFFLINE:
            hint = f"unset HF_HUB_OFFLINE to fetch it; {folder}"
            return MissingError(
                "the model was not fetched before, and HF_HUB_OFFLINE forbids it", where=name, hint=hint
            )
        case errors.LocalEntryNotFoundError():
            hint = f"try again with a connection; {folder}"
            message = "the model was not fetched before, and the Hugging Face hub gives no answer"
            return MissingError(message, where=name, hint=hint)
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return EngineError(f"the model cannot be fetched: {first}", where=name, hint="try again later, or name a folder")


def _expanded(weights: str) -> Path:
    try:
        return Path(weights).expanduser()
    except RuntimeError:  # ~name, where there is no such user
        return Path(weights)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than any file's, or a folder that nobody may look into
        return False
