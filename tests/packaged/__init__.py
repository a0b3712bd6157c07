"""What `make binary` and `make zipapp` built, as somebody gets it; `make test-built` builds them and runs this."""
