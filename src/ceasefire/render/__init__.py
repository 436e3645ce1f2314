"""How results are shown: tables for the terminal, charts, reports, and documents of `--json`."""
