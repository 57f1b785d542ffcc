using Microsoft.ML;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Scoring;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A network with its weights. It is thread-safe.</summary>
public sealed class TorchModel : IBatchScorer, IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly NativeLifetime _lifetime;

    internal TorchModel(ModelDefinition definition, TrainingRecord training, nn.Module<Tensor, Tensor> module)
        : this(definition, training, module, module.Dispose)
    {
    }

    private TorchModel(ModelDefinition definition, TrainingRecord training, nn.Module<Tensor, Tensor> module, Action free)
    {
        Definition = definition;
        Training = training;
        _module = module;
        module.eval();
        Weights = [.. module.state_dict()];
        _lifetime = new NativeLifetime(() => $"{definition.Network.Subject} on column '{definition.Input.Name}'", free);
    }

    /// <summary>The definition of the model: its network, objective and input.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>How it was trained.</summary>
    public TrainingRecord Training { get; }

    internal bool HasConvolutions => _module.modules().Any(module => module is Convolution);

    /// <summary>The names and shapes of all weights and running statistics, in the network's order; the names are PyTorch's.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public IEnumerable<(string Name, IReadOnlyList<long> Shape)> Parameters
    {
        get
        {
            using var use = Use();
            return [.. Weights.Select(weight => (weight.Key, (IReadOnlyList<long>)weight.Value.shape))];
        }
    }

    /// <summary>The number of trained values. Running statistics of batch normalization are not counted.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public long NumberOfParameters
    {
        get
        {
            using var use = Use();
            return _module.parameters().Sum(parameter => parameter.numel());
        }
    }

    /// <summary>
    /// Weights and running statistics, in the network's order, by PyTorch's names. Hold a <see cref="Use"/> while reading their values.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<string, Tensor>> Weights { get; }

    InputColumn IBatchScorer.Input => Definition.Input;

    IReadOnlyList<ScoreColumn> IBatchScorer.Columns => Definition.Objective.Columns;

    Objective IBatchScorer.Objective => Definition.Objective;

    int IBatchScorer.BatchSize => Definition.Network.ScoringBatchSize;

    bool IBatchScorer.ContinuesRows => Definition.Network.Lanes is not null;

    NativeLifetime IBatchScorer.Lifetime => _lifetime;

    /// <summary>Frees the weights once current scoring has finished. Any later use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _lifetime.End();

    /// <summary>Keeps the weights in memory until the result is disposed, even if the model is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal NativeLifetime.Use Use() => _lifetime.Begin();

    /// <summary>Creates a model that shares the weights without owning them: disposing it does not free them.</summary>
    internal TorchModel Lend() => new(Definition, Training, _module, () => { });

    ColumnBinding IBatchScorer.Bind(DataViewSchema schema) => Definition.ReadInput.Bind(schema);

    IBatchReading IBatchScorer.Begin() => new Reading(this);

    /// <summary>Builds the same network with the weights of a safetensors file.</summary>
    internal TorchModel WithWeights(string path)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator();
        var module = Definition.Build(random);
        try
        {
            var sha256 = WeightsFile.Read(path, [.. module.state_dict()]);
            return new TorchModel(Definition, Training with { ImportedWeights = new(Path.GetFileName(path), sha256) }, module);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>Copies the weights of an autoencoder's decoder to a separate decoder network.</summary>
    internal void CopyDecoder(nn.Module<Tensor, Tensor> decoder)
    {
        using var use = Use();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weights = _module.Require<IAutoencoderModule>().DecoderWeights;
        foreach (var (name, weight) in decoder.state_dict())
        {
            if (!weights.TryGetValue(name, out var trained) || !trained.shape.AsSpan().SequenceEqual(weight.shape))
                throw new ArgumentException($"{Definition.Network.Subject} has no weights of the shape [{string.Join(", ", weight.shape)}] for its decoder's '{name}'; {nameof(IAutoencoderModule.DecoderWeights)} and {nameof(IAutoencoderNetwork.CreateDecoder)} have to match.");
            weight.copy_(trained);
        }
    }

    /// <summary>Computes with the network itself, such as its gradients; it may not be changed, and no parameter may get a gradient.</summary>
    /// <param name="compute">Takes the network, in evaluation mode. Tensors that it makes are freed afterwards.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    internal T Compute<T>(Func<nn.Module<Tensor, Tensor>, T> compute)
    {
        using var use = Use();
        using var scope = NewDisposeScope();
        return compute(_module);
    }

    /// <summary>Adds the model's computation to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="raw">The feature column.</param>
    /// <returns>A value for each of the objective's columns.</returns>
    /// <exception cref="NotSupportedException">A part of the model cannot be written as ONNX; the message names it.</exception>
    internal IReadOnlyList<OnnxValue> Export(OnnxGraph graph, OnnxValue raw)
    {
        using var use = Use();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Definition.Network is { IsForeign: true, Lanes: not null })
            throw new NotSupportedException($"{Definition.Network.Subject} carries a state; only stateful networks of this library can be exported to ONNX.");
        graph.AddNames(_module);
        graph.HasMarkedEnds = Definition.Input.IsSequence;
        return Definition.Objective.Export(graph, _module, Definition.Input.ExportToNetwork(graph, raw));
    }

    /// <summary>Adds the encoder and the decoder step of an encoder-decoder to two graphs.</summary>
    /// <exception cref="NotSupportedException">The network is a user's.</exception>
    internal void ExportParts(OnnxGraph encoder, OnnxValue raw, OnnxGraph step)
    {
        using var use = Use();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (_module is ForeignModule)
            throw new NotSupportedException($"{Definition.Network.Subject} cannot be exported as an encoder and a step: only the encoder-decoder of this library can. Export it as one graph.");
        encoder.AddNames(_module);
        encoder.HasMarkedEnds = Definition.Input.IsSequence;
        step.AddNames(_module);
        _module.Require<ISplitTranslator>().ExportParts(encoder, Definition.Input.ExportToNetwork(encoder, raw), step, Definition.Objective.OutputSize);
    }

    /// <summary>
    /// Scores the first <paramref name="count"/> rows of <paramref name="rows"/> (their bytes in the feature column's type, one after
    /// another) into <paramref name="scores"/>.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="field">The type and shape of each row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="scores">Receives the scores.</param>
    /// <param name="state">The state after the previous rows, for a stateful network; null for any other.</param>
    internal void Score(ReadOnlySpan<byte> rows, Field field, int count, ScoreBatch scores, CarriedState? state)
    {
        using var use = Use();
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        var raw = field.Allocate(count);
        rows[..(count * field.Bytes)].CopyTo(raw.bytes);
        var outputs = Definition.Objective.Score(state ?? _module, Definition.Input.ToNetwork(raw), scores.Wanted);
        scores.Fill(outputs, count);
    }

    /// <summary>A pass over rows. It owns the state of a stateful network; the model does not.</summary>
    private sealed class Reading(TorchModel model) : IBatchReading
    {
        private readonly CarriedState? _state = model.Definition.CarryState(model._module, lanes: 1);

        public void Score(FeatureBatch batch, int count, ScoreBatch scores) => model.Score(batch.Bytes, batch.Field, count, scores, _state);

        public void Dispose() => _state?.Dispose();
    }
}
