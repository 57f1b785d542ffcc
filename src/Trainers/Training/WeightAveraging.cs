using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An exponential moving average (EMA) of the weights, which often generalizes better than the weights of the last step.</summary>
/// <remarks>
/// The training continues with the weights themselves; validation, callbacks and the final model use the average. Running
/// statistics of batch normalization are averaged, too. Polyak and
/// Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30 (1992); in this form
/// Tarvainen and Valpola, "Mean teachers are better role models", NeurIPS 2017.
/// </remarks>
public sealed record WeightAveraging
{
    /// <summary>The decay of the average per step, in [0, 1). In the first steps it is at most (1 + step) / (10 + step), so that the initial weights are soon forgotten. Default: 0.999, about the last thousand steps.</summary>
    public double Decay { get; init; } = 0.999;

    internal void Validate() => Check.Share(Decay, "WeightAveraging.Decay");

    /// <summary>Starts with the current weights of a network.</summary>
    internal WeightAverage Begin(ModelDefinition definition, nn.Module network) => new(this, definition, network);
}

/// <summary>One training's <see cref="WeightAveraging"/>: a second network, whose weights are the average of the first one's.</summary>
internal sealed class WeightAverage : TrainingCallback
{
    private readonly WeightAveraging _options;
    private readonly (Tensor Weight, Tensor Mean)[] _pairs;

    public WeightAverage(WeightAveraging options, ModelDefinition definition, nn.Module network)
    {
        _options = options;
        // The initial weights are overwritten below, and the network is never in training mode.
        using var random = new Generator(0);
        Network = definition.Build(random);
        Network.eval();
        _pairs = [.. network.state_dict().Values.Zip(Network.state_dict().Values)];
        foreach (var (weight, mean) in _pairs)
            weight.bytes.CopyTo(mean.bytes);
    }

    /// <summary>The network with the averaged weights. Its ownership passes to the model.</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>Adds the weights to the average.</summary>
    /// <param name="step">The number of the step that led to them, from 1.</param>
    public void Update(int step)
    {
        var share = (float)(1 - Math.Min(_options.Decay, (1d + step) / (10d + step)));
        foreach (var (weight, mean) in _pairs)
        {
            if (weight.dtype == ScalarType.Float32)
                Approach(Floats(mean), Floats(weight), share);
            else
                weight.bytes.CopyTo(mean.bytes);
        }
    }

    public override JsonNode SaveState() => new JsonArray([.. _pairs.Select(pair => JsonValue.Create(Convert.ToBase64String(pair.Mean.bytes)))]);

    public override void RestoreState(JsonNode state)
    {
        Check.Count(state.AsArray().Count, _pairs.Length, "The number of weights");
        for (var i = 0; i < _pairs.Length; i++)
        {
            var mean = Convert.FromBase64String(state[i]!.GetValue<string>());
            Check.Count(mean.Length, _pairs[i].Mean.bytes.Length, "The number of a weight's bytes");
            mean.CopyTo(_pairs[i].Mean.bytes);
        }
    }

    /// <summary>Computes the mean so that a constant weight keeps its exact value.</summary>
    private static void Approach(Span<float> means, ReadOnlySpan<float> weights, float share)
    {
        var many = MemoryMarshal.Cast<float, Vector<float>>(means);
        var targets = MemoryMarshal.Cast<float, Vector<float>>(weights);
        for (var i = 0; i < many.Length; i++)
            many[i] += share * (targets[i] - many[i]);
        for (var i = many.Length * Vector<float>.Count; i < means.Length; i++)
            means[i] += share * (weights[i] - means[i]);
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
