using System.ComponentModel;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Catalog;

/// <summary>
/// A network of <c>ml.MulticlassClassification.Trainers</c> and how it is trained, for the commands <c>train</c>, <c>tune</c> and <c>cross-validate</c>:
/// every public network record with nested <c>Options</c> of a classifier. <c>[DisplayName]</c> and <c>[Description]</c> on the record name and describe it.
/// </summary>
internal abstract partial class NetworkRecipe
{
    /// <summary>The name of the default preset.</summary>
    public const string DefaultPreset = "default";

    /// <summary>All networks, by name.</summary>
    public static IReadOnlyList<NetworkRecipe> All { get; } =
    [
        .. from network in typeof(Network).Assembly.GetExportedTypes()
           where network.IsSubclassOf(typeof(Network)) && !network.IsAbstract
           let options = network.GetNestedType("Options")
           where options?.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(ClassificationOptions<>)
           let recipe = (NetworkRecipe)Activator.CreateInstance(typeof(NetworkRecipe<,>).MakeGenericType(network, options))!
           orderby recipe.Name
           select recipe,
    ];

    /// <summary>Its name, such as "cnn".</summary>
    public string Name => NetworkType.GetCustomAttribute<DisplayNameAttribute>()?.DisplayName ?? Kebab(Bare(NetworkType));

    /// <summary>Its description, a sentence.</summary>
    public string Description => NetworkType.GetCustomAttribute<DescriptionAttribute>()?.Description ?? $"A {Kebab(Bare(NetworkType)).Replace('-', ' ')} network.";

    /// <summary>The type of the network.</summary>
    public abstract Type NetworkType { get; }

    /// <summary>The names of its presets, the default first.</summary>
    public abstract IReadOnlyList<string> Presets { get; }

    /// <summary>The options of a preset, for classification.</summary>
    public abstract TrainingOptions Options(string preset);

    /// <summary>The network in options.</summary>
    public abstract Network NetworkOf(TrainingOptions options);

    /// <summary>Options with another network of the same type, and with class weights.</summary>
    public abstract TrainingOptions With(TrainingOptions options, Network network, ClassWeights? classWeights = null);

    /// <summary>Creates the trainer of a classifier.</summary>
    public abstract IEstimator<TorchTransformer> Classifier(MLContext ml, TrainingOptions options, string label, string features);

    /// <summary>Creates the trainer of a Boolean, or of a vector of Booleans.</summary>
    public abstract IEstimator<TorchTransformer> Binary(MLContext ml, TrainingOptions options, TableTrainerColumns columns);

    /// <summary>Creates the trainer of a number.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">Those of <see cref="Regression"/>, or those of a classifier, whose recipe is taken over.</param>
    /// <param name="columns">The columns that it reads.</param>
    public static IEstimator<TorchTransformer> Predictor(MLContext ml, Network network, TrainingOptions options, TableTrainerColumns columns) => ml.Regression.Trainers.Torch(
        network, WithColumns(options as TorchRegressionOptions ?? new((SupervisedOptions)options), columns));

    /// <summary>Creates the trainer of a task of tables.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">For regression those of <see cref="Regression"/>, for the other tasks those of <see cref="Options"/>.</param>
    /// <param name="columns">The columns that it reads.</param>
    public IEstimator<TorchTransformer> Trainer(MLContext ml, TableTask task, Network network, TrainingOptions options, TableTrainerColumns columns) => task switch
    {
        TableTask.Regression => Predictor(ml, network, options, columns),
        TableTask.Multiclass => Multiclass(ml, With(options, network, ClassWeightsOf(options)), columns),
        _ => Binary(ml, With(options, network, ClassWeightsOf(options)), columns),
    };

    /// <summary>Creates the trainer of a classifier of several classes.</summary>
    protected abstract IEstimator<TorchTransformer> Multiclass(MLContext ml, TrainingOptions options, TableTrainerColumns columns);

    /// <summary>The weights of the classes in options; null for none.</summary>
    protected abstract ClassWeights? ClassWeightsOf(TrainingOptions options);

