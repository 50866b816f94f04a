"""Programs that ask one peer each; every one runs in an environment of its own."""
