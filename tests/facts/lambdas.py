def f(callbacks, default=lambda x=1: x):
    for i in range(3):
        callbacks.append(lambda: i)
        callbacks.append(lambda i=i, *a, k, **kw: (i, a, k, kw))
    return default
