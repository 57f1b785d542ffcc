using System.Globalization;
using System.IO.Enumeration;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Files.Rows;

/// <summary>Combines the fields of a file to columns.</summary>
internal sealed class RowColumns
{
    private readonly string _path;
    private readonly IReadOnlyList<FileField> _fields;
    private readonly Dictionary<string, FileField[]> _vectors;
    private readonly List<string> _names;

    /// <param name="path">The file, for messages.</param>
    /// <param name="fields">Its fields.</param>
    private RowColumns(string path, IReadOnlyList<FileField> fields)
    {
        (_path, _fields) = (path, fields);
        _names = [.. fields.Select(field => field.Name)];
        _vectors = FindVectors();
    }

    /// <summary>The columns that are read.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="columns">The requested columns; null for all.</param>
    /// <exception cref="InvalidDataException">The file lacks a field.</exception>
    public static IReadOnlyList<RequestedColumn> Of(string path, IReadOnlyList<FileField> fields, IReadOnlyList<RowColumn>? columns)
    {
        var found = new RowColumns(path, fields);
        if (columns is null)
            return found.All();
        var named = columns.SelectMany(column => column.Fields ?? [column.Name]).Where(name => !IsPattern(name)).ToHashSet(StringComparer.Ordinal);
        return [.. columns.Select(column => found.Make(column, named))];
    }

    private List<RequestedColumn> All()
    {
        List<RequestedColumn> columns = [];
        var taken = _vectors.Values.SelectMany(fields => fields).ToHashSet();
        foreach (var (place, field) in _fields.Index())
        {
            if (!taken.Contains(field))
                columns.Add(Single(field.Name.Length > 0 ? field.Name : FieldBinding.NameOf(place), field, null));
            else if (_vectors[VectorOf(field.Name)] is var vector && vector[0] == field)
                columns.Add(Vector(VectorOf(field.Name), vector, null) with { Fields = null });
        }

        return columns;
    }

    private RequestedColumn Make(RowColumn column, HashSet<string> named)
    {
        if (column.Fields is null)
        {
            if (IndexOf(column.Name) is >= 0 and var own)
                return Single(column.Name, _fields[own], column.Type);
            return _vectors.TryGetValue(column.Name, out var values) ? Vector(column.Name, values, column.Type) with { Fields = null } : throw Missing(column.Name, column.Name);
        }

        if (column.Fields is [var only] && !IsPattern(only))
            return Single(column.Name, _fields[Find(only, column.Name)], column.Type);
        List<FileField> fields = [];
        foreach (var name in column.Fields)
        {
            if (!IsPattern(name))
                fields.Add(_fields[Find(name, column.Name)]);
            else if (_fields.Where(field => !named.Contains(field.Name) && FileSystemName.MatchesSimpleExpression(name, field.Name, ignoreCase: false)).ToList() is { Count: > 0 } matches)
                fields.AddRange(matches);
            else
                throw Missing(name, column.Name);
        }

        return Vector(column.Name, [.. fields], column.Type);
    }

    /// <summary>A column of one field.</summary>
    private static RequestedColumn Single(string name, FileField field, DataViewType? type) => new(name, type ?? field.Type ?? TextDataViewType.Instance)
    {
        Fields = [field.Name.Length > 0 ? field.Name : FieldBinding.Unnamed],
        Annotations = type is null || type.Equals(field.Type) ? field.Annotations : null,
    };

    /// <summary>A column of a field for each value.</summary>
    private RequestedColumn Vector(string name, FileField[] fields, DataViewType? type)
    {
        if (fields.Select(field => field.Name).FirstOrDefault(each => fields.Count(field => field.Name == each) > 1) is { } twice)
        {
            throw new ArgumentException($"Column '{name}' has the field '{twice}' more than once.", nameof(LoadRowsOptions.Columns))
                .About(file: _path, column: name);
        }

        if (type is VectorDataViewType vector && vector.Size != fields.Length)
        {
            throw new InvalidDataException($"'{_path}' has {fields.Length} fields for the column '{name}', but the type {type} has {vector.Size} values.")
                .About(property: nameof(LoadRowsOptions.Columns), file: _path, column: name);
        }

        return new(name, type is VectorDataViewType ? type : new VectorDataViewType((PrimitiveDataViewType?)type ?? ItemOf(name, fields), fields.Length)) { Fields = [.. fields.Select(field => field.Name)] };
    }

    private PrimitiveDataViewType ItemOf(string name, FileField[] fields)
    {
        List<FileField> typed = [.. fields.Where(field => field.Type is not null)];
        if (typed.FirstOrDefault(field => !field.Type!.Equals(typed[0].Type)) is { } other)
        {
            throw new InvalidDataException($"'{_path}': column '{name}' has fields of different types: '{typed[0].Name}' is {typed[0].Type}, and '{other.Name}' is {other.Type}. Set the type of the column.")
                .About(property: nameof(LoadRowsOptions.Columns), file: _path, column: name);
        }

        if (typed is [{ Type: not PrimitiveDataViewType } list, ..])
        {
            throw new InvalidDataException($"'{_path}': field '{list.Name}' of column '{name}' is {list.Type}; a vector has a single value from each of its fields.")
                .About(property: nameof(LoadRowsOptions.Columns), file: _path, column: name);
        }

        return typed is [{ Type: PrimitiveDataViewType item }, ..] ? item : TextDataViewType.Instance;
    }

    /// <summary>The vectors of fields <c>X.0</c>, <c>X.1</c> and so on that have one type, if there is no field <c>X</c>.</summary>
    private Dictionary<string, FileField[]> FindVectors()
    {
        Dictionary<string, FileField[]> vectors = new(StringComparer.Ordinal);
        foreach (var group in _fields.Where(field => SlotOf(field.Name) >= 0).GroupBy(field => VectorOf(field.Name), StringComparer.Ordinal))
        {
            FileField[] slots = [.. group.OrderBy(field => SlotOf(field.Name))];
            var types = slots.Select(slot => slot.Type).OfType<DataViewType>().Distinct().ToList();
            var isVector = slots.Index().All(slot => SlotOf(slot.Item.Name) == slot.Index) && types is [] or [PrimitiveDataViewType];
            if (isVector && !_names.Contains(group.Key, StringComparer.Ordinal))
                vectors.Add(group.Key, slots);
        }

        return vectors;
    }

    private int Find(string field, string column) => IndexOf(field) is >= 0 and var place ? place : throw Missing(field, column);

    private int IndexOf(string name) => FieldBinding.IndexOf(_names, name);

    private InvalidDataException Missing(string field, string column)
    {
        var what = IsPattern(field) ? $"no field that matches '{field}'" : $"no field '{field}'{NearestName.Question(field, _names)}";
        return new InvalidDataException($"'{_path}' has {what}{(field == column ? "" : $" for the column '{column}'")}. Its fields are: {FieldBinding.List(_names)}.")
            .About(property: nameof(LoadRowsOptions.Columns), file: _path, column: column);
    }

    private static bool IsPattern(string name) => name.Contains('*', StringComparison.Ordinal);

    private static string VectorOf(string field) => field[..field.LastIndexOf('.')];

    /// <summary>The number after a name's last dot, as in the fields of a vector; -1 for none.</summary>
    private static int SlotOf(string name) =>
        name.LastIndexOf('.') is > 0 and var point && int.TryParse(name.AsSpan(point + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var slot)
            && (slot == 0 ? name.Length == point + 2 : name[point + 1] != '0') ? slot : -1;
}
