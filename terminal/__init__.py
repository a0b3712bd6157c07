"""What whoever starts the server sees of it: the addresses to open, a browser, and the log."""
