using Sconce.Pipelines.Catalog;

namespace Sconce.Host;

/// <summary>A value of an enum on the command line: <c>AsSaved</c> is <c>as-saved</c>.</summary>
internal readonly record struct Word<T>(T Value)
    where T : struct, Enum
{
    public static implicit operator Word<T>(T value) => new(value);

    public static implicit operator T(Word<T> word) => word.Value;

    public override string ToString() => NetworkRecipe.Kebab($"{Value}");
}
