"""The promises of realtime/chat/ports.py, tried on every fulfilment of them."""
