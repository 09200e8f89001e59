"""Pictures, one a file: functions that return an SVG as text.

They are written by hand, element by element, for three reasons: drawing takes milliseconds where importing
a plotting library takes most of a second, the text in them is text, and their colours follow the reader's
light or dark setting.
"""
