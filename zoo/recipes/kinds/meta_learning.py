"""Optimisers that are learnt: trained on problems of one kind, raced against hand-made ones on these and others."""

from collections.abc import Mapping
from dataclasses import asdict

from pytorch_lightning.callbacks import LearningRateMonitor

from zoo.data.about import ABOUT
from zoo.data.problem_options import ProblemOptions
from zoo.data.problems import ProblemData, fixed_problems
from zoo.errors import ZooError
from zoo.models.l2l import CoordinatewiseLSTM
from zoo.optim.contest import HAND_MADE, race
from zoo.recipes.kinds.contract import Job, Measure, Report
from zoo.recipes.l2l import MetaEvaluateOptions, MetaRecipe
from zoo.recipes.meta_report import DOUBLE, LEARNED, learned, measure, settings_of
from zoo.recipes.release import Provenance
from zoo.recipes.restored import restored
from zoo.records import ModelMeta
from zoo.registry import Trained, get_model
from zoo.tasks.meta_training import MetaTraining

_TITLES = {
    "base": "as trained",
    "units_40": "40 units",
    "two_layers": "two layers",
    "relu": "ReLU",
    "other_data": "another data set",
    "quadratic": "Gaussian quadratics",
    "quadratic-uniform": "uniform quadratics",
    "logistic": "logistic regression",
    "rosenbrock": "Rosenbrock",
}
_SEEDS = MetaEvaluateOptions().seeds


class MetaLearningKind:
    """How such optimisers are trained, measured and shown."""

    measures = tuple(
        Measure(f"test/{name}{double}{suffix}", f"{title}{longer}: {what}", digits=4, chance=0.02)
        for name, title in _TITLES.items()
        for double, longer in (("", ""), (DOUBLE, ", twice the steps"))
        for suffix, what in (
            ("", "final loss"),
            ("_best", "that of the best hand-made optimiser"),
            ("_gain_low", "lower end of the gain on it"),
            ("_chebyshev", "that of Chebyshev's iteration, told each problem's curvatures"),
        )
    )
    chosen_by = "val/loss"

    def prepare(self, recipe: MetaRecipe) -> Job:
        """Draw the problems, or read their pictures, and build the network."""
        if recipe.trainer.devices > 1:
            raise ZooError(f"--trainer.devices {recipe.trainer.devices}: an optimiser learns on one device; set it to 1")
        data, options = ProblemData(recipe.data, seed=recipe.seed), asdict(recipe.model)
        model = get_model(recipe.model.arch, **options)
        assert isinstance(model, CoordinatewiseLSTM)
        task = MetaTraining(model, recipe.task, train=data.train, validation=data.validation, length=recipe.data.length)
        about, problems = ABOUT[recipe.data.kind], recipe.data.batch_size * recipe.data.steps
        return Job(
            task,
            data,
            Provenance(
                kind=recipe.kind,
                arch=recipe.model.arch,
                options=options,
                recipe=recipe.name,
                loss=f"{recipe.task.objective} of problems",
                labels=[],
                data={"title": about.title, "licence": about.licence, **asdict(recipe.data), "root": None},
            ),
            about=f"{recipe.data.kind}: endless, {problems:,} problems of {recipe.data.length} steps an epoch",
            finish=lambda: _finish(task, recipe.data, seeds=recipe.task.race_seeds),
            callbacks=[LearningRateMonitor()],
            monitor="val/loss",
        )

    def evaluate(self, trained: Trained, options: MetaEvaluateOptions) -> Report:
        """Race on the test problems."""
        assert isinstance(trained.model, CoordinatewiseLSTM)
        data = restored(ProblemOptions(), trained.meta.data)
        settings = settings_of(data.kind, transfers=options.transfers)
        return measure(
            trained.model, settings, length=data.length, seeds=options.seeds, rivals=HAND_MADE if options.rivals else (), root=options.root
        )

    def facts(self, meta: ModelMeta) -> Mapping[str, str]:
        """What it was trained to do, and what it is compared with."""
        return {
            "trained for": f"{meta.data['length']} steps of each problem",
            "compared with": "SGD, momentum, NAG, RMSprop, Adam, and Haykin's momentum with an annealed rate, each at the best "
            "learning rate of four a decade, chosen for these problems and this number of steps on others",
            "losses of networks": "on the pictures of the test part, which they are trained on: how quickly they are fitted",
            "figures": f"medians of {_SEEDS} test seeds; gains are measured on the same problems, and lie above their lower end in 97.5 % "
            "of bootstrap resamples",
        }

    def usage(self, meta: ModelMeta) -> str:
        """As an optimiser."""
        return (
            "network = torch.nn.Linear(4, 1)  # or any other\n"
            "optimizer = zoo.optim.learned.LearnedOptimizer(network.parameters(), model)  # then zero_grad, backward and step as ever"
        )

    def notes(self, meta: ModelMeta) -> str:
        """Nothing more."""
        return ""


KIND = MetaLearningKind()


def _finish(task: MetaTraining, data: ProblemOptions, *, seeds: int) -> Report:
    model = task.model.cpu()
    problems = fixed_problems(task.validation_family, "validation", data.validation, steps=data.length)
    makes = {LEARNED: learned(model)}
    validation = race(makes, task.validation_family, problems, steps=data.length)[LEARNED].final
    settings = settings_of(data.kind, transfers=True) if seeds else []
    report = measure(model, settings, length=data.length, seeds=seeds, root=data.root)
    return Report({"val/loss": float(validation.mean())} | report.figures, report.lines, report.pictures)
