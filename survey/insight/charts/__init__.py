"""Charts: Altair makes the specification, vl-convert draws it as SVG and PNG. No browser, no script on the page.

One module a picture; `frame` has what all share, `words` says what may be said of a kind of sample. They take plain data that
is fit to leave the house, and know neither tables nor pages.
"""
