while chunk := source.read(8):
    sink.append(chunk)
if (n := len(items)) > 10:
    pass


def f(data):
    if any((last := d) for d in data):
        return last
