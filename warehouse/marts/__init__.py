"""Mart sets: plain SQL files in dependency order, one folder a set."""
