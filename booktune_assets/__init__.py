"""booktune: from a shelf of programming books to a fine-tuned model, with the page behind every row."""

__version__ = "0.1.0"
