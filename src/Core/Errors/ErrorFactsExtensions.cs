namespace Sconce.Core.Errors;

/// <summary>Attaches facts to an exception in one call: <c>throw new InvalidDataException("…").About(file: path, row: 3)</c>.</summary>
internal static class ErrorFactsExtensions
{
    public static TException About<TException>(
        this TException exception, string? property = null, string? file = null, long? row = null, long? line = null, string? column = null,
        OutputConflict? conflict = null, ModelKind? needed = null)
        where TException : Exception => new ErrorFacts
        {
            Property = property ?? (exception as ArgumentException)?.ParamName,
            File = file,
            Row = row,
            Line = line,
            Column = column,
            Conflict = conflict,
            Needed = needed,
        }.Put(exception);
}
