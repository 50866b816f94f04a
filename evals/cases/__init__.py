"""The cases: questions in both languages, with hand-written SQL."""
