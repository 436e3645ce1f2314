"""Checks that take minutes: against closed forms, a rival program, refined grids and sampling."""
