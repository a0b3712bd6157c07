"""What is done with an image that somebody sends: judged by its bytes, cleaned, turned upright, given a still frame.

The rule: what current browsers show whole is taken, what is not the image is cut off or left out, and what is kept
shows exactly what the sender saw.

`gif`, `png`, `jpeg` and `webp` read the blocks of a file and no pixel of it; `scan` asks them and holds their answer
against the limits. `picture` decodes, by Pillow, with `png_pixels`, `jpeg_pixels` and `turn`. That happens in a process
of its own, `worker`, which the server drives through `examiner`: a file may then be as nasty as it likes.
"""
