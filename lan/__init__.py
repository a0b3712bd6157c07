"""How others on the network reach this server: addresses, names, QR codes and firewalls."""
