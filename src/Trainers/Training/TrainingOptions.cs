using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>How a network is trained: what every trainer here has in common.</summary>
public abstract record TrainingOptions
{
    private readonly int? _epochs;
    private readonly int? _minimumSteps;

    /// <summary>The number of rows in a step, at least 1. Default: the network's own recipe.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The number of passes over the data, at least 1; not used where <see cref="NumberOfSteps"/> is set. Default: the network's own recipe.</summary>
    public int NumberOfEpochs
    {
        get => _epochs ?? RecipeEpochs;
        init => _epochs = value;
    }

    /// <summary>
    /// The least number of steps, at least 0: where the data is so small that <see cref="NumberOfEpochs"/> comes to fewer, there are more epochs, as many whole ones as
    /// it takes. Default: the network's own recipe; 0, none, where <see cref="NumberOfEpochs"/> is set. Not used where <see cref="NumberOfSteps"/> is set.
    /// </summary>
    /// <remarks>The log says how many epochs there are then.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MinimumNumberOfSteps
    {
        get => _minimumSteps ?? (_epochs is null ? RecipeSteps : 0);
        init => _minimumSteps = value;
    }

    /// <summary>The number of steps (one batch each), at least 1; null, the default of most trainers, trains for <see cref="NumberOfEpochs"/>.</summary>
    public int? NumberOfSteps { get; init; }

    /// <summary>The step size, more than 0; where the schedule varies it, the highest. Default: the network's own recipe.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The rule that turns gradients into new weights. Default: <see cref="Adam"/>.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>
    /// What is done to a gradient before the optimiser sees it: <see cref="NormClipping"/>, which recurrent networks on
    /// long sequences need most, or <see cref="ValueClipping"/>. Default: null, nothing.
    /// </summary>
    /// <example><code>new RecurrentNetwork.Options { GradientClipping = new NormClipping { MaximalNorm = 1 } }</code></example>
    public GradientClipping? GradientClipping { get; init; }

    /// <summary>How the learning rate moves over the training. Default: <see cref="ConstantSchedule"/>.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The numbers in which the layers compute while training. Default: <see cref="Precision.Single"/>.</summary>
    public Precision Precision { get; init; }

    /// <summary>The seed of initial weights, shuffling and dropout. Default: null, the seed of the <see cref="Microsoft.ML.MLContext"/>, or a random one where that has none.</summary>
    /// <remarks>The same seed, data and number of threads give the same weights, byte for byte.</remarks>
    public int? Seed { get; init; }

    /// <summary>
    /// The number of bytes in which the training rows are held, at least 1. Rows that fit are read once and held as
    /// they are in their columns (bytes stay bytes); rows that do not are read again for each epoch, through a pool
    /// of this size in which they are shuffled. Default: 1 GiB.
    /// </summary>
    public long MemoryBudget { get; init; } = 1L << 30;

    /// <summary>
    /// Rows that are not learned from, on which the network is measured while it is trained; its columns have to be those
    /// of the training data where the trainer stands in the pipeline. The time that it takes is no training time. Default: null, none.
    /// </summary>
    [JsonIgnore]
    public IDataView? ValidationSet { get; init; }

    /// <summary>The share of the training data that is not learned from but measured on, in (0, 1), instead of <see cref="ValidationSet"/>. Default: null, none.</summary>
    /// <remarks>
    /// The rows are spread over the data: of each 1 / <see cref="ValidationFraction"/> rows, one that the seed draws. A
    /// network that remembers, whose rows are one series, gets the last rows instead, and a forecaster the last windows of each series, a horizon after those that are learned from. The data has to come in the same order each time that it is read.
    /// </remarks>
    public double? ValidationFraction { get; init; }

    /// <summary>The number of steps between two measurements on the validation rows, at least 1; null, the default, measures after each epoch. The last step is measured always.</summary>
    public int? ValidationInterval { get; init; }

    /// <summary>Ends the training when it no longer improves on the validation rows, and gives the network as it was at its best. Default: null, the training goes on to its end.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Whether a running mean of the weights, and how slow a one, is what is measured and kept. Default: null, the weights themselves.</summary>
    public WeightAveraging? WeightAveraging { get; init; }

    /// <summary>
    /// A trained model whose weights the training begins with, in place of random ones: it goes on learning from new data. It
    /// stays as it is. Its network, of a chain the last one, has to have the same layers, and its classes have to be the same. The optimiser begins anew. Default: null, random weights.
    /// </summary>
    [JsonIgnore]
    public ITransformer? PreviousModel { get; init; }

    /// <summary>
    /// The parameters that the training leaves as they are, by their PyTorch names (<see cref="TorchModel.Parameters"/>) or the parts of those before a dot; <c>*</c> stands
    /// for any characters. Batch normalisation whose weight is named keeps its running statistics too. Default: none.
    /// </summary>
    /// <example><code>new ConvolutionalNetwork.Options { PreviousModel = model, FrozenParameters = ["convolution*", "normalization*"] }</code></example>
    public IReadOnlyList<string> FrozenParameters { get; init; } = [];

