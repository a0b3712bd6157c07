"""What happens in each loop: a function of the moment, from 0 to 1, for each."""
