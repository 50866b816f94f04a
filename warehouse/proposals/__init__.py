"""What a brand's own file seems to be: proposed from all of its cells, decided by a person."""
