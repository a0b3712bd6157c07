"""What is promised of records (docs/architecture.md) against kill -9, bad networks, full disks and impatient senders.

Real processes and real sockets only. `ledger` holds what was sent, acknowledged and received, and audits it against the
files a server leaves; `wire` and `people` are the visitors, `process` the server, `proxy` the network between them.
`python -m tests.crash.soak` is the long run.
"""
