for i, (a, b) in enumerate(pairs):
    if a:
        continue
    elif b:
        break
    else:
        i = a
else:
    done()
while True:
    tick()
while not stop and queue:
    queue.pop()
else:
    finish()
for self.index in range(3):
    pass
for table[k] in rows:
    pass
