using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>Turns a chain of transformers into one ONNX model: the networks in it, and what gives the keys that they predict their values back.</summary>
internal sealed class OnnxExport
{
    /// <summary>The version of the set of operators that the graphs here are written in; in the later ones, up to <see cref="NewestOperatorSet"/>, they mean the same.</summary>
    public const int OldestOperatorSet = 17;

    /// <inheritdoc cref="OldestOperatorSet"/>
    public const int NewestOperatorSet = 22;

    /// <summary>Protocol buffers end here.</summary>
    private const long MostBytes = int.MaxValue - (1 << 20);

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, OnnxValue> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxOutput> _outputs = new(StringComparer.Ordinal);

    /// <summary>Columns that other steps have made, and which.</summary>
    private readonly Dictionary<string, ITransformer> _foreign = new(StringComparer.Ordinal);

    /// <summary>The networks that were added.</summary>
    private readonly List<OnnxPart> _parts = [];

    /// <summary>What the keys, slots and symbols of a column stand for.</summary>
    private readonly SortedDictionary<string, ClassNames> _values = new(StringComparer.Ordinal);

    private OnnxExport(IEnumerable<string> columns) => _graph = new OnnxGraph(columns);

    /// <summary>Makes the ONNX model.</summary>
    /// <param name="model">A transformer, or a chain of some.</param>
    /// <param name="inputSchema">The schema of the data that the chain reads; null where it has nothing but networks of Sconce's.</param>
    /// <param name="operatorSet">The version of the set of operators.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version here.</exception>
    /// <exception cref="ArgumentException">There is no network in the model, or the schema is needed.</exception>
    /// <exception cref="NotSupportedException">A part of the model cannot be exported; the message names it.</exception>
    public static ModelProto Export(ITransformer model, DataViewSchema? inputSchema, int operatorSet)
    {
        CheckOperatorSet(operatorSet);
        var steps = PipelineSteps.Of(model).ToList();
        var networks = steps.OfType<TorchTransformer>().ToList();
        if (steps is [ForecastTransformer forecaster])
            return ExportForecaster(forecaster, operatorSet);
        if (steps.OfType<ForecastTransformer>().Any())
            throw new NotSupportedException($"The model ({string.Join(" -> ", steps.Select(NameOf))}) forecasts series in one of its steps. It makes windows of the rows before each row, which an ONNX graph does not see. Export the forecaster by itself: its graph reads windows.");
        if (networks.Count == 0)
            throw new ArgumentException($"The model ({string.Join(" -> ", steps.Select(NameOf))}) has none of Sconce's networks in it; those are what is exported to ONNX.", nameof(model));

        var names = networks.SelectMany(network => network.Model.Definition.Objective.Columns.Select(column => column.Name).Prepend(network.FeatureColumnName));
        var export = new OnnxExport(names.Concat(inputSchema?.Select(column => column.Name) ?? []));
        foreach (var step in steps)
            inputSchema = export.Add(step, inputSchema);
        return export.ToModel(string.Join(" -> ", networks.Select(network => network.Model.Definition.Network.GetType().Name)), inputSchema, operatorSet);
    }

