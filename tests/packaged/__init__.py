"""The results of `make binary` and `make zipapp`, as users get them; `make test-built` builds them and runs this."""
