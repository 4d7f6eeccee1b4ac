"""From statements to need themes: known needs recognised, new ones found, both labelled and shown with quotes."""
