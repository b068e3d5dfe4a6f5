class Manager:
    """Holds jobs by kind; nothing takes them out again."""

    def __init__(self):
        self.jobs = {}
        self.watch = []
        self.extra = None
        self.lock = None

    def register(self, kind, job):
        self.jobs[kind] = job
        job.manager = self
        self.watch.append(job.run)

    def stop(self):
        self.watch.clear()
