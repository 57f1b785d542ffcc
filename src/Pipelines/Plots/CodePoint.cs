namespace Sconce.Pipelines.Plots;

/// <summary>A two-dimensional code, for <see cref="CodeScatter"/>.</summary>
/// <param name="X">The first value.</param>
/// <param name="Y">The second value.</param>
/// <param name="Class">The name of the row's class.</param>
internal readonly record struct CodePoint(float X, float Y, string Class);
