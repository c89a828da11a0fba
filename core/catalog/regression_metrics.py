"""Keras's metrics of amounts, a row each."""

from core.catalog.metric_row import MetricRow

REGRESSION_METRICS = (
    MetricRow(
        "MeanAbsoluteError",
        "The mean absolute error, in the target's unit. Choose it for an error that is easy to read and robust to "
        "outliers.",
        label="MAE",
        short="mae",
        exact="metrics.mean_absolute_error",
        shift_invariant=True,
        power=1,
    ),
    MetricRow(
        "RootMeanSquaredError",
        "The root of the mean squared error, in the target's unit. Choose it when large errors matter more than "
        "small ones.",
        label="RMSE",
        short="rmse",
        exact="metrics.root_mean_squared_error",
        shift_invariant=True,
        power=1,
    ),
    MetricRow(
        "R2Score",
        "The share of the target's variance that is explained: 1 is perfect, 0 no better than the mean. Choose it "
        "to compare targets of different units.",
        label="R²",
        short="r2",
        exact="r2",
        shift_invariant=True,
        running="Keras's, in float32",
        larger=True,
    ),
    MetricRow(
        "MeanSquaredError",
        "The mean squared error, in the square of the target's unit. Choose it to compare with the loss of the same "
        "name; RMSE is easier to read.",
        label="MSE",
        short="mse",
        exact="metrics.mean_squared_error",
        shift_invariant=True,
        power=2,
    ),
    MetricRow(
        "MeanAbsolutePercentageError",
        "The mean absolute error as a percentage of the target. Choose it for positive targets far from 0.",
        label="MAPE",
        short="mape",
        exact="mean_absolute_percentage_error",
    ),
    MetricRow(
        "MeanSquaredLogarithmicError",
        "The mean squared difference of log(1 + target) and log(1 + prediction). Choose it for targets that span "
        "several orders of magnitude.",
        label="MSLE",
        short="msle",
        exact="mean_squared_logarithmic_error",
    ),
    MetricRow(
        "LogCoshError",
        "The mean of log(cosh(error)): nearly quadratic for small errors and nearly linear for large ones. Choose "
        "it to compare with the loss of the same name.",
        label="log-cosh",
        short="logcosh",
        exact="log_cosh_error",
        shift_invariant=True,
        running="of errors in the target's unit, not in its deviations",
        in_deviations=True,
        power=1,
    ),
    MetricRow(
        "Poisson",
        "The negative log-likelihood of a Poisson distribution. Choose it for counts and rates.",
        label="Poisson",
        short="poisson",
        exact="poisson",
        positive=True,
    ),
)
