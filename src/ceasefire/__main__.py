"""`python -m ceasefire` is `ceasefire`."""

import sys


def main() -> None:
    """Run the program; Ctrl-C while it is still being read ends it without a word."""
    try:
        from ceasefire.cli.main import run_cli

        run_cli()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
