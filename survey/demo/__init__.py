"""The demonstration: 600 fictional answers, written for it, and what is needed to look around. Used by `linsheng demo` alone."""
