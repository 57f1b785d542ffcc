using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>Scores a curve at some steps of a training, for pictures of the progress.</summary>
/// <param name="windows">The curve as consecutive windows, with the feature and label columns of the network.</param>
/// <param name="warmUp">The number of windows that are read first and left out of the frames; 0 or more.</param>
/// <param name="isWanted">Whether to score the curve after a step; it is always scored before the first and after the last.</param>
/// <param name="show">Called with each frame, on the training thread.</param>
internal sealed class CurveWatch(IDataView windows, int warmUp, Func<int, bool> isWanted, Action<CurveFrame> show) : TrainingCallback
{
    private readonly List<CurveFrame> _frames = [];

    /// <summary>The frames so far.</summary>
    public IReadOnlyList<CurveFrame> Frames => _frames;

    /// <inheritdoc/>
    public override void TrainingBegan(TrainingSession session)
    {
        _frames.Clear();
        Add(session.Step, session.Model);
    }

    /// <inheritdoc/>
    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        if (isWanted(progress.Step) || progress.Step == progress.TotalSteps)
            Add(progress.Step, session.Model);
    }

    /// <inheritdoc/>
    public override JsonNode? SaveState() => JsonSerializer.SerializeToNode(_frames);

    /// <inheritdoc/>
    public override void RestoreState(JsonNode state)
    {
        _frames.Clear();
        _frames.AddRange(state.Deserialize<List<CurveFrame>>()!);
    }

    private void Add(int step, TorchTransformer model)
    {
        _frames.Add(CurveFrame.Read(step, model.Transform(windows), warmUp));
        show(_frames[^1]);
    }
}