    /// <summary>
    /// A folder for what the training writes about itself: what it is, its curves, and <see cref="Checkpoints"/>; such as
    /// <c>models/runs/NAME</c>. It is made where it is missing. A finished run that is there already is replaced, which the log says as a warning. Default: null, none.
    /// </summary>
    /// <remarks><see cref="Sconce.Trainers.RunFolder.Read"/> reads it. It is for one training at a time.</remarks>
    [JsonIgnore]
    public string? RunFolder { get; init; }

    /// <summary>When the training writes to its <see cref="RunFolder"/> what it can be resumed from; null for never. Default: after each minute.</summary>
    [JsonIgnore]
    public Checkpoints? Checkpoints { get; init; } = new();

    /// <summary>
    /// Goes on with the training that is in <see cref="RunFolder"/>, from its newest checkpoint: the weights become, byte for byte,
    /// those of the training that was never stopped. Network, options, seed and data have to be the same. Where there is no checkpoint yet, the
    /// training begins anew. Default: false.
    /// </summary>
    [JsonIgnore]
    public bool Resume { get; init; }

    /// <summary>Stops the training after the step under way: <c>Fit</c> then throws <see cref="OperationCanceledException"/>.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Is told of every step, on the training thread. Default: nobody.</summary>
    [JsonIgnore]
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Take part in the training: they see the network as it stands, and may stop it. Default: none.</summary>
    [JsonIgnore]
    public IReadOnlyList<TrainingCallback> Callbacks { get; init; } = [];

    /// <summary>What the training tells TensorBoard. Default: curves, histograms, images and the graph, in the run's folder if there is one; null for nothing.</summary>
    [JsonIgnore]
    public TensorBoard? TensorBoard { get; init; } = new();

    /// <summary>The passes of the network's own recipe, where the user asks for no other number.</summary>
    private protected int RecipeEpochs { get; init; } = 10;

    /// <summary>The least number of steps of that recipe.</summary>
    private protected int RecipeSteps { get; init; } = 1_000;

    /// <summary>The number of steps in all, if nobody stops the training.</summary>
    /// <param name="stepsPerEpoch">The number of steps in a pass.</param>
    internal long StepsFor(long stepsPerEpoch) => NumberOfSteps ?? stepsPerEpoch * Math.Max(NumberOfEpochs, (MinimumNumberOfSteps + stepsPerEpoch - 1) / stepsPerEpoch);

    /// <summary>The same options without the recipe's least number of steps; one that was given stays.</summary>
    internal TrainingOptions WithoutRecipeSteps() => _minimumSteps is null ? this with { MinimumNumberOfSteps = 0 } : this;

    /// <summary>Whether there are rows that are not learned from but measured on.</summary>
    internal bool HasValidation => ValidationSet is not null || ValidationFraction is not null;

    /// <summary>Makes what these options add to one training. They come before the user's own callbacks, which so see what they did.</summary>
    internal IEnumerable<TrainingCallback> CreateCallbacks()
    {
        if (EarlyStopping is not null)
            yield return new EarlyStopper(EarlyStopping);
        if (Schedule.CreateCallback() is { } follower)
            yield return follower;
    }

    /// <summary>Checks every value, before any data is read.</summary>
    /// <exception cref="ArgumentException">An option has a value that makes no sense; the message names it and says what is expected.</exception>
    public virtual void Validate()
    {
        Check.AtLeast(BatchSize, 1, nameof(BatchSize));
        Check.AtLeast(NumberOfEpochs, 1, nameof(NumberOfEpochs));
        Check.AtLeast(MinimumNumberOfSteps, 0, nameof(MinimumNumberOfSteps));
        if (NumberOfSteps is { } steps)
            Check.AtLeast(steps, 1, nameof(NumberOfSteps));
        if (ValidationInterval is { } interval)
            Check.AtLeast(interval, 1, nameof(ValidationInterval));
        if (ValidationFraction is { } fraction)
        {
            Check.Between(fraction, 0, 1, nameof(ValidationFraction));
            if (ValidationSet is not null)
                throw new ArgumentException($"{nameof(ValidationFraction)} and {nameof(ValidationSet)} exclude each other; set one of them.", nameof(ValidationFraction));
        }

        if (EarlyStopping is not null && !HasValidation)
            throw new ArgumentException($"{nameof(EarlyStopping)} needs rows to measure on; set {nameof(ValidationSet)} or {nameof(ValidationFraction)} too.", nameof(EarlyStopping));
        EarlyStopping?.Validate();
        WeightAveraging?.Validate();
        Check.Positive(LearningRate, nameof(LearningRate));
        if (RunFolder is not null && string.IsNullOrWhiteSpace(RunFolder))
            throw new ArgumentException($"{nameof(RunFolder)} is empty; it has to be the path of a folder, or null for none.", nameof(RunFolder));
        if (Resume && RunFolder is null)
            throw new ArgumentException($"{nameof(Resume)} needs {nameof(RunFolder)}: the folder of the training that is to go on.", nameof(Resume));
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
