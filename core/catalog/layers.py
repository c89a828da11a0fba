"""The layers a stack over a table is made of. One row adds a layer to the form, the shapes, the builder and the
script.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Flag, Number, Part, Pick, Row, Whole
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS, USUAL_ACTIVATIONS, penalty

Arguments = dict[str, Any]


@dataclass(frozen=True)
class LayerRow(Row):
    """A layer that maps rows of some width to rows of some width.

    Attributes:
        width: (width in, arguments) -> width out.
        parameters: (width in, arguments) -> (trainable, not trainable) numbers of weights.
        random: Whether it draws random numbers while training.
        embeds: Whether it takes the place of the columns that words would become, before everything else.
        group: Heading in the list of layers.
    """

    module: str = "keras.layers"
    width: Callable[[int, Arguments], int] = lambda width, _: width
    parameters: Callable[[int, Arguments], tuple[int, int]] = lambda _width, _: (0, 0)
    random: bool = False
    embeds: bool = False
    group: str = "Core"


def _activation(default: str | None, help: str) -> Pick:
    return Pick(
        name="activation",
        default=default,
        help=help,
        words=lambda: list(ACTIVATIONS),
        search_words=USUAL_ACTIVATIONS,
        optional=True,
        advanced=False,
    )


def _initializer(name: str, default: str, help: str) -> Part:
    return Part(name=name, default={"class": default}, help=help, rows=lambda: INITIALIZERS)


def _regularizer(name: str, help: str, advanced: bool = True) -> Part:
    return Part(name=name, default=None, help=help, rows=lambda: REGULARIZERS, optional=True, advanced=advanced)


def _constraint(name: str, help: str) -> Part:
    return Part(name=name, default=None, help=help, rows=lambda: CONSTRAINTS, optional=True)


def _epsilon(default: float = 0.001) -> Number:
    return Number(
        name="epsilon", default=default, above=0, below=1, help="A small number that prevents division by zero."
    )


def _scale_and_shift(width: int, arguments: Arguments) -> int:
    return width * (arguments.get("scale", True) + arguments.get("center", True))


_CENTER = Flag(name="center", default=True, help="Train an offset for each column.")
_SCALE = Flag(name="scale", default=True, help="Train a factor for each column.")

_ROWS = (
    LayerRow(
        "Dense",
        "Every unit computes a weighted sum of all inputs: the basic layer.",
        (
            Whole(
                name="units",
                default=32,
                low=1,
                high=16_384,
                help="Number of units: more can fit more, and overfit more.",
                search_range=(8, 256),
                log_scale=True,
                required=True,
                advanced=False,
            ),
            _activation(None, "Applied to each sum; without one the network is linear."),
            _regularizer("kernel_regularizer", "Penalizes large weights, against overfitting.", advanced=False),
            Flag(name="use_bias", default=True, help="Add a trained bias to each sum."),
            _initializer("kernel_initializer", "GlorotUniform", "How the initial weights are drawn."),
            _initializer("bias_initializer", "Zeros", "How the initial biases are drawn."),
            _regularizer("bias_regularizer", "Penalizes large biases."),
            _regularizer("activity_regularizer", "Penalizes large outputs."),
            _constraint("kernel_constraint", "A constraint on the weights."),
            _constraint("bias_constraint", "A constraint on the biases."),
        ),
        width=lambda _, arguments: arguments["units"],
        parameters=lambda width, arguments: (
            width * arguments["units"] + arguments["units"] * arguments.get("use_bias", True),
            0,
        ),
        link="layers/core_layers/dense/",
    ),
    LayerRow(
        "Embedding",
        "Trains a vector for each category or code, instead of a one-hot column for each.",
        (
            Whole(
                name="output_dim",
                default=4,
                low=1,
                high=512,
                help="Length of the vector of a category.",
                search_range=(2, 32),
                log_scale=True,
                required=True,
                advanced=False,
            ),
            _regularizer("embeddings_regularizer", "Penalizes large vectors, against overfitting.", advanced=False),
            _initializer("embeddings_initializer", "RandomUniform", "How the initial vectors are drawn."),
            _constraint("embeddings_constraint", "A constraint on the vectors."),
        ),
        embeds=True,
        link="layers/core_layers/embedding/",
    ),
    LayerRow(
        "Activation",
        "Applies an activation, for instance after a normalization.",
        (
            Pick(
                name="activation",
                default="relu",
                help="The function.",
                words=lambda: list(ACTIVATIONS),
                search_words=USUAL_ACTIVATIONS,
                required=True,
                advanced=False,
            ),
        ),
        link="layers/core_layers/activation/",
    ),
    LayerRow(
        "Dropout",
        "Sets a random share of units to 0 at each training step, so that the network relies on none of them.",
        (
            Number(
                name="rate",
                default=0.2,
                low=0,
                below=1,
                step=0.05,
                help="Share of units that are set to 0.",
                search_range=(0.0, 0.5),
                required=True,
                advanced=False,
            ),
        ),
        random=True,
        group="Against overfitting",
        link="layers/regularization_layers/dropout/",
    ),
    LayerRow(
        "GaussianDropout",
        "Multiplies each unit by random noise around 1, a softer dropout.",
        (
            Number(
                name="rate",
                default=0.2,
                low=0,
                below=1,
                step=0.05,
                help="Strength, as the rate of an equivalent Dropout.",
                search_range=(0.0, 0.5),
                required=True,
                advanced=False,
            ),
        ),
        random=True,
        group="Against overfitting",
        link="layers/regularization_layers/gaussian_dropout/",
    ),
    LayerRow(
        "AlphaDropout",
        "Dropout that keeps mean and variance, for networks with SELU.",
        (
            Number(
                name="rate",
                default=0.1,
                low=0,
                below=1,
                step=0.05,
                help="Share of units that are set to 0.",
                search_range=(0.0, 0.5),
                required=True,
                advanced=False,
            ),
        ),
        random=True,
        group="Against overfitting",
        link="layers/regularization_layers/alpha_dropout/",
    ),
    LayerRow(
        "GaussianNoise",
        "Adds random noise in training, so that small differences are not memorized.",
        (
            Number(
                name="stddev",
                default=0.1,
                low=0,
                high=100,
                step=0.05,
                help="Standard deviation of the noise.",
                search_range=(0.01, 1.0),
                log_scale=True,
                required=True,
                advanced=False,
            ),
        ),
        random=True,
        group="Against overfitting",
        link="layers/regularization_layers/gaussian_noise/",
    ),
    LayerRow(
        "ActivityRegularization",
        "Penalizes large outputs of the layer before.",
        (
            penalty("l1", 0.0, "Strength of L1 regularization."),
            penalty("l2", 0.0, "Strength of L2 regularization."),
        ),
        group="Against overfitting",
        link="layers/regularization_layers/activity_regularization/",
    ),
    LayerRow(
        "BatchNormalization",
        "Normalizes each column by the mean and variance of the batch: more stable and often faster training.",
        (
            Number(
                name="momentum",
                default=0.99,
                low=0,
                below=1,
                help="Decay of the moving mean and variance.",
                advanced=False,
            ),
            _epsilon(),
            _CENTER,
            _SCALE,
        ),
        parameters=lambda width, arguments: (_scale_and_shift(width, arguments), 2 * width),
        group="Normalization",
        link="layers/normalization_layers/batch_normalization/",
    ),
    LayerRow(
        "LayerNormalization",
        "Normalizes each row to mean 0 and variance 1.",
        (_epsilon(), _CENTER, _SCALE),
        parameters=lambda width, arguments: (_scale_and_shift(width, arguments), 0),
        group="Normalization",
        link="layers/normalization_layers/layer_normalization/",
    ),
    LayerRow(
        "RMSNormalization",
        "Divides each row by its root mean square: a cheaper layer normalization.",
        (_epsilon(1e-6),),
        parameters=lambda width, _: (width, 0),
        group="Normalization",
        link="layers/normalization_layers/rms_normalization/",
    ),
    LayerRow(
        "UnitNormalization",
        "Scales each row to length 1.",
        group="Normalization",
        link="layers/normalization_layers/unit_normalization/",
    ),
    LayerRow(
        "ReLU",
        "ReLU as a layer, with a ceiling and a slope below 0 of your choice.",
        (
            Number(
                name="max_value", default=None, low=0, optional=True, help="Ceiling; none when empty.", advanced=False
            ),
            Number(name="negative_slope", default=0.0, low=0, help="Slope below the threshold.", advanced=False),
            Number(name="threshold", default=0.0, low=0, help="Input below which that slope applies."),
        ),
        group="Activations with arguments",
        link="layers/activation_layers/relu/",
    ),
    LayerRow(
        "LeakyReLU",
        "ReLU with a slope of your choice below 0.",
        (Number(name="negative_slope", default=0.3, low=0, help="Slope below 0.", advanced=False),),
        group="Activations with arguments",
        link="layers/activation_layers/leaky_relu/",
    ),
    LayerRow(
        "PReLU",
        "ReLU whose slope below 0 is learned for each unit.",
        parameters=lambda width, _: (width, 0),
        group="Activations with arguments",
        link="layers/activation_layers/prelu/",
    ),
    LayerRow(
        "ELU",
        "ELU with a floor of your choice.",
        (Number(name="alpha", default=1.0, low=0, help="Depth of the floor below 0.", advanced=False),),
        group="Activations with arguments",
        link="layers/activation_layers/elu/",
    ),
    LayerRow(
        "Softmax",
        "Softmax as a layer of its own.",
        group="Activations with arguments",
        link="layers/activation_layers/softmax/",
    ),
)

LAYERS: dict[str, LayerRow] = {row.name: row for row in _ROWS}

_WHY_NOT = {
    "is for pictures, sound or sequences: a row of a table has no neighbours": (
        "Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose Convolution1D Convolution2D "
        "Convolution3D "
        "Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose DepthwiseConv1D DepthwiseConv2D "
        "SeparableConv1D "
        "SeparableConv2D SeparableConvolution1D SeparableConvolution2D AveragePooling1D AveragePooling2D "
        "AveragePooling3D "
        "AvgPool1D AvgPool2D AvgPool3D MaxPooling1D MaxPooling2D MaxPooling3D MaxPool1D MaxPool2D MaxPool3D "
        "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D "
        "AdaptiveMaxPooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D "
        "GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalMaxPool1D "
        "GlobalMaxPool2D "
        "GlobalMaxPool3D SpatialDropout1D SpatialDropout2D SpatialDropout3D UpSampling1D UpSampling2D UpSampling3D "
        "ZeroPadding1D "
        "ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D LSTM LSTMCell GRU GRUCell SimpleRNN "
        "SimpleRNNCell RNN "
        "StackedRNNCells Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D TimeDistributed Attention AdditiveAttention "
        "MultiHeadAttention GroupQueryAttention Masking STFTSpectrogram MelSpectrogram GroupNormalization "
        "ReversibleEmbedding"
    ),
    "prepares pictures": (
        "AugMix AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization "
        "MaxNumBoundingBoxes "
        "MixUp RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
        "RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert "
        "RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear "
        "RandomTranslation "
        "RandomZoom Rescaling Resizing Solarization"
    ),
    "prepares the table, which Layerdeck does by the kind of a column": (
        "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup Normalization StringLookup "
        "TextVectorization Pipeline"
    ),
    "joins or reshapes: a stack has one stream of rows": (
        "Add Average Concatenate Dot Maximum Minimum Multiply Subtract Flatten Permute RepeatVector Reshape EinsumDense"
    ),
    "is set up by Keras, not chosen": (
        "Input InputLayer InputSpec Layer Wrapper Identity JaxLayer FlaxLayer TFSMLayer TorchModuleWrapper "
        "SpectralNormalization"
    ),
    "takes a function: write a plug-in": "Lambda",
}

# Layers of Keras that are not offered, and why.
LEFT_OUT = {name: why for why, names in _WHY_NOT.items() for name in names.split()}
