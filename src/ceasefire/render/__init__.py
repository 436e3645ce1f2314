"""What the reader sees: words, tables, and the documents of `--json`."""
