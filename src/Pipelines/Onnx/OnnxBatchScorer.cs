using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Scoring;
using TorchSharp;

namespace Sconce.Pipelines.Onnx;

/// <summary>Scores batches of rows with an ONNX graph, a batch in each run. Nothing here calls libtorch.</summary>
internal sealed class OnnxBatchScorer : IBatchScorer, IDisposable
{
    /// <summary>The maximum difference between a row's scores in a batch and alone, relative to the largest score.</summary>
    private const float Tolerance = 1e-3f;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly NativeLifetime _lifetime;
    private readonly string _input;
    private readonly TensorElementType _inputType;
    private readonly IReadOnlyList<(string Name, OnnxElement Element)> _outputs;
    private readonly IReadOnlyList<OnnxPart> _parts;

    /// <summary>The outputs that show whether rows depend on one another: those that are columns, or else all of the graph's.</summary>
    private readonly IReadOnlyList<string> _telling;

    /// <summary>Whether rows were verified to have the same scores alone and in a batch.</summary>
    private volatile bool _scoresRowsApart;

    /// <param name="settings">How the graph is applied.</param>
    /// <param name="content">The file's content, which is kept to be saved.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot run the file, or its input or outputs cannot be columns.</exception>
    public OnnxBatchScorer(OnnxSettings settings, byte[] content)
    {
        (Settings, Content) = (settings, content);
        _session = OnnxFile.Open(content, settings.File);
        _lifetime = new NativeLifetime(() => $"'{settings.File}'", Free);
        try
        {
            _parts = OnnxMetadata.PartsOf(_session.ModelMetadata, settings.File);
            (_input, _inputType, Input, BatchSize) = FindInput();
            _outputs = [.. (settings.OutputColumnNames ?? _session.OutputNames).Select(name => (name, FindElement(name)))];
            Columns = [.. _outputs.Select(Column)];
            _telling = [.. _outputs.Select(output => output.Name).Where(IsTelling)];
            if (_telling.Count == 0)
                _telling = [.. _session.OutputNames.Where(IsTelling)];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OnnxSettings Settings { get; }

    /// <summary>The file as it was.</summary>
    public byte[] Content { get; }

    public InputColumn Input { get; }

    public IReadOnlyList<ScoreColumn> Columns { get; }

    public Objective? Objective => _parts is [.., var last] ? last.Objective : null;

    public int BatchSize { get; }

    public bool ContinuesRows => false;

    public NativeLifetime Lifetime => _lifetime;

    /// <summary>The producer of the file, and the name of the graph.</summary>
    public ModelMetadata Metadata => _session.ModelMetadata;

    /// <summary>The name of the graph's input.</summary>
    public string GraphInput => _input;

    /// <summary>The sizes of input and outputs for a single row.</summary>
    public IReadOnlyDictionary<string, int[]> Shapes => _outputs.Select(output => (output.Name, Value: _session.OutputMetadata[output.Name])).Append((_input, _session.InputMetadata[_input]))
        .ToDictionary(value => value.Item1, value => (int[])[1, .. value.Item2.Dimensions[1..]]);

    public ColumnBinding Bind(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(Input.Name) is not { Type: var type })
            throw Missing(Settings.File, Input.Name, schema.Select(column => column.Name));
        if (Input.IsSequence)
            return Input.Bind(schema);
        if (type is not VectorDataViewType vector || vector.ItemType != ((VectorDataViewType)Input.ColumnType).ItemType)
            throw Mismatch(type, InputColumn.Mend(type, Input.Type));
        if (vector.Size != Input.Length || (vector.Dimensions.Length > 1 && !vector.Dimensions.SequenceEqual(Input.Shape)))
            throw Mismatch(type, "Pass rows of that shape, or use a graph that reads rows of this shape.");
        return _inputType == TensorElementType.UInt8
            ? new VectorColumn<byte>(Input.Name, new Field(torch.ScalarType.Byte, Input.Shape))
            : new VectorColumn<float>(Input.Name, new Field(torch.ScalarType.Float32, Input.Shape));
    }

    public IBatchReading Begin() => new Reading(this);

    public void Dispose() => _lifetime.End();

    /// <summary>The error of data that lacks the column.</summary>
    public static ArgumentException Missing(string file, string name, IEnumerable<string> columns)
    {
        var names = columns.ToList();
        return new ArgumentException($"'{file}' reads the column '{name}', which the data lacks{NearestName.Question(name, names)}. Its columns are: {string.Join(", ", names)}. Set inputColumnName to read another one.")
            .About(property: "inputColumnName", file: file, column: name);
    }

    private void Free()
    {
        _session.Dispose();
        _run.Dispose();
    }

    private ArgumentException Mismatch(DataViewType type, string mend) =>
        new ArgumentException($"'{Settings.File}' reads rows of {Input.ColumnType}; the column '{Input.Name}' has the type {type}. {mend}")
            .About(file: Settings.File, column: Input.Name);

    private InvalidDataException Refusal(string found, string mend) => new InvalidDataException($"'{Settings.File}' {found}. {mend}")
        .About(file: Settings.File);

    private (string Name, TensorElementType Type, InputColumn Column, int BatchSize) FindInput()
    {
        const string Mend = "ml.Transforms.ApplyOnnxModel of the package Microsoft.ML.OnnxTransformer applies such a graph row by row.";
        if (_session.InputNames is not [var name])
            throw Refusal($"has {_session.InputNames.Count} inputs ({string.Join(", ", _session.InputNames.Select(input => $"'{input}'"))}); one is expected, a column of rows", Mend);
        var input = _session.InputMetadata[name];
        // The graph does not say how long sequences are at most, nor what their symbols are.
        if (_parts.Select(part => part.Input).FirstOrDefault(column => column.Name == name && column.IsSequence) is { } sequence)
        {
            return input.Dimensions.Length == sequence.Shape.Count + 1 && (sequence.Type, input.ElementDataType) is (FeatureType.Text, TensorElementType.Int64) or (FeatureType.Key, TensorElementType.UInt32) or (FeatureType.Single, TensorElementType.Float)
                ? (name, input.ElementDataType, sequence with { Name = Settings.InputColumnName ?? name }, Settings.BatchSize)
                : throw Refusal($"has the input '{name}' of {Describe(input)}, but its property '{OnnxPart.Property}' says that it is {sequence.ColumnType}", "Export it again.");
        }

        FeatureType? type = !input.IsTensor ? null
            : input.ElementDataType == TensorElementType.UInt8 ? FeatureType.Byte
            : input.ElementDataType == TensorElementType.Float ? FeatureType.Single : null;
        if (type is null)
            throw Refusal($"has the input '{name}' of {Describe(input)}; Byte (UInt8) or Single (Float) is expected", Mend);
        if (input.Dimensions.Length < 2 || input.Dimensions[0] > 1 || Array.Exists(input.Dimensions[1..], size => size < 1))
            throw Refusal($"has the input '{name}' of {Describe(input)}; a free number of rows (or 1) and then the fixed sizes of a row are expected", Mend);
        // Many graphs are exported for a single row; these run row by row.
        var batchSize = input.Dimensions[0] == 1 ? 1 : Settings.BatchSize;
        return (name, input.ElementDataType, new InputColumn(Settings.InputColumnName ?? name, type.Value, input.Dimensions[1..]), batchSize);
    }

    private OnnxElement FindElement(string name)
    {
        if (!_session.OutputMetadata.TryGetValue(name, out var output))
        {
            throw new ArgumentException($"'{Settings.File}' has no output '{name}'{NearestName.Question(name, _session.OutputNames)}. Its outputs are: {string.Join(", ", _session.OutputNames)}.")
                .About(property: "outputColumnNames", file: Settings.File, column: name);
        }

        return output.IsTensor && OnnxElement.Find(output.ElementDataType) is { } element && output.Dimensions.Length > 0 && !output.Dimensions[1..].Any(size => size < 1)
            ? element
            : throw Refusal($"has the output '{name}' of {Describe(output)}; numbers, Booleans or text, a fixed number for each row, are expected", "Set outputColumnNames to the outputs that should become columns.");
    }

    /// <summary>Whether an output has floats for each row: integers and text are derived from them, and change abruptly.</summary>
    private bool IsTelling(string name) =>
        _session.OutputMetadata[name] is { IsTensor: true, ElementDataType: TensorElementType.Float or TensorElementType.Double, Dimensions: [_, .. var sizes] }
        && Array.TrueForAll(sizes, size => size > 0);

    private ScoreColumn Column((string Name, OnnxElement Element) output)
    {
        // The exported network knows more about a column: its name, its key values, and its annotations for evaluators.
        var shape = _session.OutputMetadata[output.Name].Dimensions[1..];
        DataViewType type = shape is [] or [1] ? output.Element.Type : new VectorDataViewType(output.Element.Type, shape);
        var plain = new ScoreColumn(output.Name, type);
        return _parts.Select(part => part.Find(output.Name)).OfType<ScoreColumn>().LastOrDefault(column => column.Width == plain.Width && (RawType(column.Type) == RawType(type) || IsSpelt(column, output.Element))) ?? plain;

        static Type RawType(DataViewType type) => (type as VectorDataViewType)?.ItemType.RawType ?? type.RawType;
    }

    /// <summary>Whether a graph outputs text as the indices of its symbols.</summary>
    private static bool IsSpelt(ScoreColumn column, OnnxElement element) => column is { Type: TextDataViewType, Values: not null } && element.Type == NumberDataViewType.Int64;

    private static string Describe(NodeMetadata value)
    {
        if (!value.IsTensor)
            return $"the kind {value.OnnxValueType}";
        var sizes = value.Dimensions.Select((size, i) => size >= 0 ? $"{size}" : value.SymbolicDimensions[i] is { Length: > 0 } symbol ? symbol : "?");
        return new StringBuilder().Append(value.ElementDataType).Append(" [").AppendJoin(", ", sizes).Append(']').ToString();
    }

    private sealed class Reading(OnnxBatchScorer scorer) : IBatchReading
    {
        public void Score(FeatureBatch batch, int count, ScoreBatch scores)
        {
            using var use = scorer._lifetime.Begin();
            var wanted = Enumerable.Range(0, scorer._outputs.Count).Where(i => scores.Wanted[i]).ToList();
            using var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, scorer._inputType, [count, .. batch.Field.Shape.Select(size => (long)size)]);
            var rows = batch.Bytes[..(count * batch.Field.Bytes)];
            // Symbols of text are 64-bit integers in the graph.
            if (scorer._inputType == TensorElementType.Int64)
                TensorPrimitives.ConvertChecked(MemoryMarshal.Cast<byte, int>(rows), input.GetTensorMutableDataAsSpan<long>());
            else
                rows.CopyTo(input.GetTensorMutableRawData());
            var compares = count > 1 && !scorer._scoresRowsApart;
            var read = wanted.Select(i => scorer._outputs[i].Name);
            string[] names = [.. compares ? read.Union(scorer._telling) : read];
            using var outputs = Run(input, names);
            if (compares)
            {
                // A dependency on earlier rows shows in the last row, a dependency on later rows in the first.
                CompareWithRowAlone(batch.Field.Shape, input, outputs, names, row: 0, count);
                CompareWithRowAlone(batch.Field.Shape, input, outputs, names, row: count - 1, count);
                scorer._scoresRowsApart = true;
            }

            for (var i = 0; i < wanted.Count; i++)
                Copy(outputs[i], scores, wanted[i], count);
        }

        public void Dispose()
        {
        }

        /// <summary>Checks that a row has the same scores alone: a graph does not state whether its rows depend on one another.</summary>
        private void CompareWithRowAlone(IReadOnlyList<int> shape, OrtValue input, IDisposableReadOnlyCollection<OrtValue> outputs, string[] names, int row, int count)
        {
            using var one = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, scorer._inputType, [1, .. shape.Select(size => (long)size)]);
            var bytes = one.GetTensorMutableRawData();
            input.GetTensorMutableRawData().Slice(row * bytes.Length, bytes.Length).CopyTo(bytes);
            using var alone = Run(one, names);
            for (var i = 0; i < names.Length; i++)
            {
                if (!scorer._telling.Contains(names[i]) || outputs[i].GetTensorTypeAndShape().Shape is not [var rows, ..] || rows != count)
                    continue;
                var (among, by) = (Numbers(outputs[i]), Numbers(alone[i]));
                var width = among.Length / count;
                if (by.Length != width || Differ(among.AsSpan(row * width, width), by))
                {
                    throw new InvalidDataException(
                        $"'{scorer.Settings.File}' returns different values of '{names[i]}' for row {row + 1} in a batch of {count} than for the row alone, so rows depend on one another. Set batchSize to 1, or export the graph without operations over the batch.")
                        .About(property: "batchSize", file: scorer.Settings.File, column: names[i]);
                }
            }

            static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double
                ? value.GetTensorDataAsSpan<double>().ToArray()
                : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), number => (double)number);

            static bool Differ(ReadOnlySpan<double> among, ReadOnlySpan<double> alone)
            {
                // The order of sums depends on the batch size.
                var scale = 1d;
                foreach (var value in alone)
                    scale = double.IsFinite(value) ? Math.Max(scale, Math.Abs(value)) : scale;
                for (var i = 0; i < alone.Length; i++)
                {
                    if (double.IsFinite(alone[i]) != double.IsFinite(among[i]) || Math.Abs(among[i] - alone[i]) > Tolerance * scale)
                        return true;
                }

                return false;
            }
        }

        private IDisposableReadOnlyCollection<OrtValue> Run(OrtValue input, string[] names)
        {
            try
            {
                return scorer._session.Run(scorer._run, [scorer._input], [input], names);
            }
            catch (OnnxRuntimeException exception)
            {
                throw new InvalidDataException($"'{scorer.Settings.File}' cannot score rows of {scorer.Input.ColumnType}: {OnnxFile.FirstSentence(exception.Message)}.", exception)
                    .About(file: scorer.Settings.File);
            }
        }

        private void Copy(OrtValue output, ScoreBatch scores, int column, int count)
        {
            var (name, element) = scorer._outputs[column];
            var shape = output.GetTensorTypeAndShape().Shape;
            var width = scorer.Columns[column].Width;
            if (shape is not [var rows, ..] || rows != count || shape.Aggregate(1L, (product, size) => product * size) != (long)count * width)
            {
                throw new InvalidDataException($"'{scorer.Settings.File}' returned its output '{name}' with the shape [{string.Join(", ", shape)}] for {count} rows; {width} values for each row are expected.")
                    .About(file: scorer.Settings.File, column: name);
            }

            if (IsSpelt(scorer.Columns[column], element))
                scores.Spell(column, output.GetTensorDataAsSpan<long>(), count);
            else
                element.Copy(output, scores, column, count);
        }
    }
}
