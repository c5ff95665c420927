"""The commands of ``llm-market-sim``, one a file; heavy libraries are imported inside them."""
