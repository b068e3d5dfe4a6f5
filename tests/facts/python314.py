try:
    run()
except ValueError, TypeError:
    pass
greeting = t"hello {name!r} {f"{nested}"}"
