"""The kinds of certificates, one file each: what the numbers state, in words, and how it is checked.

A kind offers ``statement(numbers, data)``, one sentence, and ``check(numbers, data)``, which raises ``Refused`` unless
the statement has been shown. It imports nothing but the arithmetic that kinds share.
"""
