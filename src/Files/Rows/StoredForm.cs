using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>Properties of a column in a file that ML.NET's type lacks, so that kept columns are written as they were read.</summary>
/// <param name="Times">The form of its times.</param>
/// <param name="IsNullable">Whether values may be missing although the type has no missing value: whole numbers, Booleans, times.</param>
internal readonly record struct StoredForm(TimeForm Times, bool IsNullable)
{
    private const string Name = "StoredForm";
    private const int NullableBit = 1;

    /// <summary>The form in annotations; the default without annotations.</summary>
    public static StoredForm Of(DataViewSchema.Annotations? annotations)
    {
        if (annotations?.Schema.GetColumnOrNull(Name)?.Type is not NumberDataViewType)
            return default;
        var form = 0;
        annotations.GetValue(Name, ref form);
        return new((TimeForm)(form >> NullableBit), (form & NullableBit) != 0);
    }

    /// <summary>Checks that a file's times have the same form as those of the files before it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="column">The requested column.</param>
    /// <param name="found">The form of the file's times.</param>
    /// <exception cref="InvalidDataException">The forms differ.</exception>
    public static void CheckTimes(string path, RequestedColumn column, TimeForm found)
    {
        if (column.Role != ColumnRole.Kept || column.Type is null || column.ItemType is not (DateTimeDataViewType or TimeSpanDataViewType) || Of(column.Annotations).Times is var kept && kept == found)
            return;
        throw new InvalidDataException($"'{path}': column '{column.Name}' is read as {Describe(found)}, but the files before it have {Describe(kept)}. Write all files with the same type, or process them one by one.")
            .About(file: path, column: column.Name);

        string Describe(TimeForm form) => form switch
        {
            TimeForm.Date => "dates",
            TimeForm.Local => "times without a time zone",
            TimeForm.TimeOfDay => "times of day",
            TimeForm.UtcTimeOfDay => "times of day in UTC",
            _ => column.ItemType is DateTimeDataViewType ? "times in UTC" : "durations",
        };
    }

    /// <summary>The annotations that <see cref="Of"/> reads; null for the default form.</summary>
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

/// <summary>The form of times in a file.</summary>
internal enum TimeForm
{
    /// <summary>Points in time in UTC, or durations.</summary>
    Usual,

    /// <summary>Dates.</summary>
    Date,

    /// <summary>Dates and times without a time zone.</summary>
    Local,

    /// <summary>Times of day.</summary>
    TimeOfDay,

    /// <summary>Times of day in UTC.</summary>
    UtcTimeOfDay,
}
