using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>What a file says of a column's values beyond ML.NET's type, so that a column that is passed through stays what it is.</summary>
/// <param name="Times">What its times are.</param>
/// <param name="IsNullable">Whether values may be missing that the type has no value for: whole numbers, truth values, times.</param>
internal readonly record struct StoredForm(TimeForm Times, bool IsNullable)
{
    private const string Name = "StoredForm";
    private const int NullableBit = 1;

    /// <summary>The form that annotations give; the usual one where they give none.</summary>
    public static StoredForm Of(DataViewSchema.Annotations? annotations)
    {
        if (annotations?.Schema.GetColumnOrNull(Name)?.Type is not NumberDataViewType)
            return default;
        var form = 0;
        annotations.GetValue(Name, ref form);
        return new((TimeForm)(form >> NullableBit), (form & NullableBit) != 0);
    }

    /// <summary>The annotations that <see cref="Of"/> reads; null for the usual form.</summary>
    public DataViewSchema.Annotations? ToAnnotations()
    {
        if (this == default)
            return null;
        var form = (int)Times << NullableBit | (IsNullable ? NullableBit : 0);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(Name, NumberDataViewType.Int32, (ref int value) => value = form);
        return annotations.ToAnnotations();
    }
}

/// <summary>What times are in a file.</summary>
internal enum TimeForm
{
    /// <summary>Points in time, which are UTC, or durations.</summary>
    Usual,

    /// <summary>Days.</summary>
    Date,

    /// <summary>Dates and times without a time zone.</summary>
    Local,

    /// <summary>Times of a day.</summary>
    TimeOfDay,

    /// <summary>Times of a day, UTC.</summary>
    UtcTimeOfDay,
}
