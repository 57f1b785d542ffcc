using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The options that all trainers of this library share.</summary>
public abstract record TrainingOptions
{
    private readonly int? _epochs;
    private readonly int? _minimumSteps;

    /// <summary>The number of rows in a step, at least 1. Default: the network's own recipe.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The number of epochs (passes over the training data), at least 1. Ignored if <see cref="NumberOfSteps"/> is set. Default: the network's own recipe.</summary>
    public int NumberOfEpochs
    {
        get => _epochs ?? RecipeEpochs;
        init => _epochs = value;
    }

    /// <summary>
    /// The minimum number of steps, at least 0: for data so small that <see cref="NumberOfEpochs"/> would take fewer, the number of epochs is raised.
    /// Default: the network's own recipe, or 0 (no minimum) if <see cref="NumberOfEpochs"/> is set. Ignored if <see cref="NumberOfSteps"/> is set.
    /// </summary>
    /// <remarks>The log then states the number of epochs.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MinimumNumberOfSteps
    {
        get => _minimumSteps ?? (_epochs is null ? RecipeSteps : 0);
        init => _minimumSteps = value;
    }

    /// <summary>The number of steps (one batch each), at least 1. Default: null for most trainers, which train for <see cref="NumberOfEpochs"/>.</summary>
    public int? NumberOfSteps { get; init; }

    /// <summary>The learning rate, more than 0; the highest one if a <see cref="Schedule"/> varies it. Default: the network's own recipe.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The optimizer, which updates the weights from their gradients. Default: <see cref="Adam"/>.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>
    /// How gradients are clipped before the optimizer uses them: <see cref="NormClipping"/>, the usual choice for recurrent networks
    /// on long sequences, or <see cref="ValueClipping"/>. Default: null, no clipping.
    /// </summary>
    /// <example><code>new RecurrentNetwork.Options { GradientClipping = new NormClipping { MaxNorm = 1 } }</code></example>
    public GradientClipping? GradientClipping { get; init; }

    /// <summary>How the learning rate changes during the training. Default: <see cref="ConstantSchedule"/>.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The precision in which the layers compute during the training. Default: <see cref="Precision.Single"/>.</summary>
    public Precision Precision { get; init; }

    /// <summary>The seed of initial weights, shuffling and dropout. Default: null, the seed of the <see cref="Microsoft.ML.MLContext"/>, or a random seed if that has none.</summary>
    /// <remarks>The same seed, data and number of threads give the same weights, byte for byte.</remarks>
    public int? Seed { get; init; }

    /// <summary>
    /// The memory for training rows, in bytes, at least 1. Rows that fit are read once and kept in the types of their columns
    /// (bytes stay bytes); otherwise the data is read again in each epoch, through a shuffle buffer of this size. Default: 1 GiB.
    /// </summary>
    public long MemoryBudget { get; init; } = 1L << 30;

    /// <summary>
    /// Validation data: rows on which the network is measured during the training, with the columns that the training data has
    /// where the trainer stands in the pipeline. Its time does not count as training time. Default: null, none.
    /// </summary>
    [JsonIgnore]
    public IDataView? ValidationSet { get; init; }

    /// <summary>The fraction of the training data to hold out as validation data, in (0, 1), instead of a <see cref="ValidationSet"/>. Default: null, none.</summary>
    /// <remarks>
    /// The held-out rows are spread over the data: one of each 1 / <see cref="ValidationFraction"/> rows, drawn by the seed. A stateful network, whose
    /// rows are one series, holds out the last rows instead, and a forecaster the last windows of each series, a horizon after the training windows.
    /// The data has to have the same order each time it is read.
    /// </remarks>
    public double? ValidationFraction { get; init; }

    /// <summary>Which rows are held out, for each row in the order of the data, if they are not drawn; with <see cref="ValidationFraction"/>, which says about how many.</summary>
    [JsonIgnore]
    internal IReadOnlyList<bool>? ValidationRows { get; init; }

    /// <summary>
    /// The number of steps between two validations, at least 1. There is always a validation after the last step. Default: null, after each
    /// epoch.
    /// </summary>
    public int? ValidationInterval { get; init; }

    /// <summary>Stops the training when the network no longer improves on the validation data, and restores the best weights. Default: null, the training takes all of its steps.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>An exponential moving average of the weights, which is then validated and saved instead of the weights themselves. Default: null, none.</summary>
    public WeightAveraging? WeightAveraging { get; init; }

    /// <summary>
    /// A trained model to start from: the training starts with the weights of its network (the last one in a chain) instead of random ones.
    /// Layers and classes have to be the same. The model itself is not changed, and the state of its optimizer is not used. Default: null,
    /// random weights.
    /// </summary>
    [JsonIgnore]
    public ITransformer? PreviousModel { get; init; }

    /// <summary>
    /// The parameters to freeze, by their PyTorch names (<see cref="TorchModel.Parameters"/>) or the parts of those before a dot; <c>*</c> matches
    /// any characters. A batch normalization whose weight is frozen keeps its running statistics, too. Default: none.
    /// </summary>
    /// <example><code>new ConvolutionalNetwork.Options { PreviousModel = model, FrozenParameters = ["convolution*", "normalization*"] }</code></example>
    public IReadOnlyList<string> FrozenParameters { get; init; } = [];

