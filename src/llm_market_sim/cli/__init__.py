"""The command ``llm-market-sim``: what its commands share; each command is a file of `commands`."""
