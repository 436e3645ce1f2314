"""What is fast and what is not, with the answer asserted."""
