running = False
