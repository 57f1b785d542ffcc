using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tutorials.Dates;

/// <summary>The ready pipeline that turns dates in free form into ISO dates, as <see cref="DateExamples"/> has them.</summary>
internal static class DatePipeline
{
    /// <summary>The column of the dates that the pipeline writes.</summary>
    public const string OutputColumnName = "PredictedIsoDate";

    /// <summary>The number of examples to learn from that <see cref="Options"/> is meant for.</summary>
    public const int TrainingExamples = 50_000;

    /// <summary>Longer than any form, so that a stray character or two are no reason to refuse a text.</summary>
    private const int LongestText = 40;

    /// <summary>The network and the training; the README has what they were measured to be right on.</summary>
    public static EncoderDecoder.Options Options { get; } = new()
    {
        Network = new() { Layers = new() { HiddenSize = 64, Bidirectional = true }, EmbeddingSize = 32, MaximumInputLength = LongestText },
        NumberOfEpochs = 3,
    };

    /// <summary>An encoder-decoder from the column <c>Date</c> to <see cref="OutputColumnName"/>, which learns from <c>IsoDate</c>.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml, EncoderDecoder.Options options) =>
        ml.Transforms.SequenceToSequence(OutputColumnName, nameof(DateExample.Date), nameof(DateExample.IsoDate), options);
}
