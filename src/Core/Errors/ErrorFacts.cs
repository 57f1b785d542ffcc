using System.Collections;

namespace Sconce;

/// <summary>
/// The facts of one of Sconce's exceptions, for programs that handle errors: the option, the file, the row, the column. Unknown or
/// inapplicable facts are null.
/// </summary>
/// <remarks>
/// Exceptions are .NET's own types: <see cref="ArgumentException"/> for an option or a column, <see cref="InvalidDataException"/> for the
/// contents of a file, <see cref="IOException"/> for a file that cannot be read or written. The facts are in <see cref="Exception.Data"/>.
/// </remarks>
/// <example>
/// <code>
/// catch (InvalidDataException exception) when (ErrorFacts.Of(exception) is { Row: { } row, Column: { } column })
/// {
///     Console.WriteLine($"Row {row}, column {column} cannot be used.");
/// }
/// </code>
/// </example>
public sealed record ErrorFacts
{
    private const string Key = "Sconce";

    /// <summary>The property or parameter whose value is invalid, or whose change remedies the error: "LearningRate".</summary>
    public string? Property { get; init; }

    /// <summary>The file or folder, as it was passed.</summary>
    public string? File { get; init; }

    /// <summary>The number of the row, from 1.</summary>
    public long? Row { get; init; }

    /// <summary>The number of the line that the row begins in, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>The name of the column.</summary>
    public string? Column { get; init; }

    /// <summary>Why a file cannot be written.</summary>
    public OutputConflict? Conflict { get; init; }

    /// <summary>The kind of model that is needed instead of the one in <see cref="File"/>.</summary>
    public ModelKind? Needed { get; init; }

    /// <summary>The facts of an exception, or of its first inner exception that has facts; empty if none does.</summary>
    public static ErrorFacts Of(Exception exception) =>
        BearerOf(exception)?.Data[Key] as ErrorFacts ?? new() { Property = (exception as ArgumentException)?.ParamName };

    /// <summary>The exception, or its first inner exception, that has facts; null if none does.</summary>
    internal static Exception? BearerOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (((IDictionary)cause.Data)[Key] is ErrorFacts)
                return cause;
        }

        return null;
    }

    /// <summary>Adds the facts to an exception that is about to be thrown.</summary>
    internal TException Put<TException>(TException exception)
        where TException : Exception
    {
        exception.Data[Key] = this;
        return exception;
    }
}

/// <summary>Why a file or folder cannot be written.</summary>
public enum OutputConflict
{
    /// <summary>The file exists, and replacing it was not requested.</summary>
    Exists,

    /// <summary>An interrupted run left the file unfinished: the run can be resumed or replaced.</summary>
    Interrupted,

    /// <summary>There is nothing to resume.</summary>
    NothingToResume,

    /// <summary>The run was started with other inputs, other options or another model.</summary>
    Different,

    /// <summary>Another process is writing the file.</summary>
    InUse,
}

/// <summary>The kind of a model.</summary>
public enum ModelKind
{
    /// <summary>Any model with one of Sconce's networks.</summary>
    Network,

    /// <summary>A classifier, which predicts the class of a row.</summary>
    Classifier,

    /// <summary>An autoencoder, which encodes rows and decodes codes.</summary>
    Autoencoder,

    /// <summary>A sequence-to-sequence model, which translates one sequence to another.</summary>
    SequenceToSequence,

    /// <summary>A forecasting model, which continues series.</summary>
    Forecaster,

    /// <summary>A model that reads files of rows.</summary>
    Rows,

    /// <summary>A model that reads image files.</summary>
    Images,
}
