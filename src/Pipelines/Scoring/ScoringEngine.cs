using Microsoft.ML;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The engine that runs a model's networks.</summary>
public enum ScoringEngine
{
    /// <summary>ONNX Runtime for models with convolutions, which it runs faster, if it supports them; otherwise <see cref="AsSaved"/>.</summary>
    Auto,

    /// <summary>The engine of the saved model: libtorch, ONNX Runtime, or ML.NET.</summary>
    AsSaved,

    /// <summary>ONNX Runtime instead of libtorch.</summary>
    Onnx,
}

/// <summary>A model and the engine that runs it.</summary>
/// <param name="Plan">The model, and its columns.</param>
/// <param name="Engine">The engine: not <see cref="ScoringEngine.Auto"/>.</param>
internal sealed record EngineChoice(ScoringPlan Plan, ScoringEngine Engine);

/// <summary>Chooses the engine for a model, which is converted once.</summary>
/// <param name="ml">The context.</param>
/// <param name="plan">The model as it was saved.</param>
internal sealed class ScoringEngines(MLContext ml, ScoringPlan plan) : IDisposable
{
    private ScoringPlan? _onnx;

    /// <summary>Resolves <see cref="ScoringEngine.Auto"/> by the model only, so that a model always runs on the same engine.</summary>
    /// <exception cref="NotSupportedException">ONNX Runtime was requested, and cannot run the model.</exception>
    public EngineChoice Choose(ScoringEngine engine)
    {
        if (engine == ScoringEngine.Onnx)
            return new(Onnx(), engine);
        if (engine == ScoringEngine.Auto && plan.ScoresRowsApart && plan.Model.Scorers.OfType<TorchTransformer>().Any(network => network.Model.HasConvolutions))
        {
            try
            {
                return new(Onnx(), ScoringEngine.Onnx);
            }
            catch (Exception exception) when (exception is NotSupportedException or InvalidDataException or DllNotFoundException)
            {
                // Custom layers may not support ONNX, and ONNX Runtime may not be installed.
            }
        }

        return new(plan, ScoringEngine.AsSaved);
    }

    /// <summary>Frees the converted networks; the other steps belong to the model as it was saved.</summary>
    public void Dispose()
    {
        foreach (var graph in _onnx?.Model.Scorers.OfType<OnnxBatchTransformer>() ?? [])
        {
            if (!plan.Model.Scorers.Contains(graph))
                graph.Dispose();
        }
    }

    private ScoringPlan Onnx() => _onnx ??= plan.For(ml.Model.ConvertNetworksToOnnx(plan.Model.Transformer));
}
