namespace Sconce.Trainers;

/// <summary>Writes one training's <see cref="TensorBoard"/> files.</summary>
internal sealed class TensorBoardWriter : TrainingCallback, IDisposable
{
    private readonly TensorBoard _options;
    private readonly string _folder;
    private EventFile? _file;
    private ExampleRows? _examples;
    private bool _isOver;

    private TensorBoardWriter(TensorBoard options, string folder)
    {
        _options = options;
        _folder = folder;
    }

    /// <summary>The writer that a training's options ask for; null where they ask for none.</summary>
    public static TensorBoardWriter? For(TrainingOptions options) =>
        options.TensorBoard is { } board && (board.Folder ?? options.RunFolder) is { } folder ? new(board, folder) : null;

    public override void TrainingBegan(TrainingSession session)
    {
        // Of a training that is resumed, what an older file tells of steps that are told again no longer counts.
        _file = EventFile.Create(_folder, session.Step == 0 || session.State.Untold is not null ? session.Step : session.Step + 1);
        _file.WriteGraph(NetworkGraph.ToMessage(NetworkGraph.Trace(session.Definition, session.Network)));
        _file.Write(0, HyperParameters.Started(session.Options, session.Definition.Network));
        _file.Flush();
        if ((_options.Examples ?? session.ValidationData) is { } data)
        {
            _examples = session.Definition.Objective switch
            {
                Classification { LabelColumnName: var label } => ExampleRows.Read(data, session.Definition, _options.NumberOfExamples, label),
                Reconstruction => ExampleRows.Read(data, session.Definition, _options.NumberOfExamples, _options.CodeLabelColumnName),
                _ => null,
            };
        }
    }

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        var isLast = progress.Step == progress.TotalSteps;
        if (isLast || progress.Step == 1 || progress.Step % _options.ScalarsEvery == 0)
        {
            var summary = new SummaryMessage()
                .Scalar("loss/train", progress.Loss)
                .Scalar("learning_rate", session.LearningRate)
                .Scalar("gradient_norm", progress.GradientNorm);
            if (progress.MetricName is { } metric)
                summary.Scalar(Tag(metric, "train"), progress.Metric);
            _file!.Write(progress.Step, summary);
        }

        if (_options.HistogramsEvery is { } every && (isLast || progress.Step % every == 0))
        {
            var summary = new SummaryMessage();
            foreach (var (name, values) in session.Weights())
                summary.Histogram($"weights/{Path(name)}", values);
            foreach (var (name, values) in session.Gradients())
                summary.Histogram($"gradients/{Path(name)}", values);
            _file!.Write(progress.Step, summary);
        }
    }

    public override void Validated(ValidationSummary summary, TrainingSession session)
    {
        var message = new SummaryMessage().Scalar("loss/validation", summary.Loss);
        if (session.Definition.Objective.MetricName is { } metric)
            message.Scalar(Tag(metric, "validation"), summary.Metric);
        _file!.Write(summary.Step, message);
        _file.Flush();
    }

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        var message = new SummaryMessage().Scalar("loss/epoch", summary.Loss).Scalar("samples_per_second", summary.SamplesPerSecond);
        if (session.Definition.Objective.MetricName is { } metric)
            message.Scalar(Tag(metric, "epoch"), summary.Metric);
        if (_examples is not null && _options.Images > 0)
        {
            session.ScoredNetwork.eval();
            if (session.Definition.Objective is Classification classification)
                ExamplePictures.AddMistakes(message, _examples, session.ScoredNetwork, classification, _options.Images);
            else if (session.Definition.Objective is Reconstruction reconstruction)
                ExamplePictures.AddReconstructions(message, _examples, session.ScoredNetwork, reconstruction, _options.Images);
        }

        _file!.Write(session.Step, message);
        _file.Flush();
    }

    public override void TrainingEnded(TrainingSession session)
    {
        if (_examples is { Count: > 0 } && session.Definition.Objective is Reconstruction reconstruction)
        {
            session.ScoredNetwork.eval();
            CodeProjector.Write(_folder, _examples, session.ScoredNetwork, reconstruction);
        }

        End(well: true, session.Step);
    }

    /// <summary>Closes the file; of a training that has not ended, as one that failed.</summary>
    public void Dispose()
    {
        if (_file is null)
            return;
        try
        {
            using (_file)
            {
                if (!_isOver)
                    End(well: false, step: 0);
            }
        }
        catch (IOException) when (!_isOver)
        {
            // The training has failed already, and its own exception says more.
        }
    }

    private void End(bool well, long step)
    {
        _file!.Write(step, HyperParameters.Ended(well));
        _file.Flush();
        _isOver = true;
    }

    private static string Tag(string metric, string of) => $"{metric.Replace(' ', '_')}/{of}";

    /// <summary>TensorBoard groups tags by the path before their last part.</summary>
    private static string Path(string name) => name.Replace('.', '/');
}
