using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;
using Sconce.Trainers.Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>Graphs of other programs: every type of number, text, scalars, and graphs for one row alone.</summary>
public class ForeignGraphTests(SmallNetworks networks)
{
    private readonly MLContext _ml = networks.Ml;

    [Fact]
    public void Each_type_of_output_becomes_a_column_of_its_type()
    {
        var path = Graphs.Cast(DataType.Float, [OnnxSize.Rows, 2],
            ("Single", DataType.Float), ("Double", DataType.Double), ("Byte", DataType.Uint8), ("SByte", DataType.Int8), ("UInt16", DataType.Uint16), ("Int16", DataType.Int16),
            ("UInt32", DataType.Uint32), ("Int32", DataType.Int32), ("UInt64", DataType.Uint64), ("Int64", DataType.Int64), ("Boolean", DataType.Bool), ("Text", DataType.String)).Save(networks, "types.onnx");
        var rows = Enumerable.Range(0, 600).Select(i => new PairRow { X = [i % 100, (i + 1) % 3] }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(path).Fit(data);
        var scored = onnx.Transform(data);

        Has<float>("Single", value => value);
        Has<double>("Double", value => value);
        Has("Byte", value => (byte)value);
        Has("SByte", value => (sbyte)value);
        Has("UInt16", value => (ushort)value);
        Has("Int16", value => (short)value);
        Has("UInt32", value => (uint)value);
        Has("Int32", value => (int)value);
        Has("UInt64", value => (ulong)value);
        Has("Int64", value => (long)value);
        Has("Boolean", value => value != 0);
        Assert.Equal(rows.Select(row => row.X.Select(value => $"{value}")), scored.GetColumn<ReadOnlyMemory<char>[]>("Text").Select(texts => texts.Select(text => text.ToString())));

        void Has<T>(string column, Func<float, T> convert) => Assert.Equal(rows.Select(row => row.X.Select(convert)), scored.GetColumn<T[]>(column));
    }

    [Fact]
    public void One_value_a_row_is_a_scalar()
    {
        var graph = new OnnxGraph(["X", "Sum", "Kept", "Text"]);
        var x = graph.Input("X", DataType.Float, OnnxSize.Rows, 2);
        graph.Output("Sum", graph.Sum(x, 1), DataType.Float, OnnxSize.Rows);
        graph.Output("Kept", graph.Add("ReduceSum", [x, graph.Constant([1])], ("keepdims", 1)), DataType.Float, OnnxSize.Rows, 1);
        graph.Output("Text", graph.Cast(graph.Sum(x, 1), DataType.String), DataType.String, OnnxSize.Rows);
        var path = Graphs.Model(graph).Save(networks, "scalars.onnx");
        var data = _ml.Data.LoadFromEnumerable([new PairRow { X = [1, 2] }, new PairRow { X = [3, 4] }]);
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(path).Fit(data);
        var scored = onnx.Transform(data);
        Assert.Equal([3f, 7f], scored.GetColumn<float>("Sum"));
        Assert.Equal([3f, 7f], scored.GetColumn<float>("Kept"));
        Assert.Equal(["3", "7"], scored.GetColumn<ReadOnlyMemory<char>>("Text").Select(text => text.ToString()));
    }

    /// <summary>Many graphs are exported with an example of one row, and take no more.</summary>
    [Fact]
    public void A_graph_for_one_row_is_run_row_by_row()
    {
        var path = Graphs.Cast(DataType.Float, [1, 2], ("Y", DataType.Double)).Save(networks, "single.onnx");
        var rows = Enumerable.Range(0, 20).Select(i => new PairRow { X = [i, -i] }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var onnx = _ml.Transforms.ApplyOnnxModelInBatches(path).Fit(data);
        Assert.Equal(1, onnx.Onnx.BatchSize);
        Assert.Equal(rows.Select(row => row.X.Select(value => (double)value)), onnx.Transform(data).GetColumn<double[]>("Y"));
    }

    private sealed class PairRow
    {
        [VectorType(2)]
        public float[] X { get; set; } = [];
    }
}
