"""``python -m llm_market_sim`` is the same command as ``llm-market-sim``."""

import sys


def main() -> int:
    """Run the command; an interrupt while it is still being imported is no traceback either."""
    try:
        from llm_market_sim.cli.app import main as run
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
