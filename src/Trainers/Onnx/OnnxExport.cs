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
    private readonly Dictionary<string, (OnnxValue Value, InputColumn Column, string Network)> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Made> _outputs = new(StringComparer.Ordinal);

    /// <summary>Columns that other steps have made, and which.</summary>
    private readonly Dictionary<string, ITransformer> _foreign = new(StringComparer.Ordinal);

    /// <summary>The networks that were added.</summary>
    private readonly List<(InputColumn Input, Objective Objective)> _parts = [];

    /// <summary>What the symbols of the graph's inputs stand for, which stays so when a column takes an input's name.</summary>
    private readonly SortedDictionary<string, ClassNames> _symbols = new(StringComparer.Ordinal);

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
            encoder._symbols[definition.Input.Name] = symbols;
        step._symbols["Symbols"] = objective.Label.Symbols!;
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
        var kind = definition.Network.GetType().Name;
        if (_foreign.TryGetValue(name, out var maker))
            throw new NotSupportedException($"The {kind} reads the column '{name}', which the step {NameOf(maker)} makes, and that step cannot be exported. Do it before the data comes to the ONNX graph, and export a model that begins with the network.");
        _graph.Owner = kind;
        var input = Read(definition.Input, kind);
        _parts.Add((definition.ReadInput, definition.Objective));
        foreach (var (column, value) in definition.Objective.Columns.Zip(network.Export(_graph, input)))
        {
            Replace(column.Name);
            _outputs.Add(column.Name, new Made(OnnxColumns.Describe(column, value), kind, column.Values, _parts.Count - 1));
        }
    }

    /// <summary>Finds what a network reads: what another one gives, an input that another one reads too, or an input of its own.</summary>
    private OnnxValue Read(InputColumn column, string network)
    {
        var name = column.Name;
        if (_outputs.TryGetValue(name, out var made))
        {
            if (!made.IsReadAs(column))
                throw new NotSupportedException($"The {network} reads the column '{name}' as {Describe(column)}, and the {made.Network} gives it with another type, of another size or with other symbols. One graph cannot have both: export each network by itself.");
            // Of a sequence the graph gives as many steps as the longest has.
            return _graph.Reshape(made.Output.Value, [0, .. column.Shape.Select((size, i) => i == 0 && column.IsSequence ? -1L : size)]);
        }

        if (_inputs.TryGetValue(name, out var known))
        {
            return column.IsReadAs(known.Column)
                ? known.Value
                : throw new NotSupportedException($"The {network} reads the column '{name}' as {Describe(column)}, and the {known.Network} reads it as {Describe(known.Column)}, or with other symbols. One input cannot be both: export each network by itself.");
        }

        var input = OnnxColumns.Input(_graph, column);
        _inputs.Add(name, (input, column, network));
        if (column.Symbols is { } symbols)
            _symbols[name] = symbols;
        return input;
    }

    private static string Describe(InputColumn column) => $"{column.Type} [{string.Join(", ", column.Shape.Select((size, i) => column.IsSequence && i == 0 ? $"up to {size}" : $"{size}"))}]";

    /// <summary>Looks at a step that is no network: it is left out unless scoring depends on it, or it on scoring.</summary>
    private void AddOther(ITransformer step, IRowToRowMapper mapper)
    {
        var columns = new List<(string Name, Made? Made)>();
        // A column that takes another one's place hides it, so that there are two of its name.
        foreach (var column in mapper.OutputSchema.Where(column => !column.IsHidden && Named(mapper.OutputSchema, column.Name) > Named(mapper.InputSchema, column.Name)).ToList())
        {
            // Of a sequence of keys there may be fewer than there is room for; 0, which stands in the rest, has no value.
            var sources = mapper.GetDependencies([column]).Select(source => source.Name).Where(_outputs.ContainsKey).ToList();
            Made? made = null;
            if (sources is [var source] && step is ColumnCopyingTransformer)
                made = _outputs[source] with { Part = null };
            else if (sources is [var key] && step is KeyToValueMappingTransformer && mapper.InputSchema[key].Type is KeyDataViewType && _outputs[key] is { Values: { } values } mapped)
                made = new Made(MapToValue(mapped.Output.Value, values), mapped.Network, null, null);
            else if (sources.Count > 0)
                throw new NotSupportedException($"The step {NameOf(step)} makes the column '{column.Name}' of '{sources[0]}', which a network gives, and that step cannot be exported. Take it out of the model that is exported, and do it after scoring.");

            columns.Add((column.Name, made));
        }

        // The step makes all of its columns of what was there before it.
        foreach (var (name, made) in columns)
        {
            Replace(name);
            if (made is null)
                _foreign.Add(name, step);
            else
                _outputs.Add(name, made);
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
        var parts = _parts.ConvertAll(part => new OnnxPart(part.Input, part.Objective, new SortedDictionary<string, string>(StringComparer.Ordinal)));
        var values = new SortedDictionary<string, ClassNames>(_symbols, StringComparer.Ordinal);
        foreach (var (column, made) in _outputs.Where(output => outputSchema is null || outputSchema.GetColumnOrNull(output.Key) is not null))
        {
            var given = _graph.Output(column, made.Output.Value, made.Output.Type, made.Output.Shape);
            if (made.Values is { } names)
                values[given] = names;
            if (made.Part is { } part)
                parts[part].Outputs.Add(column, given);
        }

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
        foreach (var (tensor, names) in values)
            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxColumns.ValuesProperty(tensor), Value = JsonSerializer.Serialize(names, RecordJson.Options) });
        if (parts.Count > 0)
            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxPart.Property, Value = JsonSerializer.Serialize<IReadOnlyList<OnnxPart>>(parts, RecordJson.Options) });
        return model;
    }

    /// <summary>The version of the file format that came with a set of operators.</summary>
    private static long FormatOf(int operatorSet) => operatorSet switch
    {
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };

    /// <summary>A column that was made in the graph.</summary>
    /// <param name="Output">Its tensor.</param>
    /// <param name="Network">The network that it comes from.</param>
    /// <param name="Values">What its keys, slots or symbols stand for; null where they are numbers alone.</param>
    /// <param name="Part">The number of the network whose column it still is; null for a copy, and for the values of keys.</param>
    private sealed record Made(OnnxOutput Output, string Network, ClassNames? Values, int? Part)
    {
        /// <summary>Whether a network that was trained on a column reads the same from this one.</summary>
        public bool IsReadAs(InputColumn column) => Output.Type == OnnxColumns.TypeOf(column) && (column.Symbols is { } symbols
            ? Values is not null && symbols.HasSameValues(Values)
            : column.IsSequence || Output.Shape.Skip(1).Aggregate(1L, (product, size) => product * size.Number) == column.Length);
    }
}
