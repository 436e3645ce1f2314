"""Tests of the package, a package too: a distribution of others brings a `tests` of its own."""
