using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A network with its weights: tensors in, tensors out. It knows nothing of ML.NET, and may be used from several threads at once.</summary>
public sealed class TorchModel : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _module;

    internal TorchModel(ModelDefinition definition, TrainingRecord training, nn.Module<Tensor, Tensor> module)
    {
        Definition = definition;
        Training = training;
        _module = module;
        module.eval();
        Weights = [.. module.state_dict()];
    }

    /// <summary>What the model is.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>How it came to be.</summary>
    public TrainingRecord Training { get; }

    /// <summary>The names and shapes of everything that was learned, in the network's order; the names are PyTorch's.</summary>
    public IEnumerable<(string Name, IReadOnlyList<long> Shape)> Parameters => Weights.Select(weight => (weight.Key, (IReadOnlyList<long>)weight.Value.shape));

    /// <summary>The number of trained values. Running statistics of batch normalisation are not counted.</summary>
    public long NumberOfParameters => _module.parameters().Sum(parameter => parameter.numel());

    internal IReadOnlyList<KeyValuePair<string, Tensor>> Weights { get; }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => _module.Dispose();

    /// <summary>Scales what a feature column holds to what the network reads.</summary>
    internal static Tensor Scale(Tensor raw, double scale)
    {
        var values = raw.to(ScalarType.Float32);
        if (scale == 1)
            return values;
        // Held until the call returns: TorchSharp lets the garbage collector free a scalar that is being read.
        using Scalar factor = scale;
        return values.mul_(factor);
    }

    /// <summary>Scores the first <paramref name="count"/> rows of <paramref name="rows"/> (their bytes, one after another, as the feature column has them) into <paramref name="scores"/>.</summary>
    internal void Score(ReadOnlySpan<byte> rows, Field field, int count, ScoreBatch scores)
    {
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        var raw = field.Allocate(count);
        rows[..(count * field.Bytes)].CopyTo(raw.bytes);
        var outputs = Definition.Objective.Score(_module, Scale(raw, Definition.Input.Scale));
        scores.Fill(outputs, count);
    }
}

/// <summary>The scores of up to a batch of rows, in managed memory.</summary>
internal sealed class ScoreBatch
{
    private readonly Array[] _values;
    private readonly IReadOnlyList<ScoreColumn> _columns;

    public ScoreBatch(IReadOnlyList<ScoreColumn> columns, int capacity)
    {
        _columns = columns;
        _values = [.. columns.Select(column => IsKey(column) ? new uint[capacity] : (Array)new float[capacity * column.Width])];
    }

    public void Fill(IReadOnlyList<Tensor> outputs, int count)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            var output = outputs[i].contiguous();
            if (_values[i] is uint[] keys)
            {
                var indices = MemoryMarshal.Cast<byte, long>(output.bytes);
                for (var row = 0; row < count; row++)
                    keys[row] = (uint)indices[row] + 1;
            }
            else
            {
                MemoryMarshal.Cast<byte, float>(output.bytes).CopyTo((float[])_values[i]);
            }
        }
    }

    public uint Key(int column, int row) => ((uint[])_values[column])[row];

    public ReadOnlySpan<float> Values(int column, int row)
    {
        var width = _columns[column].Width;
        return ((float[])_values[column]).AsSpan(row * width, width);
    }

    private static bool IsKey(ScoreColumn column) => column.Type is Microsoft.ML.Data.KeyDataViewType;
}
