using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tutorials.Dates;

/// <summary>A pipeline that translates free-form dates of <see cref="DateExamples"/> to ISO dates.</summary>
internal static class DatePipeline
{
    /// <summary>The output column.</summary>
    public const string OutputColumnName = "PredictedIsoDate";

    /// <summary>The number of training examples that <see cref="Options"/> is meant for.</summary>
    public const int TrainingExamples = 50_000;

    /// <summary>Longer than any form, to allow for a few stray characters.</summary>
    private const int LongestText = 40;

    /// <summary>The network and the training.</summary>
    public static EncoderDecoder.Options Options { get; } = new()
    {
        Network = new() { Layers = new() { HiddenSize = 64, Bidirectional = true }, EmbeddingSize = 32, MaximumInputLength = LongestText },
        NumberOfEpochs = 3,
    };

    /// <summary>An encoder-decoder from the column <c>Date</c> to <see cref="OutputColumnName"/>, which learns from <c>IsoDate</c>.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml, EncoderDecoder.Options options) =>
        ml.Transforms.SequenceToSequence(OutputColumnName, nameof(DateExample.Date), nameof(DateExample.IsoDate), options);
}
