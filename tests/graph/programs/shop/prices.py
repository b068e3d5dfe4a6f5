import threading


def look_up():
    threading.Thread(target=print).start()
