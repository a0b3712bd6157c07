"""An independent detector of flashes, by which ours is judged: IRIS of Electronic Arts, as iris-pse-detection on PyPI.

It needs OpenCV, SciPy and NumPy, 400 MB installed, so the tests do not run it: they compare ours with the verdicts in
verdicts.json, which `make flashes` makes it give again. That also tries new sequences.

The two are compared where they mean the same. IRIS looks at the mean of a whole frame and takes that for the field of
view, so all sequences here fill the frame. It forgets a change when the next one goes the other way, however small,
and does not count what begins above a luminance of 0.8, so changes here are large or none. It takes 2 to 3 flashes a
second over five seconds for a failure as well, which WCAG does not, so that is left out.
"""
