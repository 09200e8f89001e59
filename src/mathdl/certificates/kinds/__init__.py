"""The kinds of certificates, one file each: what the numbers state, in words, and how it is checked.

A kind offers ``IN_PLAIN_WORDS``, a sentence without formulas; ``statement(numbers, data)``, the exact one; and
``check(numbers, data)``, which raises ``Refused`` unless the statement has been shown. It imports nothing but the
arithmetic that kinds share.
"""
