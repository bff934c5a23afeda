"""The data set as one HTML page: what is in it, where from, and what was left out."""
