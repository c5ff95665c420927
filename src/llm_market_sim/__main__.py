"""``python -m llm_market_sim`` is the same command as ``llm-market-sim``."""

import sys

from llm_market_sim.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