    /// <summary>
    /// The run folder, such as <c>models/runs/NAME</c>: the training writes its description, its curves and its <see cref="Checkpoints"/> there.
    /// It is created if it is missing. A finished run in it is replaced, with a warning in the log. Default: null, none.
    /// </summary>
    /// <remarks><see cref="Sconce.Trainers.RunFolder.Read"/> reads it. Only one training at a time can use it.</remarks>
    [JsonIgnore]
    public string? RunFolder { get; init; }

    /// <summary>When the training writes checkpoints to its <see cref="RunFolder"/>; null for never. Default: every minute.</summary>
    [JsonIgnore]
    public Checkpoints? Checkpoints { get; init; } = new();

    /// <summary>
    /// Whether to resume the training in <see cref="RunFolder"/> from its newest checkpoint: the weights become, byte for byte,
    /// those of an uninterrupted training. Network, options, seed and data have to be the same. If there is no checkpoint yet, the
    /// training starts from the beginning. Default: false.
    /// </summary>
    [JsonIgnore]
    public bool Resume { get; init; }

    /// <summary>Cancels the training after the current step: <c>Fit</c> then throws <see cref="OperationCanceledException"/>.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Receives the progress after every step, on the training thread. Default: null, none.</summary>
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Callbacks, which are notified of the training's progress, can use the current network, and can stop the training. Default: none.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<TrainingCallback> Callbacks { get; init; } = [];

    /// <summary>
    /// The data that the training writes for TensorBoard; null for none. Default: curves, histograms, images and the graph, if there is a
    /// run folder.
    /// </summary>
    [JsonIgnore]
    public TensorBoard? TensorBoard { get; init; } = new();

    /// <summary>The number of epochs in the network's own recipe, which the user may override.</summary>
    private protected int RecipeEpochs { get; init; } = 10;

    /// <summary>The minimum number of steps of that recipe.</summary>
    private protected int RecipeSteps { get; init; } = 1_000;

    /// <summary>The total number of steps, unless the training is stopped.</summary>
    internal long StepsFor(long stepsPerEpoch) => NumberOfSteps ?? stepsPerEpoch * Math.Max(NumberOfEpochs, (MinimumNumberOfSteps + stepsPerEpoch - 1) / stepsPerEpoch);

    /// <summary>The same options without the recipe's minimum number of steps; a minimum that the user has set is kept.</summary>
    internal TrainingOptions WithoutRecipeSteps() => _minimumSteps is null ? this with { MinimumNumberOfSteps = 0 } : this;

    internal bool HasValidation => ValidationSet is not null || ValidationFraction is not null;

    /// <summary>Creates the callbacks that these options need. They run before the user's own, which see their effects.</summary>
    internal IEnumerable<TrainingCallback> CreateCallbacks()
    {
        if (EarlyStopping is not null)
            yield return new EarlyStopper(EarlyStopping);
        if (Schedule.CreateCallback() is { } follower)
            yield return follower;
    }

    /// <summary>Checks every value, before any data is read.</summary>
    /// <exception cref="ArgumentException">An option has an invalid value; the message names it and says what is expected.</exception>
    public virtual void Validate()
    {
        Check.AtLeast(BatchSize, 1, nameof(BatchSize));
        Check.AtLeast(NumberOfEpochs, 1, nameof(NumberOfEpochs));
        Check.AtLeast(MinimumNumberOfSteps, 0, nameof(MinimumNumberOfSteps));
        Check.AtLeast(NumberOfSteps ?? 1, 1, nameof(NumberOfSteps));
        Check.AtLeast(ValidationInterval ?? 1, 1, nameof(ValidationInterval));
        if (ValidationFraction is { } fraction)
        {
            Check.Between(fraction, 0, 1, nameof(ValidationFraction));
            if (ValidationSet is not null)
                throw new ArgumentException($"{nameof(ValidationFraction)} and {nameof(ValidationSet)} cannot be combined; set one of them.", nameof(ValidationFraction));
        }

        if (EarlyStopping is not null && !HasValidation)
            throw new ArgumentException($"{nameof(EarlyStopping)} needs validation data; set {nameof(ValidationSet)} or {nameof(ValidationFraction)} too.", nameof(EarlyStopping));
        EarlyStopping?.Validate();
        WeightAveraging?.Validate();
        Check.Positive(LearningRate, nameof(LearningRate));
        if (RunFolder is not null && string.IsNullOrWhiteSpace(RunFolder))
            throw new ArgumentException($"{nameof(RunFolder)} is empty; it has to be the path of a folder, or null for none.", nameof(RunFolder));
        if (Resume && RunFolder is null)
            throw new ArgumentException($"{nameof(Resume)} needs {nameof(RunFolder)}: the folder of the training to resume.", nameof(Resume));
        Checkpoints?.Validate();
        Check.AtLeast(MemoryBudget, 1, nameof(MemoryBudget));
        Optimizer.Validate();
        GradientClipping?.Validate();
        Schedule.Validate();
        TensorBoard?.Validate();
    }

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}
