ﬁle = 1
naïve = "ü"
class Ünïcode:
    def µ(self):
        return self.ﬁeld
