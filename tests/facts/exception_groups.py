try:
    run()
except* ValueError as group:
    log(group.exceptions)
except* (TypeError, OSError):
    pass
