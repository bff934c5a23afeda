"""Reading examples one by one and saying what becomes of them."""
