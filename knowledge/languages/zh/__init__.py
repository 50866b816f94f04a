"""Chinese: its time words, numbers, sentence words and messages."""
