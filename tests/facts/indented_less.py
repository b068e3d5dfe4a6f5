"""A line break after the dot, and then a line further left than the statement: brackets allow it."""


def connect(pool):
    return (pool.
connection)


def strings(pool, text):
    assert text == ("a" +  # in brackets, with a comment and 'quotes'
'b(' """
(c""" + pool['#'] +
f"{text!r:>{10}}" +
text), (
        "unclosed ( in a string")
    return text
