"""The guarantees for records (docs/architecture.md) under kill -9, bad networks, full disks and impatient senders.

Only real processes and real sockets. `ledger` records what was sent, acknowledged and received, and audits it against
the server's files; `wire` and `people` are the visitors, `process` the server, `proxy` the network between them.
`python -m tests.crash.soak` is the long run.
"""
