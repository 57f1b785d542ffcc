using System.Text.Json.Nodes;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Training;

/// <summary>The best of the values that come in, and how many have come since. Values that are not finite are never the best.</summary>
internal sealed class BestValue(bool isHigherBetter, double minimumImprovement)
{
    /// <summary>The best so far; null before the first.</summary>
    public double? Value { get; private set; }

    /// <summary>How many values have come since the best one, or since <see cref="WaitAnew"/>.</summary>
    public int Waited { get; private set; }

    /// <summary>Takes a value, and says whether it is the best.</summary>
    public bool Add(double value)
    {
        if (!IsBest(value))
        {
            Waited++;
            return false;
        }

        (Value, Waited) = (value, 0);
        return true;
    }

    /// <summary>Begins to count anew.</summary>
    public void WaitAnew() => Waited = 0;

    public JsonNode Save() => new JsonObject { ["value"] = Value, ["waited"] = Waited };

    /// <summary>Takes back what <see cref="Save"/> gave.</summary>
    /// <exception cref="ArgumentException">A value makes no sense.</exception>
    public void Restore(JsonNode state)
    {
        (Value, Waited) = (state["value"]?.GetValue<double>(), state["waited"]!.GetValue<int>());
        Check.Finite(Value ?? 0, "The best value");
        Check.AtLeast(Waited, 0, "The number of values since the best one");
    }

    private bool IsBest(double value) => double.IsFinite(value)
        && (Value is not { } best || (isHigherBetter ? value - best : best - value) > minimumImprovement);
}
