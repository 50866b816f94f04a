"""The words: languages, and search over what customers write."""
