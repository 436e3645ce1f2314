"""Tests of the package; a package itself, since another distribution brings a `tests` of its own."""
