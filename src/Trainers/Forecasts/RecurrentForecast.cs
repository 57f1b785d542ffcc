using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>How several steps are forecast.</summary>
public enum ForecastMode
{
    /// <summary>An encoder reads the window, and a decoder goes on from its state over the steps to come, with what is known of each.</summary>
    EncoderDecoder,

    /// <summary>Each step is answered from the state after the window by weights of its own, and from what is known of that step.</summary>
    Direct,

    /// <summary>As <see cref="EncoderDecoder"/>, but each step is given what was forecast for the step before it, while training too, and corrects what was forecast one season before.</summary>
    Recursive,
}

/// <summary>A recurrent network that reads a window of a series and forecasts the next values, as corrections of the values one season before.</summary>
/// <remarks>
/// Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014. A row is [window + horizon, channels]:
/// the value first, then past covariates, then what is known in advance; in the steps to come the first two are nought. The
/// layers see values against the mean of their window, so that a series may leave the range that was learned from.
/// </remarks>
public sealed record RecurrentForecast : Network
{
    /// <summary>The recurrent layers of the encoder; a decoder's are the same. Default: one of 64 GRU cells.</summary>
    public RecurrentLayers Layers { get; init; } = new() { Cell = RecurrentCell.Gru, HiddenSize = 64 };

    /// <summary>How several steps are forecast. Default: <see cref="ForecastMode.EncoderDecoder"/>.</summary>
    public ForecastMode Mode { get; init; } = ForecastMode.EncoderDecoder;

    /// <summary>The number of steps in a season, at least 1 and at most the window: a forecast corrects the value one season before. Default: 7, a week of days, for which a forecaster takes the days of a week that have rows, as 5 of trading days; null corrects the last value.</summary>
    public int? Seasonality { get; init; } = 7;

    /// <summary>Whether each step of a decoder looks back at all of the window, rather than at the state after it alone. Default: false.</summary>
    public bool Attention { get; init; }

    /// <summary>The number of covariates of which the past alone is known. It is the trainer that sets it.</summary>
    public int PastCovariates { get; init; }

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => 256;

