"""Run as `python app/main.py`: the folder is on sys.path, and it is a package, too."""

import queues
import state
from handlers.mail import deliver
from handlers import mail


def main():
    state.running = True
    queues.jobs.append(deliver)
    return mail
