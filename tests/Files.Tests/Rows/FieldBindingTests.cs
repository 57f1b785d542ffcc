using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Which field holds which column.</summary>
public sealed class FieldBindingTests
{
    private static readonly RequestedColumn _age = new("Age", NumberDataViewType.Single);
    private static readonly RequestedColumn _code = new("Code", TextRows.Floats(3));
    private static readonly RequestedColumn _pixels = new("Image", new VectorDataViewType(NumberDataViewType.Byte, 1, 3));
    private static readonly RequestedColumn _label = new("Label", TextDataViewType.Instance) { Role = ColumnRole.Label, IsRequired = false };
    private static readonly RequestedColumn _kept = new("Id", null) { Role = ColumnRole.Kept };

    [Fact]
    public void Names_say_which_is_which_whatever_their_order()
    {
        Assert.Equal([[4], [3, 0, 2], [1]], Bind(["Code.1", "Label", "Code.2", "Code.0", "Age"], _age, _code, _label));
        Assert.Equal([[1]], Bind(["age", "Age"], _age));
        Assert.Equal([[0]], Bind(["age", "x"], _age));
        Assert.Equal([[2]], Bind(["x", "x", "Age"], _age));
        Assert.Equal([[0], [0]], Bind(["Age"], _age, _age with { Role = ColumnRole.Kept }));
        Assert.Equal([[1]], Bind(["x", "Code"], new RequestedColumn("Code", TextRows.Floats(1))));
    }

    [Fact]
    public void A_label_need_not_be_there()
    {
        Assert.Equal([[0], []], Bind(["Age"], _age, _label));
        Assert.Equal([[], [0]], Bind(["Age", "x"], _label, _age));
    }

    [Fact]
    public void A_label_that_was_asked_for_has_to_be_there()
    {
        var label = _label with { Name = "Lable", IsRequired = true };
        Assert.Contains("has no column 'Lable' (did you mean 'Label'?), which scores are to be compared with (String). Its columns are: Age, Label.", Refuse(() => Bind(["Age", "Label"], _age, label)), StringComparison.Ordinal);
        Assert.Equal([[0], []], Bind(1, _age, label));
    }

    [Fact]
    public void A_name_that_two_fields_have_is_refused_where_it_is_meant()
    {
        Assert.Contains("has 2 columns 'Age'", Refuse(() => Bind(["Age", "Age"], _age)), StringComparison.Ordinal);
        Assert.Equal([[0, 1, 2]], Bind(["px", "px", "px"], _code));
        Assert.Contains("has 3 columns 'Id'", Refuse(() => Bind(["Id", "Age", "Id", "Id"], _age, _kept)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_vector_of_another_width_is_refused()
    {
        Assert.Contains("has no column 'Code'", Refuse(() => Bind(["Code.0", "Code.1"], _code)), StringComparison.Ordinal);
        Assert.Contains("has 5 columns, 'Code.0' to 'Code.4', of the 3 values of 'Code' that 'm.zip' reads (Vector<Single, 3>)", Refuse(() => Bind(["Code.0", "Code.1", "Code.2", "Code.3", "Code.4"], _code)), StringComparison.Ordinal);
        Assert.Contains("has one column 'Code', which 'm.zip' reads as Vector<Single, 3>: a column for each value is expected, 'Code.0' and so on. Lists are read of JSON Lines, Parquet and Arrow.", Refuse(() => Bind(["Code"], _code)), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_names_fields_have_their_places_if_their_number_is_right()
    {
        Assert.Equal([[0], [1, 2, 3]], Bind(4, _age, _code));
        Assert.Equal([[0, 1, 2], []], Bind(3, _code, _label));
        Assert.Equal([[1, 2, 3], [0]], Bind(4, _pixels, _label));
        Assert.Equal([[0], [1, 2, 3]], Bind(4, _label, _pixels));
        Assert.Equal([[1, 2, 3]], Bind(4, _pixels));
        Assert.Contains("rows of 5 fields and no names; 4 ('Age', 'Code') are expected", Refuse(() => Bind(5, _age, _code)), StringComparison.Ordinal);
        Assert.Contains("rows of 1 field and no names; 4 ('Age', 'Code') are expected. Set the delimiter", Refuse(() => Bind(1, _age, _code)), StringComparison.Ordinal);
        Assert.Contains("rows of 3 fields and no names", Refuse(() => Bind(3, _code, _kept)), StringComparison.Ordinal);
        Assert.Contains("3 values, or a label and 3 values, are expected", Refuse(() => Bind(2, _pixels)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_vector_is_known_by_its_size_beside_named_fields()
    {
        Assert.Equal([[0, 1, 2]], Bind(["a", "b", "c"], _code));
        Assert.Equal([[1, 2, 3], [0]], Bind(["Id", "a", "b", "c"], _code, _kept));
        Assert.Equal([[0, 2, 3], [1]], Bind(["a", "Label", "b", "c"], _code, _label));
        Assert.Equal([[1, 2, 3], [0]], Bind(["digit", "a", "b", "c"], _pixels, _label));
        // With names, two columns are not told apart by places.
        Assert.Contains("has no column 'Age'", Refuse(() => Bind(["a", "b", "c", "d"], _age, _code)), StringComparison.Ordinal);
        Assert.Contains("has no column 'Age' (did you mean 'Aeg'?), which 'm.zip' reads (Single). Its columns are: Aeg.", Refuse(() => Bind(["Aeg"], _age)), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_columns_some_are_named() =>
        Assert.EndsWith("Its columns are: " + string.Join(", ", Enumerable.Range(0, 20).Select(i => $"f{i}")) + " and 5 more.", Refuse(() => Bind([.. Enumerable.Range(0, 25).Select(i => $"f{i}")], _age)), StringComparison.Ordinal);

    private static IReadOnlyList<int[]> Bind(string[] names, params RequestedColumn[] columns) => FieldBinding.Bind("f.csv", names, names.Length, new RowRequest(columns) { Reader = "'m.zip'" });

    private static IReadOnlyList<int[]> Bind(int count, params RequestedColumn[] columns) => FieldBinding.Bind("f.csv", null, count, new RowRequest(columns) { Reader = "'m.zip'" });

    private static string Refuse(Func<object> bind) => Assert.Throws<InvalidDataException>(bind).Message;
}