    /// <inheritdoc/>
    /// <remarks>The shape is [window + horizon, channels], and <paramref name="outputSize"/> the horizon.</remarks>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        if (inputShape is not [var steps, var channels] || steps <= outputSize || channels <= PastCovariates)
            throw new ArgumentException($"A forecasting network reads [window + horizon, channels] with more than {outputSize} steps and {PastCovariates} channels; the rows have the shape [{string.Join(", ", inputShape)}].", nameof(inputShape));
        CheckSeason(steps - outputSize);
        var module = new RecurrentForecastModule(this, steps - outputSize, outputSize, channels - 1 - PastCovariates, random);
        module.Initialize(WeightInitialization.Uniform, random);
        return module;
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        if (input.Shape is not [_, var channels])
            return [];
        var (size, ahead) = (Layers.HiddenSize, 2L * (channels - 1 - PastCovariates) + 1);
        var layers = Mode == ForecastMode.Direct
            ? WeightShape.Recurrent("encoder", Layers, channels).Concat(WeightShape.Dense("steps", Layers.OutputSize, (long)outputSize * size)).Concat(WeightShape.Dense("ahead", ahead, size, hasBias: false))
            : WeightShape.Core("core", Layers, Attention, channels, Mode == ForecastMode.Recursive ? ahead + 1 : ahead);
        return layers.Concat(WeightShape.Dense("output", size, 1));
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Layers.Validate();
        Check.AtLeast(PastCovariates, 0, nameof(PastCovariates));
        if (Seasonality is { } season)
            Check.AtLeast(season, 1, nameof(Seasonality));
        if (!Enum.IsDefined(Mode))
            throw new ArgumentException($"{nameof(Mode)} is {Mode}; it has to be {string.Join(", ", Enum.GetNames<ForecastMode>())}.", nameof(Mode));
    }

    /// <summary>Refuses a window that does not reach one season back.</summary>
    internal void CheckSeason(int window)
    {
        if (Seasonality > window)
            throw new ArgumentException($"{nameof(Seasonality)} is {Seasonality} and the window {window}; a window has to be at least as long as a season. Choose a longer window, or null to correct the last value.", nameof(Seasonality));
    }

    /// <summary>What the catalog's <c>ForecastByRecurrentNetwork</c> takes.</summary>
    public sealed record Options : TrainingOptions
    {
        /// <summary>AdamW with a weight decay of 0.1 and a one-cycle schedule to 1e-2, gradients clipped at a norm of 1, 20 passes in batches of 64, but at least 300 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.1 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 64;
            RecipeEpochs = 20;
            RecipeSteps = 300;
            GradientClipping = new NormClipping { MaximalNorm = 1 };
        }

        /// <summary>The column of the forecasts made after each row, a vector of the series' type with <see cref="Horizon"/> values. Default: "Forecast".</summary>
        public string OutputColumnName { get; init; } = "Forecast";

        /// <summary>The series: a Single or Double a row. Default: "Value".</summary>
        public string InputColumnName { get; init; } = "Value";

        /// <summary>The number of rows that a forecast is made from, at least 1. Default: 56, eight weeks of days.</summary>
        public int WindowSize { get; init; } = 56;

        /// <summary>The number of values that are forecast at a time, at least 1. Default: 28.</summary>
        public int Horizon { get; init; } = 28;

        /// <summary>The column of the dates: DateTime, DateTimeOffset, or text as 2003-12-31, 2003-12-31T18:00:00, 2003-12-31T18:00:00+01:00 or, for its first day, 2003-12. Default: null, none, and so no calendar.</summary>
        /// <remarks>
        /// Steps are found in the dates: a fixed time, months, or days of which some of the week are always left out, as trading days. Of the last, days that are
        /// absent for once, up to ten in a row, are taken for holidays: their values are filled in by the value before, or as <see cref="MissingValues"/> says.
        /// </remarks>
        public string? DateColumnName { get; init; }

        /// <summary>The column, of text, that tells the series of a row where there are several; their rows may be mixed. Default: null, one series.</summary>
        public string? SeriesColumnName { get; init; }

        /// <summary>Columns of Single or Double whose past is known alone. Default: none.</summary>
        public IReadOnlyList<string> PastCovariates { get; init; } = [];

        /// <summary>Columns of Single or Double that are known for the steps to come, such as a price or a planned closure. Default: none.</summary>
        public IReadOnlyList<string> KnownCovariates { get; init; } = [];

        /// <summary>What is told of a date; not used without <see cref="DateColumnName"/>. Default: the day of the week and three yearly harmonics, no holidays.</summary>
        public CalendarFeatures Calendar { get; init; } = new();

        /// <summary>The least value that is forecast, bounds included: 0 where values are counts. Default: null, none.</summary>
        public double? Minimum { get; init; }

        /// <summary>The greatest value that is forecast, bounds included. Default: null, none.</summary>
        public double? Maximum { get; init; }

        /// <summary>What is done with a missing value, NaN. One that is filled is neither learned to be forecast nor measured as what came. Default: it is refused.</summary>
        public MissingValues MissingValues { get; init; } = MissingValues.Refuse;

        /// <summary>The share of the values that shall lie within the bounds, in (0, 1). Default: 0.95. An engine gives any other too.</summary>
        public double ConfidenceLevel { get; init; } = 0.95;

        /// <summary>The column of the lower bounds, like that of the forecasts. Default: null, none.</summary>
        public string? ConfidenceLowerBoundColumn { get; init; }

        /// <summary>The column of the upper bounds. Default: null, none.</summary>
        public string? ConfidenceUpperBoundColumn { get; init; }

        /// <summary>The share of each series' windows, the last ones, in [0, 1), that is held out to tell how wide the bounds have to be. Default: 0.1; with 0 there are no bounds.</summary>
        /// <remarks>
        /// Bounds that shall hold 0.95 of the values need 19 windows, of 0.99 they need 99: with fewer, over all series, <c>Fit</c> refuses columns of
        /// bounds, and an engine's are NaN.
        /// </remarks>
        public double CalibrationShare { get; init; } = 0.1;

        /// <summary>Whether the network is trained once more, with the held-out windows too, when they have told the bounds. Default: true, twice the time.</summary>
        /// <remarks>
        /// The newest values tell most of what comes, and a network that has not seen them errs more than its bounds say. The bounds are those of the first network: they fit
        /// the second where both were trained long enough, and after a pass or two may hold some per cent less. Scales are those of the first
        /// training. A validation set and callbacks belong to the second, so that one which stops it shortens the first by nothing; <see cref="TrainingOptions.Progress"/> is told of both as one.
        /// The first keeps its record and its checkpoints in the folder <c>bounds</c> of the run's, so that either of them is resumed.
        /// </remarks>
        public bool Retrain { get; init; } = true;

        /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
        [JsonIgnore]
        public RecurrentForecast Network { get; init; } = new();

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            Check.AtLeast(WindowSize, 1, nameof(WindowSize));
            Check.AtLeast(Horizon, 1, nameof(Horizon));
            Check.Between(ConfidenceLevel, 0, 1, nameof(ConfidenceLevel));
            Check.Share(CalibrationShare, nameof(CalibrationShare));
            if (CalibrationShare == 0 && (ConfidenceLowerBoundColumn ?? ConfidenceUpperBoundColumn) is { } bound)
                throw new ArgumentException($"{nameof(CalibrationShare)} is 0 and the column '{bound}' is asked for: bounds are made from the windows that are held out. Choose a share of more than 0.", nameof(CalibrationShare));
            Columns.Validate();
            Calendar.Validate();
            ForecastDefinition.CheckLimits(Minimum, Maximum);
            Network.Validate();
            Network.CheckSeason(WindowSize);
        }

        internal ForecastColumns Columns => new(InputColumnName, OutputColumnName)
        {
            Date = DateColumnName,
            Series = SeriesColumnName,
            PastCovariates = PastCovariates,
            KnownCovariates = KnownCovariates,
            LowerBound = ConfidenceLowerBoundColumn,
            UpperBound = ConfidenceUpperBoundColumn,
        };
    }
}

/// <summary>What is done with a missing value of a series.</summary>
public enum MissingValues
{
    /// <summary>It is refused; the message names its row.</summary>
    Refuse,

    /// <summary>The value before it stands in.</summary>
    Previous,

    /// <summary>It is taken from the straight line between the values before and after; at the end of a series the value before stands in. What is made of past rows, as by a backtest, then sees the value after a missing one.</summary>
    Linear,
}
