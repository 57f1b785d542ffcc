using System.ComponentModel;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>How a <see cref="TabularNetwork"/> represents a number.</summary>
public enum NumberEmbedding
{
    /// <summary>By its place in bins of the training rows, between 0 and 1 in its own bin, 1 below it and 0 above, then a linear layer for each column (Gorishniy et al. 2022, section 3.2).</summary>
    PiecewiseLinear,

    /// <summary>By sines and cosines of learned frequencies, then a linear layer and ReLU for each column (section 3.3). The numbers have to be standardized.</summary>
    Periodic,

    /// <summary>As it is. The numbers have to be standardized.</summary>
    None,
}

/// <summary>
/// A network for tables: embeddings of numbers and categories, dense layers, and an ensemble of predictions whose members share nearly all weights.
/// </summary>
/// <remarks>
/// It reads several feature columns (<see cref="SupervisedOptions.FeatureColumnNames"/>): each category is an embedding of its own, and so is a missing one. A
/// single vector column is read as numbers. Gorishniy et al., "On embeddings for numerical features in tabular deep learning", NeurIPS 2022; Gorishniy et
/// al., "TabM: advancing tabular deep learning with parameter-efficient ensembling", ICLR 2025, in its smallest form, TabM-mini.
/// </remarks>
[DisplayName("tabular")]
[Description("A network for tables: embeddings of numbers and categories, and an ensemble of dense layers.")]
public sealed record TabularNetwork : Network
{
    /// <summary>How numbers are represented. Default: <see cref="NumberEmbedding.PiecewiseLinear"/>.</summary>
    public NumberEmbedding NumberEmbedding { get; init; } = NumberEmbedding.PiecewiseLinear;

    /// <summary>The maximum number of bins of a column of numbers, or the number of its frequencies, at least 1. Default: 128.</summary>
    [Description("The maximum number of bins of a column of numbers, or the number of its frequencies.")]
    public int Bins { get; init; } = 128;

    /// <summary>The size of a number's embedding, at least 1. Default: 16.</summary>
    [Description("The size of a number's embedding.")]
    public int NumberEmbeddingSize { get; init; } = 16;

    /// <summary>The size of a category's embedding, at least 1. Default: 8.</summary>
    [Description("The size of a category's embedding.")]
    public int CategoryEmbeddingSize { get; init; } = 8;

    /// <summary>The widths of the hidden layers, at least one, each at least 1. Default: two layers of 128.</summary>
    public IReadOnlyList<int> HiddenLayerSizes { get; init; } = [128, 128];

    /// <summary>The probability with which a value after a hidden layer is dropped during training, in [0, 1). Default: 0.1; regression's options set 0.</summary>
    [Description("The fraction of values that is dropped after each hidden layer while training.")]
    public double Dropout { get; init; } = 0.1;

    /// <summary>The number of members of the ensemble, at least 1. Default: 4.</summary>
    [Description("The number of members of the ensemble.")]
    public int Members { get; init; } = 4;

    /// <inheritdoc/>
    protected internal override bool ReadsParts => true;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        BuildFor(new InputColumn("Features", FeatureType.Single, inputShape), outputSize, random);

    /// <inheritdoc/>
    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random)
    {
        ArgumentNullException.ThrowIfNull(input);
        var module = new TabularModule(this, TabularFields.Of(input), outputSize, random);
        module.Initialize(WeightInitialization.Uniform, random);
        return module;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.AtLeast(Bins, 1, nameof(Bins));
        Check.AtLeast(NumberEmbeddingSize, 1, nameof(NumberEmbeddingSize));
        Check.AtLeast(CategoryEmbeddingSize, 1, nameof(CategoryEmbeddingSize));
        Check.AtLeast(HiddenLayerSizes.Count, 1, $"{nameof(HiddenLayerSizes)}.Count");
        foreach (var size in HiddenLayerSizes)
            Check.AtLeast(size, 1, nameof(HiddenLayerSizes));
        Check.Share(Dropout, nameof(Dropout));
        Check.AtLeast(Members, 1, nameof(Members));
    }

    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize) => TabularModule.WeightsFor(this, TabularFields.Of(input), outputSize);

    /// <summary>The options of the catalog's <c>TabularNetwork</c> for classification, binary or multiclass.</summary>
    public sealed record Options : ClassificationOptions<TabularNetwork>
    {
        /// <summary>AdamW with a weight decay of 0.01 and a cosine schedule from 2e-3, 12 epochs in batches of 256, but at least 150 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.01 };
            LearningRate = 2e-3;
            Schedule = new CosineSchedule();
            BatchSize = 256;
            RecipeEpochs = 12;
            RecipeSteps = 150;
        }
    }

    /// <summary>The options of the catalog's <c>TabularNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<TabularNetwork>
    {
        /// <summary>As for classification, without dropout, with 25 epochs, but at least 500 steps.</summary>
        public RegressionOptions()
        {
            Network = new() { Dropout = 0 };
            Optimizer = new AdamW { WeightDecay = 0.01 };
            LearningRate = 2e-3;
            Schedule = new CosineSchedule();
            BatchSize = 256;
            RecipeEpochs = 25;
            RecipeSteps = 500;
        }
    }
}
