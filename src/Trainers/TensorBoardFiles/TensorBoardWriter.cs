using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>Writes one training's <see cref="TensorBoard"/> files. If they can no longer be written, a warning says so once and the training continues.</summary>
/// <param name="options">The options.</param>
/// <param name="folder">The folder of the event files.</param>
/// <param name="environment">The log.</param>
/// <param name="examples">The examples; null for none.</param>
/// <param name="open">Opens the path of the event file for writing; null for a file.</param>
internal sealed class TensorBoardWriter(TensorBoard options, string folder, MLNetEnvironment environment, ExampleRows? examples = null, Func<string, Stream>? open = null) : TrainingCallback, IDisposable
{
    /// <summary>The event file; null before and after the training, and once it can no longer be written.</summary>
    private EventFile? _file;
    /// <summary>The last step, if it has no point yet.</summary>
    private Point? _withoutPoint;

    /// <summary>Creates the writer for a training's options; null if they ask for none. Nothing is deleted yet.</summary>
    /// <exception cref="ArgumentException">The examples lack the column that the network reads, or it has another type.</exception>
    /// <exception cref="IOException">Another training is writing to the folder.</exception>
    public static TensorBoardWriter? For(TrainingSession session, MLNetEnvironment environment)
    {
        var options = session.Options;
        if (options.TensorBoard is not { } board || (board.Folder ?? options.RunFolder) is not { } folder)
            return null;
        EventFile.RefuseInUse(folder);
        return new(board, folder, environment, ReadExamples(board, session, environment));
    }

    public override void TrainingBegan(TrainingSession session)
    {
        _withoutPoint = null;
        // TensorBoard keeps the first hyperparameters and the first end that it finds in a folder.
        if (session.Step == 0)
            EventFile.DeleteAll(folder);
        else
            EventFile.DeleteFailures(folder);
        // When a training is resumed, later steps in older files no longer count.
        _file = EventFile.Create(folder, session.Step == 0 ? 0 : session.Step + 1, open);
        WriteGraph(_file, session);
        _file.Write(0, HyperParameters.Started(session.Model.Model.Training, session.Definition.Network));
    }

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        _withoutPoint = new(progress.Step, session.LearningRate, progress.Loss, progress.Metric, progress.MetricName, progress.GradientNorm);
        var isLast = progress.Step == progress.TotalSteps;
        if (isLast || progress.Step == 1 || progress.Step % options.ScalarsEvery == 0)
            WritePoint();
        if (options.HistogramsEvery is { } every && (isLast || progress.Step % every == 0))
            WriteHistograms(session);
    }

    public override void Validated(ValidationSummary summary, TrainingSession session)
    {
        var message = new Summary().Scalar("loss/validation", summary.Loss);
        if (session.Definition.Objective.MetricName is { } metric)
            message.Scalar(Tag(metric, "validation"), summary.Metric);
        Write(summary.Step, message);
    }

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        var message = new Summary().Scalar("loss/epoch", summary.Loss).Scalar("samples_per_second", summary.SamplesPerSecond);
        if (session.Definition.Objective.MetricName is { } metric)
            message.Scalar(Tag(metric, "epoch"), summary.Metric);
        if (_file is not null && examples is not null && options.Images > 0)
        {
            session.ScoredNetwork.eval();
            if (session.Definition.Objective is Classification classification)
                ExamplePictures.AddMistakes(message, examples, session.ScoredNetwork, classification, options.Images);
            else if (session.Definition.Objective is Reconstruction reconstruction)
                ExamplePictures.AddReconstructions(message, examples, session.ScoredNetwork, reconstruction, options.Images);
        }

        Write(session.Step, message);
    }

    public override void TrainingEnded(TrainingSession session)
    {
        // A later callback may have stopped the training.
        WritePoint();
        Write(session.Step, HyperParameters.Ended(succeeded: true));
        if (examples is { Count: > 0 } && session.Definition.Objective is Reconstruction reconstruction)
        {
            session.ScoredNetwork.eval();
            Try(_ => CodeProjector.Write(folder, examples, session.ScoredNetwork, reconstruction));
        }

        Dispose();
    }

    /// <summary>Records that the training has failed. It is not called for a canceled training, which may be resumed.</summary>
    public void Failed() => Try(_ => EventFile.WriteFailure(folder, HyperParameters.Ended(succeeded: false)));

    public override JsonNode? SaveState() => JsonSerializer.SerializeToNode(_withoutPoint, RecordJson.Options);

    public override void RestoreState(JsonNode state) => _withoutPoint = state.Deserialize<Point>(RecordJson.Options);

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <remarks>The validation data has been read by now, and may be readable only once.</remarks>
    private static ExampleRows? ReadExamples(TensorBoard options, TrainingSession session, MLNetEnvironment environment)
    {
        try
        {
            return ReadExamples(options, session);
        }
        catch (InvalidDataException exception) when (options.Examples is null)
        {
            environment.Warn($"TensorBoard gets no examples: {exception.Message}");
            return null;
        }
    }

    private static ExampleRows? ReadExamples(TensorBoard options, TrainingSession session) => (options.Examples ?? session.ValidationData, session.Definition.Objective) switch
    {
        ({ } data, Classification { LabelColumnName: var label }) => ExampleRows.Read(data, session.Definition, options.NumberOfExamples, label),
        ({ } data, Reconstruction) => ExampleRows.Read(data, session.Definition, options.NumberOfExamples, options.CodeLabelColumnName),
        _ => null,
    };

    private void WriteGraph(EventFile file, TrainingSession session)
    {
        IReadOnlyList<NetworkLayer> layers;
        try
        {
            layers = NetworkTrace.Of(session.Definition, session.Network);
        }
        // A user's network may throw anything when it is run on rows of zeros.
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            environment.Warn($"TensorBoard gets no graph of the network, because it cannot be run on rows of zeros: {exception.Message}");
            return;
        }

        file.WriteGraph(NetworkGraph.Of(session.Definition.Input, layers));
    }

    private void WritePoint()
    {
        if (_withoutPoint is not { } point)
            return;
        var summary = new Summary()
            .Scalar("loss/train", point.Loss)
            .Scalar("learning_rate", point.LearningRate)
            .Scalar("gradient_norm", point.GradientNorm);
        if (point.MetricName is { } metric)
            summary.Scalar(Tag(metric, "train"), point.Metric);
        Write(point.Step, summary);
        _withoutPoint = null;
    }

    private void WriteHistograms(TrainingSession session)
    {
        if (_file is null)
            return;
        var summary = new Summary();
        foreach (var (name, values) in session.Weights())
            summary.Histogram($"weights/{Path(name)}", values);
        foreach (var (name, values) in session.Gradients())
            summary.Histogram($"gradients/{Path(name)}", values);
        Write(session.Step, summary);
    }

    private void Write(long step, Summary summary) => Try(file => file.Write(step, summary));

    private void Try(Action<EventFile> write)
    {
        if (_file is null)
            return;
        try
        {
            write(_file);
        }
        catch (IOException exception)
        {
            environment.Warn($"TensorBoard's files in '{folder}' can no longer be written. The training continues without them: {exception.Message}");
            Dispose();
        }
    }

    private static string Tag(string metric, string of) => $"{metric.Replace(' ', '_')}/{of}";

    /// <summary>TensorBoard groups tags by the path before their last part.</summary>
    private static string Path(string name) => name.Replace('.', '/');

    private sealed record Point(int Step, double LearningRate, double Loss, double Metric, string? MetricName, double? GradientNorm);
}
