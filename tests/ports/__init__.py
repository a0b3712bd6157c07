"""The contract of realtime/chat/ports.py, tested on every implementation."""
