"""What Sextant says to a language model."""

from prompts.errors import PromptError
from prompts.loader import Prompt, load_prompt

__all__ = ["Prompt", "PromptError", "load_prompt"]
