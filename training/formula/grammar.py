"""Formulas from a grammar of school and university mathematics: `python grammar.py OUT.txt N SEED`.

Each line is a formula, its tokens parted by spaces: LaTeX that MathJax sets and that a person would write. Nothing is taken from anywhere else; the same seed gives the
same formulas. No formula comes twice, and which of the two sets it belongs to is decided by its own text (`is_held_out`), so that training never sees a held-out one,
whatever the seed.
"""
import hashlib
import random
import sys

GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi",
         "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega"]
LATIN = list("abcdefghijklmnpqrstuvwxyz") + list("ABCDEFGHIJKLMNPQRSTUVWXYZ")
FUNCTIONS = ["sin", "cos", "tan", "log", "ln", "exp", "arctan", "sinh", "cosh", "det", "max", "min"]
RELATIONS = ["=", "=", "=", "=", "<", ">", "\\leq", "\\geq", "\\neq", "\\approx", "\\equiv", "\\sim", "\\propto"]
SETS = ["\\mathbb { R }", "\\mathbb { N }", "\\mathbb { Z }", "\\mathbb { C }", "\\mathbb { Q }"]
ACCENTS = ["\\hat", "\\bar", "\\tilde", "\\vec", "\\dot"]
PAIRS = [("(", ")"), ("[", "]"), ("\\{", "\\}"), ("|", "|"), ("\\langle", "\\rangle")]
SIGNS = ["\\cdot", "\\times"]
SUMS = ["+", "+", "-", "-", "\\pm"]
BIG = ["\\sum", "\\sum", "\\prod"]
QUANTIFIERS = ["\\forall", "\\exists"]
LOWER = ["0", "a", "- \\infty"]
UPPER = ["1", "b", "\\infty", "\\pi"]
TARGETS = ["0", "\\infty", "a"]
FROM, DOWN = [">", "\\geq"], ["<", "\\leq"]
NEW_ROW = " \\\\ "
MAX_TOKENS = 120


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, options):
        return self.random.choice(options)

    def chance(self, probability):
        return self.random.random() < probability

    def number(self):
        if self.chance(.75):
            return self.one(list("0123456789"))
        digits = "".join(self.one(list("0123456789")) for _ in range(self.random.randint(1, 3)))
        text = self.one(list("123456789")) + digits
        if self.chance(.2):
            text += "." + self.one(list("0123456789"))
        return " ".join(text)

    def letter(self):
        return "\\" + self.one(GREEK) if self.chance(.22) else self.one(LATIN)

    def symbol(self):
        symbol = self.letter()
        if self.chance(.07):
            symbol = f"{self.one(ACCENTS)} {{ {symbol} }}"
        elif self.chance(.03):
            symbol = f"\\mathbf {{ {self.one(LATIN)} }}"
        sub, sup = self.chance(.2), self.chance(.16)
        if sub:
            symbol += f" _ {{ {self.index()} }}"
        if sup:
            symbol += f" ^ {{ {self.power()} }}"
        return symbol

    def index(self):
        return self.one([self.one(list("ijkmn012")), self.one(list("ijkmn")) + " " + self.one(list("ijk12")), self.one(list("nkm")) + " + 1", self.letter()])

    def power(self):
        return self.one(["2", "2", "2", "3", "n", "- 1", "T", "\\prime", "*", self.letter(), self.letter() + " " + self.letter(), "n + 1"])

    def atom(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < .46:
            return self.symbol() if self.chance(.72) else self.number()
        if kind < .60:
            return f"\\frac {{ {self.sum(depth - 1)} }} {{ {self.sum(depth - 1)} }}"
        if kind < .67:
            degree = f" [ {self.one(['3', '4', 'n'])} ]" if self.chance(.15) else ""
            return f"\\sqrt{degree} {{ {self.sum(depth - 1)} }}"
        if kind < .77:
            left, right = self.one(PAIRS)
            inner = self.sum(depth - 1)
            power = f" ^ {{ {self.power()} }}" if self.chance(.35) else ""
            return f"\\left {left} {inner} \\right {right}{power}"
        if kind < .86:
            name = "\\" + self.one(FUNCTIONS)
            power = " ^ { 2 }" if self.chance(.1) else ""
            argument = self.symbol() if self.chance(.5) else f"( {self.sum(depth - 1)} )"
            return f"{name}{power} {argument}"
        if kind < .92:
            return f"{self.letter()} ( {self.symbol()}{f' , {self.symbol()}' if self.chance(.3) else ''} )"
        return self.big(depth)

    def big(self, depth):
        kind = self.random.random()
        body = self.product(depth - 1)
        if kind < .4:
            variable = self.one(list("ijkn"))
            top = self.one(["n", "N", "\\infty", "m"])
            return f"{self.one(BIG)} _ {{ {variable} = {self.one(list('01'))} }} ^ {{ {top} }} {body}"
        if kind < .8:
            variable = self.one(list("xtuyz"))
            limits = self.one(["", f" _ {{ {self.one(LOWER)} }} ^ {{ {self.one(UPPER)} }}", " _ { \\Omega }"])
            return f"\\int{limits} {body} \\, d {variable}"
        variable = self.one(list("xnht"))
        return f"\\lim _ {{ {variable} \\to {self.one(TARGETS)} }} {body}"

    def derivative(self):
        variable = self.one(list("xyzt"))
        operator, order = self.one(["d", "\\partial"]), self.one(["", "", " ^ { 2 }"])
        return f"\\frac {{ {operator}{order} {self.letter()} }} {{ {operator} {variable}{order} }}"

    def product(self, depth):
        factors = [self.atom(depth) for _ in range(self.one([1, 1, 1, 2, 2, 3]))]
        # A figure right behind another would be one number.
        text = factors[0]
        for factor in factors[1:]:
            needs_sign = factor[0].isdigit() or self.chance(.08)
            text += (f" {self.one(SIGNS)} " if needs_sign else " ") + factor
        return text

    def sum(self, depth):
        text = ("- " if self.chance(.06) else "") + self.product(depth)
        for _ in range(self.one([0, 0, 0, 1, 1, 2])):
            text += f" {self.one(SUMS)} {self.product(depth)}"
        return text

    def matrix(self):
        rows, columns = self.one([2, 2, 3]), self.one([1, 2, 2, 3])
        cells = [" & ".join(self.symbol() if self.chance(.6) else self.number() for _ in range(columns)) for _ in range(rows)]
        kind = self.one(["pmatrix", "pmatrix", "bmatrix", "vmatrix"])
        return f"\\begin{{{kind}}} {NEW_ROW.join(cells)} \\end{{{kind}}}"

    def cases(self):
        variable = self.one(list("xtn"))
        return (f"{self.letter()} ( {variable} ) = \\begin{{cases}} {self.sum(1)} & {variable} {self.one(FROM)} {self.number()} \\\\ "
                f"{self.sum(1)} & {variable} {self.one(DOWN)} {self.number()} \\end{{cases}}")

    def formula(self):
        kind = self.random.random()
        depth = self.one([1, 1, 2, 2, 3])
        relation = self.one(RELATIONS)
        if kind < .60:
            return f"{self.sum(depth - 1)} {relation} {self.sum(depth)}"
        if kind < .72:
            return self.sum(depth)
        if kind < .80:
            return f"{self.derivative()} {self.one(['=', '= -', '+'])} {self.sum(depth - 1)}"
        if kind < .86:
            return f"{self.symbol()} = {self.matrix()}"
        if kind < .90:
            return self.cases()
        if kind < .95:
            return f"{self.one(QUANTIFIERS)} {self.letter()} \\in {self.one(SETS)} : {self.sum(1)} {relation} {self.sum(1)}"
        return f"{self.sum(depth - 1)} {relation} {self.sum(depth - 1)} {relation} {self.sum(depth - 1)}"


def formulas(n, seed):
    grammar, known = Grammar(seed), set()
    while len(known) < n:
        formula = " ".join(grammar.formula().split())
        if 3 <= len(formula.split()) <= MAX_TOKENS and formula not in known:
            known.add(formula)
            yield formula


def is_held_out(formula):
    """One formula in twenty, by its own text."""
    return hashlib.sha256(formula.encode()).digest()[0] < 13


if __name__ == "__main__":
    out, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(out, "w", encoding="utf-8") as file:
        for formula in formulas(n, seed):
            file.write(formula + "\n")
