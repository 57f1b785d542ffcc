using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>A copy of a network's weights that can be restored, in managed memory.</summary>
internal sealed class WeightSnapshot
{
    private readonly KeyValuePair<string, Tensor>[] _weights;
    private readonly byte[][] _copies;

    public WeightSnapshot(nn.Module network)
    {
        _weights = [.. network.state_dict()];
        _copies = new byte[_weights.Length][];
    }

    /// <summary>The step after which the weights were copied; null before the first copy.</summary>
    public int? Step { get; private set; }

    /// <summary>The name of a learned weight that is not finite; null if all are.</summary>
    public string? NotFinite()
    {
        using var scope = NewDisposeScope();
        return _weights.FirstOrDefault(weight => WeightValues.IsLearned(weight.Key, weight.Value) && !weight.Value.isfinite().all().item<bool>()).Key;
    }

    /// <summary>Copies the current weights, and replaces an earlier copy.</summary>
    public void Take(int step)
    {
        for (var i = 0; i < _weights.Length; i++)
        {
            var bytes = _weights[i].Value.bytes;
            bytes.CopyTo(_copies[i] ??= new byte[bytes.Length]);
        }

        Step = step;
    }

    public void Restore()
    {
        for (var i = 0; i < _weights.Length; i++)
            _copies[i].CopyTo(_weights[i].Value.bytes);
    }

    /// <summary>The copy as JSON, in the network's order; empty if nothing was copied.</summary>
    public JsonArray Save() => [.. _copies.Where(copy => copy is not null).Select(copy => JsonValue.Create(Convert.ToBase64String(copy)))];

    /// <summary>Restores the copy that <see cref="Save"/> returned for a network of the same kind.</summary>
    public void Load(JsonArray saved, int step)
    {
        Check.AtLeast(step, 0, "The step of the copied weights");
        Check.Count(saved.Count, _weights.Length, "The number of copied weights");
        for (var i = 0; i < _weights.Length; i++)
        {
            _copies[i] = Convert.FromBase64String(saved[i]!.GetValue<string>());
            Check.Count(_copies[i].Length, _weights[i].Value.bytes.Length, $"The number of bytes of '{_weights[i].Key}'");
        }

        Step = step;
    }
}
