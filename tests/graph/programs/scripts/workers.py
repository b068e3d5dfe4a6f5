from threading import Thread


class Worker(Thread):
    def run(self):
        pass


def main():
    Worker().start()
