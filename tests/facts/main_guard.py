import typing

if typing.TYPE_CHECKING:
    import a
else:
    a = None
if __name__ == "__main__":
    main()
if "__main__" == __name__:
    main()
if not typing.TYPE_CHECKING:
    b = 1
if __name__ != "__main__":
    c = 1
