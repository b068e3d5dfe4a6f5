from acme.two.right import answer
import acme.two.right as right
import acme.two.right


def ask():
    return answer(), right.answer(), acme.two.right.answer()
