import os

def good(a):
    return a.b

def bad(:
    pass

class Also:
    def fine(self):
        self.x = [1, 2
        self.y = 3

REG = {}
