using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>
/// The data that a training writes for TensorBoard: curves, histograms of weights and gradients, images, codes for the projector,
/// hyperparameters, and the network's graph.
/// </summary>
/// <remarks>
/// Start TensorBoard on the folder above the run folders; it shows a training while it runs, too. Writing these files does not change the weights.
/// The training curves show the batch of single steps. If the files can no longer be written, for example because the disk is full, a warning in
/// <c>MLContext.Log</c> says so and the training continues.
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
    /// <summary>The folder of the event files, one for each run. A new training replaces the files of an earlier one; two trainings cannot write to it at the same time. Default: null, the run folder; without a run folder nothing is written.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The number of steps between two points of the training curves, at least 1. The first and the last step always have a point. Default:
    /// 10.
    /// </summary>
    public int ScalarsEvery { get; init; } = 10;

    /// <summary>The number of steps between two histograms of each weight and its gradient, at least 1; null for none. The last step has one, too, unless the training is stopped early. Default: 500.</summary>
    public int? HistogramsEvery { get; init; } = 500;

    /// <summary>The examples for images after each epoch and for codes at the end of the training, with the columns of the training data. Default: null, the validation data; without it, there are no images and codes.</summary>
    public IDataView? Examples { get; init; }

    /// <summary>The number of examples to read, 0 or more. They are kept in memory. Default: 1,000.</summary>
    public int NumberOfExamples { get; init; } = 1_000;

    /// <summary>The maximum number of images after an epoch, 0 or more: reconstructions of an autoencoder, or the most confident mistakes of a classifier. Default: 32.</summary>
    public int Images { get; init; } = 32;

    /// <summary>The column of the examples with the labels of codes in the projector: text, a number or a key of at most 1,000,000 values. If it is missing or of another type, codes have no labels. Default: "Label".</summary>
    public string CodeLabelColumnName { get; init; } = "Label";

    /// <exception cref="ArgumentException">A value is invalid; the message names it and says what is expected.</exception>
    internal void Validate()
    {
        Check.AtLeast(ScalarsEvery, 1, "TensorBoard.ScalarsEvery");
        Check.AtLeast(HistogramsEvery ?? 1, 1, "TensorBoard.HistogramsEvery");
        Check.AtLeast(NumberOfExamples, 0, "TensorBoard.NumberOfExamples");
        Check.AtLeast(Images, 0, "TensorBoard.Images");
        Check.NotEmpty(CodeLabelColumnName, "TensorBoard.CodeLabelColumnName");
        if (Folder is { Length: 0 })
            throw new ArgumentException("TensorBoard.Folder is empty; it has to be a path, or null for the run's folder.", nameof(Folder));
    }
}
