"""What a pupil with time and a laptop might do to the server, and whether it holds: `python -m tests.abuse`.

Each kind of abuse is one function in the module of its group, marked with `@kind`. It gets a fresh server with default
options and attacks it; two bystanders chat in another room, from another address. A kind holds when its function
raises nothing, every message of the bystanders arrives, and the server has logged no error, answers, and stops.
"""
