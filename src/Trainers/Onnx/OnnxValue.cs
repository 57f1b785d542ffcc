namespace Sconce.Trainers;

/// <summary>A tensor in an <see cref="OnnxGraph"/>: an input, a weight, a constant, or the output of a node.</summary>
/// <param name="Name">Its name in the graph.</param>
public readonly record struct OnnxValue(string Name)
{
    /// <summary>Stands for an optional input of a node that is left out.</summary>
    public static OnnxValue None { get; } = new("");
}

/// <summary>A dimension of a tensor: a number, or a name if its size depends on the data.</summary>
internal readonly record struct OnnxSize(long Number, string? Name)
{
    /// <summary>The number of rows in a batch.</summary>
    public static OnnxSize Rows { get; } = "rows";

    /// <summary>The number of steps in the longest row of a batch.</summary>
    public static OnnxSize Steps { get; } = "steps";

    public static implicit operator OnnxSize(long number) => new(number, null);

    public static implicit operator OnnxSize(string name) => new(0, name);
}