    private static ModelProto ExportForecaster(ForecastTransformer forecaster, int operatorSet)
    {
        var definition = forecaster.Model.Definition;
        var export = new OnnxExport(definition.Objective.Columns.Select(column => column.Name).Prepend(definition.Input.Name));
        export.AddNetwork(forecaster.Model);
        var model = export.ToModel(definition.Network.GetType().Name, null, operatorSet);
        model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxColumns.ForecastProperty, Value = JsonSerializer.Serialize(forecaster.Forecaster.Definition, RecordJson.Options) });
        return model;
    }

    /// <summary>Makes two ONNX models of an encoder-decoder: what reads a row, and what writes one symbol.</summary>
    /// <inheritdoc cref="Export"/>
    /// <param name="model">A transformer, or a chain of some with one encoder-decoder.</param>
    /// <param name="operatorSet">The version of the set of operators.</param>
    public static (ModelProto Encoder, ModelProto Step) ExportParts(ITransformer model, int operatorSet)
    {
        CheckOperatorSet(operatorSet);
        var steps = PipelineSteps.Of(model).ToList();
        if (steps is not [TorchTransformer { Model: { Definition: { Objective: SequenceTranslation objective } definition } network }])
            throw new ArgumentException($"The model ({string.Join(" -> ", steps.Select(NameOf))}) is not one encoder-decoder by itself; those have two parts, an encoder and a step of the decoder.", nameof(model));
        var encoder = new OnnxExport([definition.Input.Name]);
        var step = new OnnxExport([]);
        network.ExportParts(encoder._graph, OnnxColumns.Input(encoder._graph, definition.Input), step._graph);
        if (definition.Input.Symbols is { } symbols)
            encoder._values[definition.Input.Name] = symbols;
        step._values["Symbols"] = objective.Label.Symbols!;
        return (encoder.ToModel("encoder", null, operatorSet), step.ToModel("step", null, operatorSet));
    }

    private static void CheckOperatorSet(int operatorSet)
    {
        Check.AtLeast(operatorSet, OldestOperatorSet, "The operator set");
        Check.AtMost(operatorSet, NewestOperatorSet, "The operator set");
    }

    private static string NameOf(ITransformer step) => step.GetType().Name;

    private DataViewSchema? Add(ITransformer step, DataViewSchema? schema)
    {
        if (step is TorchTransformer network)
        {
            AddNetwork(network.Model);
            return schema is null ? null : network.GetOutputSchema(schema);
        }

        if (schema is null)
            throw new ArgumentException($"The model has the step {NameOf(step)} besides networks. Pass the schema of its input, which tells whether scoring depends on that step.", nameof(schema));
        if (!step.IsRowToRowMapper)
            throw new NotSupportedException($"The step {NameOf(step)} makes other rows of its rows, which an ONNX graph cannot. Take it out of the model that is exported.");
        AddOther(step, step.GetRowToRowMapper(schema));
        return step.GetOutputSchema(schema);
    }

    private void AddNetwork(TorchModel network)
    {
        var (definition, name) = (network.Definition, network.Definition.Input.Name);
        if (_foreign.TryGetValue(name, out var maker))
            throw new NotSupportedException($"The {definition.Network.GetType().Name} reads the column '{name}', which the step {NameOf(maker)} makes, and that step cannot be exported. Do it before the data comes to the ONNX graph, and export a model that begins with the network.");
        OnnxValue input;
        if (_outputs.TryGetValue(name, out var made))
            input = _graph.Reshape(made.Value, [0, .. definition.Input.Shape.Select(size => (long)size)]);
        else if (!_inputs.TryGetValue(name, out input))
            _inputs.Add(name, input = OnnxColumns.Input(_graph, definition.Input));
        if (definition.Input.Symbols is { } symbols)
            _values[name] = symbols;
        _parts.Add(new OnnxPart(definition.Input, definition.Objective));

        foreach (var (column, value) in definition.Objective.Columns.Zip(network.Export(_graph, input)))
        {
            Replace(column.Name);
            _outputs.Add(column.Name, OnnxColumns.Describe(column, value));
            if (column.Values is { } values)
                _values[column.Name] = values;
        }
    }

    /// <summary>Looks at a step that is no network: it is left out unless scoring depends on it, or it on scoring.</summary>
    private void AddOther(ITransformer step, IRowToRowMapper mapper)
    {
        // A column that takes another one's place hides it, so that there are two of its name.
        foreach (var column in mapper.OutputSchema.Where(column => !column.IsHidden && Named(mapper.OutputSchema, column.Name) > Named(mapper.InputSchema, column.Name)).ToList())
        {
            var sources = mapper.GetDependencies([column]).Select(source => source.Name).Where(_outputs.ContainsKey).ToList();
            OnnxOutput? value = null;
            if (sources is [var source] && step is ColumnCopyingTransformer)
                value = _outputs[source];
            else if (sources is [var key] && step is KeyToValueMappingTransformer && _values.TryGetValue(key, out var values))
                value = MapToValue(_outputs[key].Value, values);
            else if (sources.Count > 0)
                throw new NotSupportedException($"The step {NameOf(step)} makes the column '{column.Name}' of '{sources[0]}', which a network gives, and that step cannot be exported. Take it out of the model that is exported, and do it after scoring.");

            Replace(column.Name);
            if (value is null)
                _foreign.Add(column.Name, step);
            else
                _outputs.Add(column.Name, value);
        }
    }

    private OnnxOutput MapToValue(OnnxValue key, ClassNames values)
    {
        var (table, type) = OnnxColumns.Of(values);
        var index = _graph.Plus(_graph.Cast(key, DataType.Int64), _graph.Constant(-1));
        return new OnnxOutput(_graph.Add("Gather", [_graph.Constant(table), index]), type, [OnnxSize.Rows, 1]);
    }

    private static int Named(DataViewSchema schema, string name) => schema.Count(column => column.Name == name);

    /// <summary>Forgets a column, whose name is given to a new one.</summary>
    private void Replace(string column)
    {
        _outputs.Remove(column);
        _inputs.Remove(column);
        _foreign.Remove(column);
    }

    private ModelProto ToModel(string name, DataViewSchema? outputSchema, int operatorSet)
    {
        // A column that a step drops is no output.
        foreach (var (column, output) in _outputs.Where(output => outputSchema is null || outputSchema.GetColumnOrNull(output.Key) is not null))
            _graph.Output(column, output.Value, output.Type, output.Shape);
        var graph = _graph.ToProto(name);
        var bytes = graph.Initializer.Sum(weight => (long)weight.RawData.Length);
        if (bytes > MostBytes)
            throw new NotSupportedException($"The weights have {bytes:N0} bytes; an ONNX file holds at most {MostBytes:N0}.");

        var model = new ModelProto
        {
            IrVersion = FormatOf(operatorSet),
            ProducerName = "Sconce",
            ProducerVersion = typeof(OnnxExport).Assembly.GetName().Version!.ToString(3),
            ModelVersion = 1,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = operatorSet });
        foreach (var (column, values) in _values)
            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxColumns.ValuesProperty(column), Value = JsonSerializer.Serialize(values, RecordJson.Options) });
        if (_parts.Count > 0)
            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxPart.Property, Value = JsonSerializer.Serialize(_parts, RecordJson.Options) });
        return model;
    }

    /// <summary>The version of the file format that came with a set of operators.</summary>
    private static long FormatOf(int operatorSet) => operatorSet switch
    {
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };
}
