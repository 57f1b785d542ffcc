namespace Sconce.Trainers.Onnx;

/// <summary>What one of the networks in an exported graph reads and gives, which the graph's own types do not tell.</summary>
/// <param name="Input">The feature column.</param>
/// <param name="Objective">What it was trained for, and so what its columns mean.</param>
/// <param name="Outputs">The graph's output for each of the objective's columns that the graph still gives: not for one that was dropped, or whose name another column has taken.</param>
internal sealed record OnnxPart(InputColumn Input, Objective Objective, IDictionary<string, string> Outputs)
{
    /// <summary>The property of a model's metadata that has the parts as JSON, in their order.</summary>
    public const string Property = "sconce.parts";

    /// <summary>Checks a part that comes from a file.</summary>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public void Validate()
    {
        Input.Validate();
        Objective.Validate();
        // The annotations are made of the class values, which have to be of the type that they are said to be.
        _ = Objective.Columns;
    }

    /// <summary>Finds the column that an output is; null where it is none of the network's.</summary>
    public ScoreColumn? Find(string output) => Objective.Columns.FirstOrDefault(column => Outputs.TryGetValue(column.Name, out var given) && given == output);
}
