"""The grammar of time: tokens, calendar arithmetic, and what neighbouring words say together."""
