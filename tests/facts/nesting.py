def outer(a):
    def inner(b):
        class Local:
            c = a

            def method(self):
                return a, b, Local

        return Local

    return inner


class Outer:
    x = 1

    class Inner:
        y = 2

        def method(self):
            return x, Outer.x
