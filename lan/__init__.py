"""How others on the network reach this server: at which address, by which code, and what may be in the way."""
