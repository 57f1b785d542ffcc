namespace Sconce.Files.Rows;

/// <summary>Columns in the names of a file's folders, <c>City=K%C3%B6ln/part-0.parquet</c>, as Hive and Spark write them.</summary>
internal static class FolderColumns
{
    /// <summary>The marker of a missing value.</summary>
    private const string Missing = "__HIVE_DEFAULT_PARTITION__";

    /// <summary>
    /// The columns in the names of a path's folders, with their values; the innermost folder wins if a column occurs twice.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(string path)
    {
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var folder in (Path.GetDirectoryName(path) ?? "").Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            if (folder.IndexOf('=') is > 0 and var mark)
                columns[Uri.UnescapeDataString(folder[..mark])] = folder[(mark + 1)..] is var value && value == Missing ? "" : Uri.UnescapeDataString(value);
        }

        return columns;
    }

    /// <summary>
    /// Opens a file, and adds the columns that it lacks from the names of its folders. If both have a column, the file's is used.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="request">The requested columns.</param>
    /// <param name="open">Opens the file for some of the columns.</param>
    /// <param name="passedOver">Receives each requested column that both have.</param>
    /// <exception cref="InvalidDataException">
    /// The file cannot be read, or lacks a column that no folder's name has, or its folder's name has a value that does not fit the column.
    /// </exception>
    public static RowReader Open(string path, RowRequest request, Func<RowRequest, RowReader> open, Action<string> passedOver)
    {
        var columns = Of(path);
        if (columns.Count == 0)
            return open(request);
        List<RequestedColumn> asked = [.. request.Columns.Where(column => columns.ContainsKey(column.FieldName))];
        List<RequestedColumn> taken = [];
        while (true)
        {
            try
            {
                // A label is optional, but it is searched for in the file first.
                var reader = open(request with { Columns = [.. request.Columns.Except(taken).Select(column => column with { IsRequired = column.IsRequired || asked.Contains(column) })] });
                foreach (var column in asked.Except(taken).Where(column => column.Role != ColumnRole.Label))
                    passedOver(column.FieldName);
                return taken.Count == 0 ? reader : new FolderColumnReader(reader, request.Columns, taken, columns);
            }
            catch (InvalidDataException exception)
            {
                // In a file without column names, it is unknown which column is missing.
                var named = ErrorFacts.Of(exception).Column;
                var missing = asked.Except(taken).Where(column => (named is null || column.Name == named) && !Has(column)).ToList();
                if (missing.Count == 0)
                    throw;
                taken.AddRange(missing);
            }
        }

        bool Has(RequestedColumn column)
        {
            try
            {
                open(request with { Columns = [new(column.FieldName, null) { Role = ColumnRole.Kept }], IsByName = true }).Dispose();
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }
}
