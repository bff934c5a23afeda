"""Questions and answers taken from sections, the gates they pass, and the sets made of them."""
