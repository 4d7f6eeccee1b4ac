"""How good the themes are, beside others on the same words: metrics, baselines, data of our own, one protocol."""
