"""What is done with an image that somebody sends: judged by its bytes, cleaned, turned upright, given a still frame.

`gif`, `png`, `jpeg` and `webp` read the blocks of a file and no pixel of it; `scan` asks them and holds their answer
against the limits. `picture` decodes, by Pillow. That happens in a process of its own, `worker`, which the server
drives through `examiner`: a file may then be as nasty as it likes.
"""
