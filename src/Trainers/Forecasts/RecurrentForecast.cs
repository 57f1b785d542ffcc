using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>How a network forecasts several steps.</summary>
public enum ForecastMode
{
    /// <summary>An encoder reads the window, and a decoder continues from its state over the future steps, with their future covariates and calendar.</summary>
    EncoderDecoder,

    /// <summary>Each step is forecast from the state after the window by weights of its own, and from the future covariates and calendar of that step.</summary>
    Direct,

    /// <summary>As <see cref="EncoderDecoder"/>, but each step reads the forecast of the previous step, during the training, too, and corrects the forecast of one season before.</summary>
    Recursive,
}

/// <summary>A recurrent network that reads a window of a series and forecasts the next values, as corrections of a seasonal naive forecast.</summary>
/// <remarks>
/// Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014. A row is [window + horizon, channels]:
/// the value first, then past covariates, then future covariates and calendar; in future steps the first two are zero. Values are
/// centered on the mean of their window, so that a series may leave the range of the training data.
/// </remarks>
public sealed record RecurrentForecast : Network
{
    /// <summary>The recurrent layers of the encoder, and of the decoder if there is one. Default: one layer of 64 GRU cells.</summary>
    public RecurrentLayers Layers { get; init; } = new() { Cell = RecurrentCell.Gru, HiddenSize = 64 };

    /// <summary>How the network forecasts several steps. Default: <see cref="ForecastMode.EncoderDecoder"/>.</summary>
    public ForecastMode Mode { get; init; } = ForecastMode.EncoderDecoder;

    /// <summary>The season length in steps, from 1 to the window size: a forecast corrects the value of one season before; null corrects the last value. Default: 7, a week of daily values; if some days of the week never have rows, such as weekends in trading data, the number of those that do.</summary>
    [FormerName("Seasonality")]
    public int? SeasonLength { get; init; } = 7;

    /// <summary>Whether each step of the decoder attends to the whole window, instead of only to the state after it. Default: false.</summary>
    public bool Attention { get; init; }

