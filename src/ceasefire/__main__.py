"""`python -m ceasefire` is `ceasefire`."""

from ceasefire.cli.main import run_cli

if __name__ == "__main__":
    run_cli()
