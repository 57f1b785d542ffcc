using System.Collections;

namespace Sconce;

/// <summary>
/// What an exception of Sconce's is about, for programs that act on errors: the option, the file, the row, the column. Unknown or inapplicable facts
/// are null.
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

    /// <summary>The property, or the parameter, whose value is wrong or would remedy the error: "LearningRate".</summary>
    public string? Property { get; init; }

    /// <summary>The file or folder, as it was named.</summary>
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

    /// <summary>The facts of an exception, or of the first of its inner exceptions that has some; empty where none has.</summary>
    public static ErrorFacts Of(Exception exception) =>
        BearerOf(exception)?.Data[Key] as ErrorFacts ?? new() { Property = (exception as ArgumentException)?.ParamName };

    /// <summary>The exception, or the first of its inner exceptions, that has facts; null where none has.</summary>
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
    /// <summary>It exists, and replacing it was not asked for.</summary>
    Exists,

    /// <summary>An interrupted run left it unfinished: it can be resumed, or replaced.</summary>
    Interrupted,

    /// <summary>There is nothing to resume.</summary>
    NothingToResume,

    /// <summary>It was begun with other inputs, other options or another model.</summary>
    Different,

    /// <summary>Another process is writing it.</summary>
    InUse,
}

/// <summary>What a model is for.</summary>
public enum ModelKind
{
    /// <summary>Any model with one of Sconce's networks.</summary>
    Network,

    /// <summary>Names the class of a row.</summary>
    Classifier,

    /// <summary>Encodes rows, and decodes codes.</summary>
    Autoencoder,

    /// <summary>Turns one sequence into another.</summary>
    SequenceToSequence,

    /// <summary>Continues series.</summary>
    Forecaster,

    /// <summary>Reads files of rows.</summary>
    Rows,

    /// <summary>Reads image files.</summary>
    Images,
}
