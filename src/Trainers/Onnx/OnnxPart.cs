namespace Sconce.Trainers;

/// <summary>What one of the networks in an exported graph reads and gives, which the graph's own types do not tell.</summary>
/// <param name="Input">The feature column.</param>
/// <param name="Objective">What it was trained for, and so what its columns mean.</param>
internal sealed record OnnxPart(InputColumn Input, Objective Objective)
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
}
