using System.Text.Json.Nodes;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Training;

/// <summary>Keeps the best of a sequence of values, and counts the values since. Values that are not finite are never the best.</summary>
internal sealed class BestValue(bool isHigherBetter, double minimumImprovement)
{
    /// <summary>The best so far; null before the first.</summary>
    public double? Value { get; private set; }

    /// <summary>The number of values since the best one, or since <see cref="WaitAnew"/>.</summary>
    public int Waited { get; private set; }

    /// <summary>Adds a value, and returns whether it is the best.</summary>
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

    public void WaitAnew() => Waited = 0;

    public JsonNode Save() => new JsonObject { ["value"] = Value, ["waited"] = Waited };

    /// <summary>Restores what <see cref="Save"/> returned.</summary>
    /// <exception cref="ArgumentException">A value is invalid.</exception>
    public void Restore(JsonNode state)
    {
        (Value, Waited) = (state["value"]?.GetValue<double>(), state["waited"]!.GetValue<int>());
        Check.Finite(Value ?? 0, "The best value");
        Check.AtLeast(Waited, 0, "The number of values since the best one");
    }

    private bool IsBest(double value) => double.IsFinite(value)
        && (Value is not { } best || (isHigherBetter ? value - best : best - value) > minimumImprovement);
}
