"""Draws the GIFs that come with gifchat (static/shelf/), with nothing but Pillow: `make shelf`.

palette, paths, canvas   colours; outlines; a canvas with transforms and smooth edges
motion                   values that change over a loop
face, pung               the mascot, from a pose
props                    hearts, letters, drops, confetti
scenes/                  what happens in each loop
catalogue                all of them, with the words they are found by
write                    frames to GIF and WebP, with few colours
"""
