"""What can go wrong with prompts.

PromptError            a prompt is missing, malformed, wrongly filled in, or changed unrecorded

It is a mistake of whoever writes or calls a prompt, never of who asks: it is not caught.
"""


class PromptError(Exception):
    """A prompt is missing, malformed, wrongly filled in, or changed without a new version."""
