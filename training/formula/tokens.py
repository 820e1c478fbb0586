"""Tokens: what stands between the spaces of the grammar's formulas. `python tokens.py FORMULAS.txt TOKENS.txt` writes those that occur, one a line.

The first four are signs of the network: padding, start, end, unknown. The place of a line, from 0, is the token's number.
"""
import sys

PAD, START, END, UNKNOWN = range(4)
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]


def vocabulary(formulas):
    return SPECIAL + sorted({token for formula in formulas for token in formula.split()})


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def encode(formula, tokens):
    numbers = {token: number for number, token in enumerate(tokens)}
    return [START] + [numbers.get(token, UNKNOWN) for token in formula.split()] + [END]


def decode(numbers, tokens):
    """The formula of the numbers behind the start, as far as the end."""
    out = []
    for number in numbers:
        if number == END:
            break
        if number > UNKNOWN:
            out.append(tokens[number])
    return " ".join(out)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        words = vocabulary(file.read().splitlines())
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(words) + "\n")
    print(len(words), "tokens")
