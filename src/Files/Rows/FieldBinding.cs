using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>Finds the fields of requested columns, in files with one value per field.</summary>
internal static class FieldBinding
{
    /// <summary>The name of a field whose name is empty, because column names must not be empty.</summary>
    public const string Unnamed = " ";

    /// <summary>The name of an unnamed field, by its position.</summary>
    public static string NameOf(int field) => $"Field{field + 1}";

    /// <summary>Lists names for a message.</summary>
    public static string List(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(20))}{(names.Count > 20 ? $" and {names.Count - 20} more" : "")}";

    /// <summary>Finds fields by their names in any order; without names, and for the single vector of a file of numbers, by their positions.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="names">The fields' names; null where there are none.</param>
    /// <param name="count">The number of fields.</param>
    /// <param name="request">What is asked for.</param>
    /// <returns>The fields of each column, in order; empty for a label that the file lacks.</returns>
    /// <exception cref="InvalidDataException">A column is missing; the message names it, and the nearest name.</exception>
    public static IReadOnlyList<int[]> Bind(string path, IReadOnlyList<string>? names, int count, RowRequest request)
    {
        if (request.IsByName)
            names ??= [.. Enumerable.Range(0, count).Select(NameOf)];
        var found = request.Columns.Select(column => names is null ? null : FindByName(names, column)).ToArray();
        if (names is not null)
            CheckNames(path, names, request, found);
        if (!request.IsByName)
            BindByPlace(names, count, request.Columns, found);
        var missing = Array.FindIndex(found, fields => fields is null);
        return missing < 0 ? [.. found.OfType<int[]>()] : throw Missing(path, names, count, request, request.Columns[missing]);
    }

    /// <summary>Finds a field by its name, or else by one that differs only in case; <see cref="Unnamed"/> also finds an empty name.</summary>
    public static int IndexOf(IReadOnlyList<string> names, string name)
    {
        var exact = Find(StringComparison.Ordinal);
        return exact >= 0 ? exact : name == Unnamed ? IndexOf(names, "") : Find(StringComparison.OrdinalIgnoreCase);

        int Find(StringComparison comparison)
        {
            for (var i = 0; i < names.Count; i++)
            {
                if (names[i].Equals(name, comparison))
                    return i;
            }

            return -1;
        }
    }

    /// <summary>Finds the fields of a column by its name, or by the names of its values; null if one is missing.</summary>
    public static int[]? FindByName(IReadOnlyList<string> names, RequestedColumn column)
    {
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector)
            return IndexOf(names, column.FieldName) is >= 0 and var field ? [field] : null;
        var slots = column.SlotNames;
        if (slots.Count != vector.Size)
            return null;
        // A wide vector is searched for once: most files have either all of its names or none.
        if (IndexOf(names, slots[0]) < 0)
            return slots.Count == 1 && IndexOf(names, column.FieldName) is >= 0 and var single ? [single] : null;
        var places = names.Index().GroupBy(name => name.Item, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.First().Index, StringComparer.OrdinalIgnoreCase);
        var fields = slots.Select(slot => places.GetValueOrDefault(slot, -1)).ToArray();
        return Array.TrueForAll(fields, field => field >= 0) ? fields : null;
    }

    /// <summary>The error of a file that lacks a column.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The fields' names; null where there are none.</param>
    /// <param name="count">The number of fields.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="column">The missing column.</param>
    /// <param name="byPlace">Whether a vector could have been found by position.</param>
    public static InvalidDataException Missing(string path, IReadOnlyList<string>? names, int count, RowRequest request, RequestedColumn column, bool byPlace = true)
    {
        var wanted = column.Role switch { ColumnRole.Kept => "is to be kept", ColumnRole.Label => "scores are to be compared with", _ => $"{request.Reader} reads" };
        if (names is null)
            return Lacking(path, null, $"'{path}' has rows of {count} field{(count == 1 ? "" : "s")} and no names; {Describe(request)} expected. {(count == 1 ? "Set the delimiter if it is another character, or add" : "Add")} a first line with the names of the fields.");
        var vector = column.Type is VectorDataViewType { Size: > 0 and var size } && column.SlotNames is [var first, ..] ? $", or '{first}' and so on{(byPlace ? $", or exactly {size} columns of numbers" : "")}" : "";
        if (vector.Length > 0 && IndexOf(names, column.Name) >= 0)
            return Lacking(path, column.Name, $"'{path}' has one column '{column.Name}', which {wanted} as {column.Type}: a column for each value is expected, '{column.SlotNames[0]}' and so on. Only JSON Lines, Parquet and Arrow can have lists.");
        return Lacking(path, column.Name, $"'{path}' has no column '{column.Name}'{NearestName.Question(column.Name, names)}, which {wanted}{(column.Type is null ? "" : $" ({column.Type}{vector})")}. Its columns are: {List(names)}.");
    }

    /// <summary>Checks for ambiguous names: duplicates, and more fields <c>X.0</c>, <c>X.1</c>, ... than the vector has values.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="names">The fields' names.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="found">The fields of each column that were found by name; null for none.</param>
    public static void CheckNames(string path, IReadOnlyList<string> names, RowRequest request, IReadOnlyList<int[]?> found)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var twice = names.Where(name => !seen.Add(name)).ToHashSet(StringComparer.Ordinal);
        if (twice.Count > 0 && found.OfType<int[]>().SelectMany(fields => fields).FirstOrDefault(field => twice.Contains(names[field]), -1) is >= 0 and var twin)
        {
            throw new InvalidDataException($"'{path}' has {names.Count(name => name == names[twin])} columns '{names[twin]}', so the name is ambiguous. Rename all but one of them.")
                .About(file: path, column: names[twin]);
        }

        foreach (var (column, fields) in request.Columns.Zip(found))
        {
            if (column.Type is not VectorDataViewType { IsKnownSize: true } || column.Fields is not null || fields is null or [] || !names[fields[0]].Equals($"{column.Name}.0", StringComparison.OrdinalIgnoreCase))
                continue;
            var size = fields.Length;
            while (IndexOf(names, $"{column.Name}.{size}") >= 0)
                size++;
            if (size > fields.Length)
            {
                throw new InvalidDataException($"'{path}' has {size} columns, '{column.Name}.0' to '{column.Name}.{size - 1}', of the {fields.Length} values of '{column.Name}' that {request.Reader} reads ({column.Type}). They make up another vector: remove the surplus columns, or use a model that was trained on vectors of this size.")
                    .About(file: path, column: column.Name);
            }
        }
    }

    private static InvalidDataException Lacking(string path, string? column, string message) => new InvalidDataException(message)
        .About(file: path, column: column);

    private static void BindByPlace(IReadOnlyList<string>? names, int count, IReadOnlyList<RequestedColumn> columns, int[]?[] found)
    {
        var label = Enumerable.Range(0, columns.Count).FirstOrDefault(i => columns[i].Role == ColumnRole.Label && found[i] is null, -1);
        List<int> open = [.. Enumerable.Range(0, columns.Count).Where(i => found[i] is null && i != label)];
        var used = found.OfType<int[]>().SelectMany(fields => fields).ToHashSet();
        int[] free = [.. Enumerable.Range(0, count).Where(field => !used.Contains(field))];
        // In a file with names, only a single vector of numbers may be found by its size.
        var byPlace = open.Count > 0 && (names is null || open is [var only] && columns[only].Type is VectorDataViewType { IsKnownSize: true })
            && open.TrueForAll(i => columns[i].Role == ColumnRole.Feature);
        var width = byPlace ? open.Sum(i => Width(columns[i])) : -1;
        // An extra field before a single vector is its label, as in CSV files of MNIST.
        var labelled = byPlace && open is [var single] && columns[single].Type is VectorDataViewType { ItemType: var item } && item == NumberDataViewType.Byte && free.Length == width + 1;
        if (byPlace && (labelled || free.Length == width))
        {
            var next = labelled ? 1 : 0;
            foreach (var i in open)
                found[i] = free[next..(next += Width(columns[i]))];
            if (labelled && label >= 0)
                found[label] = [free[0]];
        }

        if (label >= 0 && (names is null || !columns[label].IsRequired))
            found[label] ??= [];
    }

    private static int Width(RequestedColumn column) => (column.Type as VectorDataViewType)?.Size ?? 1;

    private static string Describe(RowRequest request)
    {
        List<RequestedColumn> columns = [.. request.Columns.Where(column => column.Role != ColumnRole.Label)];
        if (columns is [{ Type: VectorDataViewType { Size: > 0 and var size } vector }])
            return $"{size} values{(vector.ItemType == NumberDataViewType.Byte ? $", or a label and {size} values," : "")} are";
        return $"{columns.Sum(Width)} ({string.Join(", ", columns.Select(column => $"'{column.Name}'"))}) are";
    }
}