    /// <summary>The number of past covariates. The trainer sets it.</summary>
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
        Check.AtLeast(SeasonLength ?? 1, 1, nameof(SeasonLength));
        if (!Enum.IsDefined(Mode))
            throw new ArgumentException($"{nameof(Mode)} is {Mode}; it has to be {string.Join(", ", Enum.GetNames<ForecastMode>())}.", nameof(Mode));
    }

    /// <summary>Refuses a window that does not reach one season back.</summary>
    internal void CheckSeason(int window)
    {
        if (SeasonLength > window)
            throw new ArgumentException($"{nameof(SeasonLength)} is {SeasonLength} and the window {window}; the window has to be at least as long as a season. Choose a longer window, or null to correct the last value.", nameof(SeasonLength));
    }

    /// <summary>The options of the catalog's <c>ForecastByRecurrentNetwork</c>.</summary>
    public sealed record Options : TrainingOptions
    {
        /// <summary>AdamW with a weight decay of 0.1, a one-cycle schedule up to 1e-2, gradients clipped to a norm of 1, and 20 epochs in batches of 64, but at least 300 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.1 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 64;
            RecipeEpochs = 20;
            RecipeSteps = 300;
            GradientClipping = new NormClipping { MaxNorm = 1 };
        }

        /// <summary>The output column with the forecasts made after each row: a vector of the series' type with <see cref="Horizon"/> values. Default: "Forecast".</summary>
        public string OutputColumnName { get; init; } = "Forecast";

        /// <summary>The column with the values of the series, Single or Double. Default: "Value".</summary>
        public string InputColumnName { get; init; } = "Value";

        /// <summary>The number of rows that a forecast is made from, at least 1. Default: 56, eight weeks of daily values.</summary>
        public int WindowSize { get; init; } = 56;

        /// <summary>The number of values to forecast, at least 1. Default: 28.</summary>
        public int Horizon { get; init; } = 28;

        /// <summary>The column with the dates: DateTime, DateTimeOffset, or text such as 2003-12-31, 2003-12-31T18:00:00, 2003-12-31T18:00:00+01:00, or 2003-12 for the first day of a month. Default: null, no dates and no calendar features.</summary>
        /// <remarks>
        /// The frequency is inferred from the dates: a fixed time, months, or days without some days of the week, such as trading days. In the last case, single
        /// missing days, up to ten in a row, count as holidays: their values are filled with the previous value, or as <see cref="MissingValues"/> says.
        /// </remarks>
        public string? DateColumnName { get; init; }

        /// <summary>The text column with the name of the series of each row, if there are several; their rows may be interleaved. Default: null, one series.</summary>
        public string? SeriesColumnName { get; init; }

        /// <summary>Columns of covariates (Single or Double) whose values are known only up to the present. Default: none.</summary>
        public IReadOnlyList<string> PastCovariates { get; init; } = [];

        /// <summary>Columns of covariates (Single or Double) whose future values are known, such as a price or a planned closure. Default: none.</summary>
        [FormerName("KnownCovariates")]
        public IReadOnlyList<string> FutureCovariates { get; init; } = [];

        /// <summary>The features of a date. Ignored without <see cref="DateColumnName"/>. Default: the day of the week and three yearly harmonics, no holidays.</summary>
        public CalendarFeatures Calendar { get; init; } = new();

        /// <summary>The lower limit of forecasts and bounds, such as 0 for counts. Default: null, none.</summary>
        public double? Minimum { get; init; }

        /// <summary>The upper limit of forecasts and bounds. Default: null, none.</summary>
        public double? Maximum { get; init; }

        /// <summary>How missing values (NaN) are handled. Filled values are neither forecasting targets nor used to measure errors. Default: <see cref="MissingValues.Refuse"/>.</summary>
        public MissingValues MissingValues { get; init; } = MissingValues.Refuse;

        /// <summary>The confidence level of the bounds: the fraction of the values that lie within them, in (0, 1). An engine can use other levels, too. Default: 0.95.</summary>
        public double ConfidenceLevel { get; init; } = 0.95;

        /// <summary>The output column with the lower bounds, of the type of the forecasts. Default: null, none.</summary>
        public string? ConfidenceLowerBoundColumn { get; init; }

        /// <summary>The output column with the upper bounds. Default: null, none.</summary>
        public string? ConfidenceUpperBoundColumn { get; init; }

        /// <summary>The fraction of each series' windows, the last ones, that is held out to calibrate the bounds, in [0, 1); with 0 there are no bounds. Default: 0.1.</summary>
        /// <remarks>
        /// Bounds of level 0.95 need at least 19 windows over all series, bounds of 0.99 at least 99: with fewer, <c>Fit</c> refuses columns of
        /// bounds, and the bounds of an engine are NaN.
        /// </remarks>
        [FormerName("CalibrationShare")]
        public double CalibrationFraction { get; init; } = 0.1;

        /// <summary>Whether the network is trained again on all windows after the bounds have been calibrated, which takes twice the time. Default: true.</summary>
        /// <remarks>
        /// The newest values matter most, and a network that has not seen them errs more than its bounds say. The bounds are those of the first network: they fit
        /// the second if both were trained long enough; after an epoch or two they may hold a few percent less of the values. Scales are those of the first
        /// training. Validation data and callbacks belong to the second training; <see cref="TrainingOptions.Progress"/> is notified of both as one.
        /// The first keeps its checkpoints in the folder <c>bounds</c> of the run folder, so that either can be resumed.
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
            Check.Share(CalibrationFraction, nameof(CalibrationFraction));
            if (CalibrationFraction == 0 && (ConfidenceLowerBoundColumn ?? ConfidenceUpperBoundColumn) is { } bound)
                throw new ArgumentException($"{nameof(CalibrationFraction)} is 0, but the column '{bound}' needs bounds, which are calibrated on held-out windows. Choose a fraction greater than 0.", nameof(CalibrationFraction));
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
            FutureCovariates = FutureCovariates,
            LowerBound = ConfidenceLowerBoundColumn,
            UpperBound = ConfidenceUpperBoundColumn,
        };
    }
}

/// <summary>How missing values of a series are handled.</summary>
public enum MissingValues
{
    /// <summary>They are refused; the message names the row.</summary>
    Refuse,

    /// <summary>The previous value is used.</summary>
    Previous,

    /// <summary>Linear interpolation between the previous and the next value; at the end of a series, the previous value. Forecasts from past rows, as in a backtest, then depend on the value after a missing one.</summary>
    Linear,
}
