"""How others on the network reach this server: addresses, QR codes and firewalls."""
