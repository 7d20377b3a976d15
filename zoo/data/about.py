"""What there is to say of each data set: its full name, its licence, and what it cannot teach. No heavy import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """One data set."""

    title: str
    licence: str
    limits: str
    """What a model trained on it cannot be expected to do."""
    people: bool = False
    """Whether its pictures show people, whom no command of the zoo names."""


ABOUT: dict[str, About] = {
    "digits": About(
        title="UCI optical recognition of handwritten digits, test part (1,797 pictures, 8x8), as in scikit-learn",
        licence="CC BY 4.0",
        limits="Trained on 8 x 8 digits by 13 writers, enlarged; for trying the zoo out, not for reading digits elsewhere.",
    ),
    "mnist": About(
        title="MNIST database of handwritten digits (70,000 pictures, 28x28), LeCun, Cortes and Burges 1998",
        licence="CC BY-SA 3.0, as commonly stated",
        limits="Knows single handwritten digits as North Americans wrote them around 1990, upright and centred (predict.py centres "
        "them), and nothing else: a classifier names a digit, often a confident one, in any picture at all.",
    ),
    "cluttered-mnist": About(
        title="cluttered MNIST (drawn by the zoo): MNIST's digits, scaled, turned and placed on a canvas, among pieces of others",
        licence="CC BY-SA 3.0, as commonly stated for MNIST",
        limits="Finds one light handwritten digit, fitted into a square of 28 to 48 pixels, on a dark ground among small pieces of "
        "digits. It has no class for anything else, so it names a digit and draws a box in any picture at all; boxes come from what "
        "tells classes apart, which need not be all of an object.",
    ),
    "cluttered-digits": About(
        title="cluttered digits (drawn by the zoo): scikit-learn's 8x8 digits, enlarged and placed on a canvas, among pieces of others",
        licence="CC BY 4.0",
        limits="Digits by 13 writers, enlarged from 8 x 8; for trying the zoo out, not for finding digits elsewhere.",
    ),
    "fsdd": About(
        title="Free Spoken Digit Dataset (3,000 recordings of English digits by six men, 8 kHz), Jackson and contributors",
        licence="CC BY-SA 4.0",
        limits="Has heard ten English words, said one at a time by six men close to a microphone; it gives one of the ten to any sound.",
    ),
    "folder": About(
        title="a user's own pictures",
        licence="the user's",
        limits="Whatever its user's pictures do not show.",
    ),
    "double-moon": About(
        title="double moon (drawn by the zoo), Haykin 2009",
        licence="none needed",
        limits="Two half rings at one distance, as Haykin draws them: for looking at a decision boundary, not for data of your own.",
    ),
    **{
        task: About(
            title=f"{title} (drawn by the zoo), Graves et al. 2014",
            licence="none needed",
            limits="Knows one algorithm on random bits; of larger inputs than those above nothing is promised.",
        )
        for task, title in {
            "copy": "copy",
            "repeat-copy": "repeat copy",
            "recall": "associative recall",
            "ngrams": "dynamic n-grams",
            "sort": "priority sort",
        }.items()
    },
    "orl": About(
        title="ORL database of faces (400 pictures of 40 people, 92x112), Samaria and Harter 1994",
        licence="none stated; credit to Olivetti Research Laboratory",
        limits="Forty people of one laboratory around 1993, most of them men: for comparing losses, never for recognising anyone.",
        people=True,
    ),
    "digits-edges": About(
        title="UCI handwritten digits, test part (1,797 pictures, 8x8), as in scikit-learn, against maps of their edges",
        licence="CC BY 4.0",
        limits="Trained on 8 x 8 digits by 13 writers; for trying the zoo out.",
    ),
    "mnist-usps": About(
        title="MNIST (70,000 digits, 28x28), LeCun, Cortes and Burges 1998, against USPS (9,298 digits, 16x16), LeCun et al. 1990",
        licence="MNIST: CC BY-SA 3.0, as commonly stated; USPS: not stated",
        limits="Compares single handwritten digits, upright and centred as these two sets have them; it knows no other signs.",
    ),
    "viper": About(
        title="VIPeR (632 people before two cameras, 48x128), Gray, Brennan and Tao 2007",
        licence="none stated; citation asked for",
        limits="Two cameras on one campus: for comparing measures, never for recognising anyone.",
        people=True,
    ),
    "c-programs": About(
        title="small C programs for 18 problems, written by the zoo's templates",
        licence="none needed",
        limits="Writes the few programs that the templates hold, with other names and layout; for trying the zoo out.",
    ),
    "poj104": About(
        title="POJ-104, the programs taken for C (29,175 to learn from, 3,697 for validation), Mou et al. 2016",
        licence="Computational Use of Data Agreement, C-UDA 1.0",
        limits="Writes what looks like a beginner's C program for one of 104 problems of one judge; it was never taught to be right, and "
        "hardly ever is for more than a few lines. Nothing it writes should be run unread.",
    ),
    "tinyshakespeare": About(
        title="tiny Shakespeare (1,115,394 characters of plays), as collected by A. Karpathy",
        licence="public domain text",
        limits="Writes what sounds like Shakespeare and means nothing.",
    ),
    "texts": About(title="a user's own texts", licence="the user's", limits="Whatever its user's texts do not show."),
    "subspaces": About(
        title="random points of random subspaces, drawn by the zoo",
        licence="none needed",
        limits="Holds these points alone; for looking at how gaps are filled.",
    ),
    **{
        name: About(
            title=f"{title} (drawn by the zoo)",
            licence="none needed",
            limits="Optimises what looks like these problems, for about as many steps as it was trained for; on others it may be far "
            "worse than a hand-made optimiser, or diverge, without a sign beforehand.",
        )
        for name, title in {
            "quadratic": "quadratics of 10 dimensions with Gaussian matrices, Andrychowicz et al. 2016",
            "quadratic-uniform": "quadratics of 10 dimensions with uniform matrices, as in the code of Andrychowicz et al. 2016",
            "rosenbrock": "Rosenbrock's valley from random places",
            "logistic": "logistic regression on two random clouds, Li and Malik 2016",
        }.items()
    },
    **{
        name: About(
            title=f"training a network of 20 sigmoid units on {title}",
            licence=licence,
            limits="Trains small sigmoid networks on such pictures, for about as many steps as it was trained for; with ReLU units, or "
            "far from these, it may fail where any hand-made optimiser works. The table above says how it fared.",
        )
        for name, title, licence in (
            ("digits-network", "scikit-learn's 8x8 digits, batches of 128", "CC BY 4.0"),
            ("mnist-network", "MNIST, batches of 128", "CC BY-SA 3.0, as commonly stated"),
        )
    },
    "symbol-recall": About(
        title="sequences of a key and noise, drawn by the zoo",
        licence="none needed",
        limits="Recalls one of eight symbols; for looking at what a network remembers.",
    ),
}
