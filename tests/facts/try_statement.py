def f(path):
    handle = open(path)
    try:
        data = handle.read()
    except OSError as error:
        log(error)
        return None
    except (ValueError, KeyError):
        raise Wrapped() from None
    except:
        raise
    else:
        return data
    finally:
        handle.close()


def g():
    for item in items:
        try:
            return item
        finally:
            continue


try:
    import fast
except ImportError:
    fast = None
