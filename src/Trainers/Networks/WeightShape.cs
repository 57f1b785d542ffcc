using Sconce.Trainers.Networks.Recurrent;

namespace Sconce.Trainers.Networks;

/// <summary>
/// The shape of a network's tensor, computed without building it: a model's file is compared with it before anything is allocated, so
/// that a small file cannot demand a large network.
/// </summary>
/// <param name="Name">The tensor's name in PyTorch.</param>
/// <param name="Type">The safetensors format's name of its type.</param>
/// <param name="Shape">Its shape.</param>
internal readonly record struct WeightShape(string Name, string Type, long[] Shape)
{
    private const string Single = "F32";

    private WeightShape(string name, params long[] shape)
        : this(name, Single, shape)
    {
    }

    /// <summary>The weights of a dense layer.</summary>
    public static IEnumerable<WeightShape> Dense(string layer, long inputs, long outputs, bool hasBias = true)
    {
        yield return new($"{layer}.weight", outputs, inputs);
        if (hasBias)
            yield return new($"{layer}.bias", outputs);
    }

    /// <summary>The weights of a convolution. A transposed convolution has its filters' first two dimensions swapped.</summary>
    public static IEnumerable<WeightShape> Convolution(string layer, long inputs, long outputs, long kernel, bool hasBias = true, bool isTransposed = false)
    {
        yield return isTransposed ? new($"{layer}.weight", inputs, outputs, kernel, kernel) : new($"{layer}.weight", outputs, inputs, kernel, kernel);
        if (hasBias)
            yield return Bias(layer, outputs);
    }

    /// <summary>The bias of a layer that has no other weights of its own.</summary>
    public static WeightShape Bias(string layer, long outputs) => new($"{layer}.bias", outputs);

    /// <summary>The weights and statistics of batch normalization.</summary>
    public static IEnumerable<WeightShape> Normalization(string layer, long channels)
    {
        foreach (var name in (string[])["weight", "bias", "running_mean", "running_var"])
            yield return new($"{layer}.{name}", channels);
        yield return new($"{layer}.num_batches_tracked", "I64", []);
    }

    /// <summary>The weights of an embedding.</summary>
    public static WeightShape Embedding(string layer, long symbols, long size) => new($"{layer}.weight", symbols, size);

    /// <summary>The weights and bins of a network's encoding of numbers, and of the <see cref="NumberLayer"/> that reads it.</summary>
    public static IEnumerable<WeightShape> NumberEmbedding(long numbers, long bins, long size, bool isPeriodic)
    {
        foreach (var name in isPeriodic ? (string[])["frequency"] : ["low", "scale"])
            yield return new($"encoding.{name}", numbers, bins);
        yield return new("numbers.weight", numbers, isPeriodic ? 2 * bins : bins, size);
        yield return new("numbers.bias", numbers, size);
    }

    /// <summary>The weights of the layers of an ensemble whose members share the hidden layers.</summary>
    public static IEnumerable<WeightShape> Members(string layers, long members, long inputs, IReadOnlyList<int> hiddenSizes, long outputs)
    {
        yield return new($"{layers}.dense1.scale", members, inputs);
        foreach (var (i, size) in hiddenSizes.Index())
        {
            foreach (var weight in Dense($"{layers}.dense{i + 1}", i == 0 ? inputs : hiddenSizes[i - 1], size))
                yield return weight;
        }

        yield return new($"{layers}.output.weight", members, hiddenSizes[^1], outputs);
        yield return new($"{layers}.output.bias", members, outputs);
    }

    /// <summary>
    /// The weights of a <see cref="RecurrentStack"/>, layer by layer and lazily: a caller stops at the first missing one.
    /// </summary>
    public static IEnumerable<WeightShape> Recurrent(string stack, RecurrentLayers layers, long inputs)
    {
        var cell = CellEquations.Of(layers);
        long size = layers.HiddenSize;
        for (var i = 0; i < layers.NumberOfLayers; i++)
        {
            var inputSize = i == 0 ? inputs : layers.OutputSize;
            foreach (var direction in layers.Bidirectional ? (string[])["", "_reverse"] : [""])
            {
                yield return new($"{stack}.weight_ih_l{i}{direction}", cell.Gates * size, inputSize);
                yield return new($"{stack}.weight_hh_l{i}{direction}", cell.Gates * size, size);
                yield return new($"{stack}.bias_ih_l{i}{direction}", cell.Gates * size);
                yield return new($"{stack}.bias_hh_l{i}{direction}", cell.Gates * size);
                if (cell.Peepholes > 0)
                    yield return new($"{stack}.weight_peephole_l{i}{direction}", cell.Peepholes * size);
            }
        }
    }

    /// <summary>The weights of an <see cref="EncoderDecoderCore"/>.</summary>
    public static IEnumerable<WeightShape> Core(string core, RecurrentLayers layers, bool attention, long inputs, long decoderInputs)
    {
        foreach (var weight in Recurrent($"{core}.encoder", layers, inputs))
            yield return weight;
        var decoder = layers with { Bidirectional = false };
        foreach (var weight in Recurrent($"{core}.decoder", decoder, decoderInputs))
            yield return weight;
        string[] bridges = !layers.Bidirectional ? [] : CellEquations.Of(layers).HasCellState ? ["hidden", "cell"] : ["hidden"];
        for (var layer = 1; layer <= layers.NumberOfLayers; layer++)
        {
            foreach (var weight in bridges.SelectMany(bridge => Dense($"{core}.{bridge}_bridge{layer}", 2L * layers.HiddenSize, layers.HiddenSize)))
                yield return weight;
        }

        if (!attention)
            yield break;
        yield return new($"{core}.attention.score.weight", decoder.OutputSize, layers.OutputSize);
        yield return new($"{core}.attention.combine.weight", decoder.OutputSize, (long)layers.OutputSize + decoder.OutputSize);
    }
}
