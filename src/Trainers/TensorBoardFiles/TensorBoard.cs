using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What a training tells TensorBoard: curves, histograms of weights and gradients, images, codes for the projector, hyper-parameters, and the network's graph.</summary>
/// <remarks>
/// The files are TensorBoard's own: <c>tensorboard --logdir models/runs</c> shows them, while the training runs too. A
/// training that is watched gives the same weights as one that is not. What the curves show of training is a step's batch.
/// A disk that is full once the training has begun costs the files, not the training: a warning in <c>MLContext.Log</c> says so.
/// </remarks>
/// <example>
/// <code>
/// var trainer = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options
/// {
///     TensorBoard = new TensorBoard { Folder = "models/runs/first", HistogramsEvery = 100 },
///     ValidationFraction = 0.1,
/// });
/// </code>
/// </example>
public sealed record TensorBoard
{
    /// <summary>The folder of the event files, one for each run: a training that begins replaces those of an earlier one, and is refused while another is writing there. Default: null, the run's folder; where there is none, nothing is written.</summary>
    public string? Folder { get; init; }

    /// <summary>The number of steps between two points of a training's curves, at least 1. Default: 10. The first and the last step have one always.</summary>
    public int ScalarsEvery { get; init; } = 10;

    /// <summary>The number of steps between two histograms of each weight and its gradient, at least 1; null for none. Default: 500. The last step has one too, unless the training is stopped before.</summary>
    public int? HistogramsEvery { get; init; } = 500;

    /// <summary>The rows from which images are made after each epoch, and codes when the training is over, with the columns of the training data. Default: null, those that the training is measured on; where there are none, neither is made.</summary>
    public IDataView? Examples { get; init; }

    /// <summary>The number of those rows that are read, 0 or more. They are held in memory. Default: 1,000.</summary>
    public int NumberOfExamples { get; init; } = 1_000;

    /// <summary>The most images after an epoch, 0 or more: an autoencoder's reconstructions; of a classifier the mistakes of which it is surest. Default: 32.</summary>
    public int Images { get; init; } = 32;

    /// <summary>The column of the examples, text, a number or a key of at most 1,000,000 values, that names codes in the projector; where it is missing or is anything else they have no names. Default: "Label".</summary>
    public string CodeLabelColumnName { get; init; } = "Label";

    /// <exception cref="ArgumentException">A value makes no sense; the message names it and says what is expected.</exception>
    internal void Validate()
    {
        Check.AtLeast(ScalarsEvery, 1, "TensorBoard.ScalarsEvery");
        if (HistogramsEvery is { } every)
            Check.AtLeast(every, 1, "TensorBoard.HistogramsEvery");
        Check.AtLeast(NumberOfExamples, 0, "TensorBoard.NumberOfExamples");
        Check.AtLeast(Images, 0, "TensorBoard.Images");
        Check.NotEmpty(CodeLabelColumnName, "TensorBoard.CodeLabelColumnName");
        if (Folder is { Length: 0 })
            throw new ArgumentException("TensorBoard.Folder is empty; it has to be a path, or null for the run's folder.", nameof(Folder));
    }
}
