# One call that holds a scheduler for minutes: no timer inside of the BEAM fires.
:crypto.pbkdf2_hmac(:sha512, "password", "salt", 2_000_000_000, 64)
