"""The numbers: sources, one customer, marts, the semantic model, and the engine."""
