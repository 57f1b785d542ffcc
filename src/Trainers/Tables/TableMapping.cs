using System.Text.Json.Serialization;
using Microsoft.ML;
using Sconce.Trainers.Onnx;

namespace Sconce.Trainers.Tables;

/// <summary>What a <see cref="TableStep"/> has learned from the training rows: how a column is made of others. It is saved as JSON.</summary>
/// <param name="OutputColumnName">The column that is made.</param>
[JsonPolymorphic]
[JsonDerivedType(typeof(CategoryMapping), "categories")]
[JsonDerivedType(typeof(NumberMapping), "numbers")]
[JsonDerivedType(typeof(BooleanMapping), "booleans")]
internal abstract record TableMapping(string OutputColumnName)
{
    /// <summary>The columns that are read.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> Sources { get; }

    /// <summary>The column that is made.</summary>
    public abstract DataViewSchema.DetachedColumn Describe();

    /// <summary>Creates a getter of the column for a row with the sources.</summary>
    public abstract Delegate CreateGetter(DataViewRow row);

    /// <summary>How the column is written as ONNX; null if it cannot be.</summary>
    public abstract StockStep? Export(IReadOnlyList<DataViewSchema.Column> sources);

    /// <summary>Checks a mapping that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public abstract void Validate();
}
