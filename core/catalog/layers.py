"""The layers a stack over a table is made of. One row adds a layer to the form, the shapes, the builder and the
script.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.catalog.fields import Flag, Number, Part, Pick, Row, Whole
from core.catalog.layer_parts import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS

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
        name="activation", default=default, help=help, words=lambda: list(ACTIVATIONS), optional=True, advanced=False
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


_CENTER = Flag(name="center", default=True, help="Learn a shift for each column.")
_SCALE = Flag(name="scale", default=True, help="Learn a factor for each column.")

_ROWS = (
    LayerRow(
        "Dense",
        "Every unit takes a weighted sum of all inputs: the basic layer.",
        (
            Whole(
                name="units",
                default=32,
                low=1,
                high=16_384,
                help="How many sums it takes: more can fit more, and overfit more.",
                required=True,
                advanced=False,
            ),
            _activation(None, "What is done to each sum; without one a stack is only a straight line."),
            _regularizer("kernel_regularizer", "A price on large weights, against overfitting.", advanced=False),
            Flag(name="use_bias", default=True, help="Add a learned number to each sum."),
            _initializer("kernel_initializer", "GlorotUniform", "How the first weights are drawn."),
            _initializer("bias_initializer", "Zeros", "How the first biases are drawn."),
            _regularizer("bias_regularizer", "A price on large biases."),
            _regularizer("activity_regularizer", "A price on large outputs."),
            _constraint("kernel_constraint", "A rule that the weights must keep."),
            _constraint("bias_constraint", "A rule that the biases must keep."),
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
        "Learns a few numbers for each word of a category or code, in place of a column for each word.",
        (
            Whole(
                name="output_dim",
                default=4,
                low=1,
                high=512,
                help="Numbers that stand for a word.",
                required=True,
                advanced=False,
            ),
            _regularizer("embeddings_regularizer", "A price on large numbers, against overfitting.", advanced=False),
            _initializer("embeddings_initializer", "RandomUniform", "How the first numbers are drawn."),
            _constraint("embeddings_constraint", "A rule that the numbers must keep."),
        ),
        embeds=True,
        link="layers/core_layers/embedding/",
    ),
    LayerRow(
        "Activation",
        "Applies an activation by itself, for instance after a normalisation.",
        (
            Pick(
                name="activation",
                default="relu",
                help="The function.",
                words=lambda: list(ACTIVATIONS),
                required=True,
                advanced=False,
            ),
        ),
        link="layers/core_layers/activation/",
    ),
    LayerRow(
        "Dropout",
        "Silences a random share of units at each step, so that none is relied on too much.",
        (
            Number(
                name="rate",
                default=0.2,
                low=0,
                below=1,
                step=0.05,
                help="Share of units silenced.",
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
                help="Strength, as the share dropout would silence.",
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
        "Dropout that keeps mean and spread, for stacks of SELU.",
        (
            Number(
                name="rate",
                default=0.1,
                low=0,
                below=1,
                step=0.05,
                help="Share of units silenced.",
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
        "Adds random noise while training, so that small differences are not learned by heart.",
        (
            Number(
                name="stddev",
                default=0.1,
                low=0,
                high=100,
                step=0.05,
                help="Size of the noise.",
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
        "A price on large outputs of the layer before.",
        (
            Number(name="l1", default=0.0, low=0, high=100, help="Price on the size of outputs.", advanced=False),
            Number(name="l2", default=0.0, low=0, high=100, help="Price on their squares.", advanced=False),
        ),
        group="Against overfitting",
        link="layers/regularization_layers/activity_regularization/",
    ),
    LayerRow(
        "BatchNormalization",
        "Rescales each column by the mean and spread of the batch: steadier and often faster learning.",
        (
            Number(
                name="momentum",
                default=0.99,
                low=0,
                below=1,
                help="How slowly the running mean and spread follow.",
                advanced=False,
            ),
            _epsilon(),
            _CENTER,
            _SCALE,
        ),
        parameters=lambda width, arguments: (_scale_and_shift(width, arguments), 2 * width),
        group="Normalisation",
        link="layers/normalization_layers/batch_normalization/",
    ),
    LayerRow(
        "LayerNormalization",
        "Rescales each row to mean 0 and spread 1.",
        (_epsilon(), _CENTER, _SCALE),
        parameters=lambda width, arguments: (_scale_and_shift(width, arguments), 0),
        group="Normalisation",
        link="layers/normalization_layers/layer_normalization/",
    ),
    LayerRow(
        "RMSNormalization",
        "Divides each row by its root mean square: a cheaper layer normalisation.",
        (_epsilon(1e-6),),
        parameters=lambda width, _: (width, 0),
        group="Normalisation",
        link="layers/normalization_layers/rms_normalization/",
    ),
    LayerRow(
        "UnitNormalization",
        "Scales each row to length 1.",
        group="Normalisation",
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
            Number(name="threshold", default=0.0, low=0, help="Where it starts."),
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
    "wants a function: write a plug-in": "Lambda",
}

# Layers of Keras that are not offered, and why.
LEFT_OUT = {name: why for why, names in _WHY_NOT.items() for name in names.split()}
