using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

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

    /// <summary>Refuses a file whose times are of another kind than those of the files before: they would be written as what they are not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="column">A column that is asked for.</param>
    /// <param name="found">What times the file has in it.</param>
    /// <exception cref="InvalidDataException">They are of another kind.</exception>
    public static void CheckTimes(string path, RequestedColumn column, TimeForm found)
    {
        if (column.Role != ColumnRole.Kept || column.Type is null || column.ItemType is not (DateTimeDataViewType or TimeSpanDataViewType) || Of(column.Annotations).Times is var kept && kept == found)
            return;
        throw new InvalidDataException($"'{path}': column '{column.Name}' is read as {Describe(found)}, and the files before it have {Describe(kept)}, which are kept as they are. Write all files with the same type, or process them one by one.").About(file: path, column: column.Name);

        string Describe(TimeForm form) => form switch
        {
            TimeForm.Date => "dates",
            TimeForm.Local => "times without a time zone",
            TimeForm.TimeOfDay => "times of day",
            TimeForm.UtcTimeOfDay => "times of day in UTC",
            _ => column.ItemType is DateTimeDataViewType ? "times in UTC" : "durations",
        };
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