    /// <summary>Options with the names of columns; a single feature column is read as it is.</summary>
    protected static T WithColumns<T>(T options, TableTrainerColumns columns)
        where T : SupervisedOptions => columns.Features is [var only]
            ? options with { LabelColumnName = columns.Label, FeatureColumnName = only, ExampleWeightColumnName = columns.Weight }
            : options with { LabelColumnName = columns.Label, FeatureColumnNames = columns.Features, ExampleWeightColumnName = columns.Weight };

    /// <summary>The network and the options for regression: the network's own regression recipe for the default preset, if it has one; otherwise the preset's.</summary>
    public abstract (Network Network, TorchRegressionOptions Options) Regression(string preset);

    /// <summary>Searches for better options.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="options">The options of the search.</param>
    /// <param name="createPipeline">Creates the pipeline of a trial.</param>
    /// <param name="train">The training data.</param>
    public abstract TuningResult Tune(MLContext ml, TuningOptions options, Func<TrainingOptions, IEstimator<ITransformer>> createPipeline, IDataView train);

    /// <summary>A C# name in kebab case: "HiddenSize" is "hidden-size".</summary>
    internal static string Kebab(string name) => Hump().Replace(name, "-").ToLowerInvariant();

    private static string Bare(Type network) => network.Name.EndsWith("Network", StringComparison.Ordinal) ? network.Name[..^"Network".Length] : network.Name;

    // LeCun is one word.
    [GeneratedRegex("(?<!^|Le)(?=[A-Z])", RegexOptions.None, 1_000)]
    private static partial Regex Hump();
}

/// <inheritdoc/>
/// <typeparam name="TNetwork">The network.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
internal sealed class NetworkRecipe<TNetwork, TOptions> : NetworkRecipe
    where TNetwork : Network, new()
    where TOptions : ClassificationOptions<TNetwork>, new()
{
    private static readonly Dictionary<string, TOptions> _presets = typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Where(property => property.PropertyType == typeof(TOptions))
        .ToDictionary(property => Kebab(property.Name), property => (TOptions)property.GetValue(null)!);

    public override Type NetworkType => typeof(TNetwork);

    public override IReadOnlyList<string> Presets => [DefaultPreset, .. _presets.Keys];

    public override TrainingOptions Options(string preset) => preset == DefaultPreset ? new TOptions() : _presets[preset];

    public override Network NetworkOf(TrainingOptions options) => ((TOptions)options).Network;

    public override TrainingOptions With(TrainingOptions options, Network network, ClassWeights? classWeights = null) =>
        (TOptions)options with { Network = (TNetwork)network, ClassWeights = classWeights };

    public override IEstimator<TorchTransformer> Classifier(MLContext ml, TrainingOptions options, string label, string features) => Multiclass(ml, options, new(label, [features], null));

    public override IEstimator<TorchTransformer> Binary(MLContext ml, TrainingOptions options, TableTrainerColumns columns) =>
        ml.BinaryClassification.Trainers.ClassifyBinary(typeof(TNetwork).Name, WithColumns((TOptions)options, columns));

    protected override IEstimator<TorchTransformer> Multiclass(MLContext ml, TrainingOptions options, TableTrainerColumns columns) =>
        ml.MulticlassClassification.Trainers.Classify(typeof(TNetwork).Name, WithColumns((TOptions)options, columns));

    protected override ClassWeights? ClassWeightsOf(TrainingOptions options) => ((TOptions)options).ClassWeights;

    public override (Network Network, TorchRegressionOptions Options) Regression(string preset)
    {
        var own = typeof(TNetwork).GetNestedType("RegressionOptions");
        return preset == DefaultPreset && own is not null && Activator.CreateInstance(own) is RegressionOptions<TNetwork> regression
            ? (regression.Network, new(regression))
            : (NetworkOf(Options(preset)), new((TOptions)Options(preset)));
    }

    public override TuningResult Tune(MLContext ml, TuningOptions options, Func<TrainingOptions, IEstimator<ITransformer>> createPipeline, IDataView train) =>
        new Tuner<TOptions>(ml, SearchSpaces.Of<TNetwork, TOptions>(), options, createPipeline).Run(train);
}
