using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sconce.Trainers.Model;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>A graph that ONNX Runtime runs, and whether it gives what the model that it was made of gives.</summary>
internal sealed class OnnxScores : IDisposable
{
    /// <summary>What is asked of every number.</summary>
    private const double Tolerance = 1e-5;

    private readonly InferenceSession _session;

    public OnnxScores(byte[] onnx)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(onnx, options);
    }

    public InferenceSession Session => _session;

    public void Dispose() => _session.Dispose();

    /// <summary>Exports a model to memory.</summary>
    public static byte[] Export(MLContext ml, ITransformer model, DataViewSchema? schema, int opSetVersion = 17)
    {
        using var stream = new MemoryStream();
        ml.Model.ExportToOnnx(model, schema, stream, opSetVersion);
        return stream.ToArray();
    }

    /// <summary>Compares every output with the model's column of that name.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The rows.</param>
    /// <param name="batches">How many rows the graph is given at a time.</param>
    public void AssertAgrees(ITransformer model, IDataView data, params int[] batches)
    {
        var scored = model.Transform(data);
        var networks = PipelineSteps.Of(model).OfType<TorchTransformer>().ToList();
        foreach (var batch in batches)
        {
            var given = Run(networks, data, batch);
            foreach (var (name, values) in given)
            {
                var expected = Column(scored, networks, name.Replace(".output", "", StringComparison.Ordinal));
                Assert.Equal(expected.Count, values.Count);
                if (expected[0] is string)
                    Assert.Equal(expected, values);
                else if (expected[0] is byte)
                    AssertRounded(expected, values);
                else
                    AssertClose(expected, values, $"{name} in batches of {batch}");
            }
        }
    }

    /// <summary>What the graph gives for all rows, and each output's values one after another.</summary>
    public IReadOnlyDictionary<string, List<object>> Run(IReadOnlyList<TorchTransformer> networks, IDataView data, int batch)
    {
        var inputs = _session.InputMetadata.Keys.ToDictionary(name => name, name => Rows(data, networks.First(network => network.FeatureColumnName == name).Model.Definition.Input));
        var count = inputs.Values.First().Count;
        var given = _session.OutputMetadata.Keys.ToDictionary(name => name, _ => new List<object>());
        for (var first = 0; first < count; first += batch)
        {
            var values = inputs.Select(input => Tensor(input.Key, [.. input.Value.Skip(first).Take(batch)])).ToList();
            using var outputs = _session.Run(values);
            foreach (var output in outputs)
                given[output.Name].AddRange(Values(output));
        }

        return given;
    }

    /// <summary>Gives images in order to a graph that remembers, the state that comes out of one batch going into the next.</summary>
    public List<float> RunOn(List<byte[]> images, int batch)
    {
        var state = _session.InputMetadata.Where(input => input.Key != "Image").ToDictionary(input => input.Key, input => new DenseTensor<float>(input.Value.Dimensions));
        var given = new List<float>();
        foreach (var rows in images.Chunk(batch))
        {
            using var outputs = _session.Run([Tensor("Image", rows), .. state.Select(one => NamedOnnxValue.CreateFromTensor(one.Key, one.Value))]);
            given.AddRange(outputs.First(output => output.Name == "Score").AsTensor<float>());
            state = state.Keys.ToDictionary(name => name, name => outputs.First(output => output.Name == $"{name}.output").AsTensor<float>().ToDenseTensor());
        }

        return given;
    }

    /// <summary>An output's values, one after another.</summary>
    private static IEnumerable<object> Values(DisposableNamedOnnxValue value) => ((System.Collections.IEnumerable)value.Value).Cast<object>();

    private static void AssertClose(List<object> expected, List<object> actual, string what)
    {
        double largest = 0, lowest = double.MaxValue, highest = double.MinValue;
        foreach (var (right, found) in expected.Zip(actual, (right, found) => (Convert.ToDouble(right, null), Convert.ToDouble(found, null))))
        {
            largest = Math.Max(largest, Math.Abs(right - found));
            Assert.False(double.IsNaN(found), $"{what} has NaN.");
            (lowest, highest) = (Math.Min(lowest, right), Math.Max(highest, right));
        }

        Assert.True(largest <= Tolerance, $"{what} differs by up to {largest}.");
        Assert.True(highest > lowest || expected[0] is not float, $"{what} is {lowest} everywhere: nothing is compared.");
    }

    /// <summary>A value that lies on the border between two bytes, but for the last bits, is rounded to either: one in some thousands.</summary>
    private static void AssertRounded(List<object> expected, List<object> actual)
    {
        var differences = expected.Zip(actual, (right, found) => Math.Abs((byte)right - (byte)found)).ToList();
        Assert.InRange(differences.Max(), 0, 1);
        Assert.InRange(differences.Sum(), 0, expected.Count / 1000);
        Assert.True(expected.Distinct().Count() > 10);
    }

    /// <summary>A column of the model's, as the graph gives it.</summary>
    private static List<object> Column(IDataView scored, IReadOnlyList<TorchTransformer> networks, string name)
    {
        var column = networks.SelectMany(network => network.Model.Definition.Objective.Columns).LastOrDefault(column => column.Name == name);
        return scored.Schema[name].Type switch
        {
            KeyDataViewType => [.. scored.GetColumn<uint>(name)],
            TextDataViewType when column is not null => [.. scored.GetColumn<string>(name).SelectMany(text => Padded(Numbers(text, column.Values!), column.Width)).Cast<object>()],
            TextDataViewType => [.. scored.GetColumn<string>(name)],
            VectorDataViewType { ItemType: KeyDataViewType } => [.. scored.GetColumn<VBuffer<uint>>(name).SelectMany(keys => Padded([.. keys.DenseValues().Select(key => (long)key)], column!.Width)).Cast<object>()],
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => [.. scored.GetColumn<byte[]>(name).SelectMany(row => row).Cast<object>()],
            VectorDataViewType => [.. scored.GetColumn<float[]>(name).SelectMany(row => row).Cast<object>()],
            var type when type == NumberDataViewType.UInt32 => [.. scored.GetColumn<uint>(name)],
            _ => [.. scored.GetColumn<float>(name)],
        };
    }

    private static long[] Numbers(string text, ClassNames symbols) =>
        [.. text.EnumerateRunes().Select(rune => Number(symbols.Values.ToList().IndexOf(rune.ToString()), symbols.Count))];

    /// <summary>Symbols count from 1; one more than there are stands for all that are not known.</summary>
    private static long Number(int index, int count) => index < 0 ? count + 1 : index + 1;

    private static IEnumerable<long> Padded(long[] row, int width) => row.Concat(Enumerable.Repeat(0L, width - row.Length));

    /// <summary>A column's rows, as the graph reads them, each of its own length.</summary>
    private static List<Array> Rows(IDataView data, InputColumn column) => column.Type switch
    {
        FeatureType.Byte => [.. data.GetColumn<byte[]>(column.Name)],
        FeatureType.Single => [.. data.GetColumn<float[]>(column.Name)],
        FeatureType.Text => [.. data.GetColumn<string>(column.Name).Select(text => Numbers(text, column.Symbols!))],
        _ => [.. data.GetColumn<uint[]>(column.Name).Select(keys => Array.ConvertAll(keys, key => key == 0 ? (uint)column.Symbols!.Count + 1 : key))],
    };

    private NamedOnnxValue Tensor(string name, Array[] rows)
    {
        // Sizes but the rows' and the steps' are known.
        var shape = _session.InputMetadata[name].Dimensions.ToArray();
        var longest = rows.Max(row => row.Length);
        shape[0] = rows.Length;
        if (shape[1] < 0)
            shape[1] = longest / shape.Skip(2).Aggregate(1, (product, size) => product * size);
        return rows[0] switch
        {
            byte[] => Create<byte>(0),
            float[] => Create(float.NaN),
            long[] => Create(0L),
            _ => Create(0u),
        };

        NamedOnnxValue Create<T>(T beyond)
        {
            var values = rows.SelectMany(row => row.Cast<T>().Concat(Enumerable.Repeat(beyond, longest - row.Length))).ToArray();
            return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));
        }
    }
}
