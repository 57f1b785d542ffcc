namespace Sconce.Trainers.Onnx;

/// <summary>The input and the outputs of one network in an exported graph, with what the graph's own types do not tell.</summary>
/// <param name="Input">The feature column.</param>
/// <param name="Objective">The objective of its training, which defines the meaning of its columns.</param>
/// <param name="Outputs">
/// The graph's output for each of the objective's columns, except columns that were dropped or replaced by another one of that name.
/// </param>
internal sealed record OnnxPart(InputColumn Input, Objective Objective, IDictionary<string, string> Outputs)
{
    /// <summary>The property of a model's metadata that has the parts as JSON, in their order.</summary>
    public const string Property = "sconce.parts";

    /// <summary>Checks a part that comes from a file.</summary>
    /// <exception cref="ArgumentException">The part is invalid.</exception>
    public void Validate()
    {
        Input.Validate();
        Objective.Validate();
        // Creating the annotations checks that the class values have the stated type.
        _ = Objective.Columns;
    }

    /// <summary>Finds the network's column for an output; null if it is not one of the network's outputs.</summary>
    public ScoreColumn? Find(string output) => Objective.Columns.FirstOrDefault(column => Outputs.TryGetValue(column.Name, out var given) && given == output);
}
