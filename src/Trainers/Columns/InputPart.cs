using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>One of several feature columns: numbers, or categories.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Size">The number of values in a row, at least 1.</param>
public sealed record InputPart(string Name, int Size)
{
    /// <summary>The categories of keys, numbered from 1; null for numbers and Booleans.</summary>
    public ClassNames? Categories { get; init; }

    /// <summary>The number of values in a row if each category is a value of its own, 0 or 1.</summary>
    internal int ExpandedSize => Size * (Categories?.Count ?? 1);

    /// <summary>The column's type. Booleans are read as numbers.</summary>
    internal DataViewType ColumnType
    {
        get
        {
            PrimitiveDataViewType item = Categories is null ? NumberDataViewType.Single : new KeyDataViewType(typeof(uint), Categories.Count);
            return Size == 1 ? item : new VectorDataViewType(item, Size);
        }
    }

    /// <summary>Checks a part that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        Check.NotEmpty(Name, "Input.Parts.Name");
        Check.AtLeast(Size, 1, "Input.Parts.Size");
        Categories?.Validate();
        if (Categories is not null)
            Check.AtLeast(Categories.Count, 1, "The number of categories in Input.Parts");
        Check.AtMost((long)Size * (Categories?.Count ?? 1), int.MaxValue, "The number of values in Input.Parts");
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
