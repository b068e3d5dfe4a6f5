from queues import jobs


def deliver():
    return jobs.pop()
