"""Processing of uploaded images: validated by content, stripped of metadata, rotated upright, given a poster.

The rule: images that current browsers display in full are accepted, everything that is not the image is removed, and
the stored file looks exactly as the sender saw it.

`gif`, `png`, `jpeg` and `webp` parse a file's blocks without decoding pixels; `scan` calls them and checks the limits.
`picture` decodes with Pillow, using `png_pixels`, `jpeg_pixels` and `turn`; `film` plays an animation as browsers do,
and `flashes` decides whether it may play by itself. All of this runs in a separate process, `worker`, which the server
controls through `examiner`, so that malicious files do no harm.
"""
