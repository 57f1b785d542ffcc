using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Onnx;
using Sconce.Core.Errors;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;
using Sconce.Trainers.Persistence;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>Converts a chain of transformers to one ONNX model: its networks, and the steps before and after them.</summary>
internal sealed class OnnxExport
{
    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, GraphInput> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MadeColumn> _outputs = new(StringComparer.Ordinal);

    /// <summary>Columns that ML.NET's steps compute from the input, not from scores.</summary>
    private readonly Dictionary<string, PreparedColumn> _prepared = new(StringComparer.Ordinal);

    /// <summary>The networks that were added.</summary>
    private readonly List<(InputColumn Input, Objective Objective)> _parts = [];

    /// <summary>The values of the symbols of the graph's inputs.</summary>
    private readonly SortedDictionary<string, ClassNames> _symbols = new(StringComparer.Ordinal);

    private OnnxExport(IEnumerable<string> columns) => _graph = new OnnxGraph(columns);

    /// <summary>Creates the ONNX model.</summary>
    /// <param name="model">A transformer, or a chain of transformers.</param>
    /// <param name="inputSchema">The schema of the data that the chain reads; may be null if the chain has only networks of Sconce.</param>
    /// <param name="operatorSet">The operator set (opset).</param>
    /// <exception cref="ArgumentOutOfRangeException">The operator set is not supported.</exception>
    /// <exception cref="ArgumentException">There is no network in the model, or the schema is needed.</exception>
    /// <exception cref="NotSupportedException">A part of the model cannot be exported; the message names it.</exception>
    public static ModelProto Export(ITransformer model, DataViewSchema? inputSchema, int operatorSet)
    {
        OnnxModel.CheckOperatorSet(operatorSet);
        var steps = PipelineSteps.Of(model).ToList();
        var networks = steps.OfType<TorchTransformer>().ToList();
        if (steps is [ForecastTransformer forecaster])
            return ExportForecaster(forecaster, operatorSet);
        if (steps.OfType<ForecastTransformer>().Any())
            throw new NotSupportedException($"The model ({string.Join(" -> ", steps.Select(StepNames.Of))}) has a forecaster in one of its steps. A forecaster reads windows of earlier rows, which an ONNX graph cannot see. Export the forecaster by itself: its graph reads windows.");
        if (networks.Count == 0)
            throw new ArgumentException($"The model ({string.Join(" -> ", steps.Select(StepNames.Of))}) has none of Sconce's networks to export.", nameof(model));

        var names = networks.SelectMany(network => network.Model.Definition.Objective.Columns.Select(column => column.Name).Prepend(network.FeatureColumnName));
        var export = new OnnxExport(names.Concat(inputSchema?.Select(column => column.Name) ?? []));
        foreach (var step in steps)
            inputSchema = export.Add(step, inputSchema);
        return export.ToModel(string.Join(" -> ", networks.Select(network => network.Model.Definition.Network.GetType().Name)), inputSchema, operatorSet);
    }

    /// <summary>Creates the graph of one network, which reads its feature column and returns its objective's columns in their order.</summary>
    public static GraphProto ExportNetwork(TorchModel network) => ExportAlone(network, OnnxModel.OldestOperatorSet).Graph;

    private static ModelProto ExportAlone(TorchModel network, int operatorSet)
    {
        var definition = network.Definition;
        var export = new OnnxExport(definition.Objective.Columns.Select(column => column.Name).Prepend(definition.Input.Name));
        export.AddNetwork(network);
        return export.ToModel(definition.Network.GetType().Name, null, operatorSet);
    }

    private static ModelProto ExportForecaster(ForecastTransformer forecaster, int operatorSet)
    {
        var model = ExportAlone(forecaster.Model, operatorSet);
        model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxColumns.ForecastProperty, Value = JsonSerializer.Serialize(forecaster.Forecaster.Definition, RecordJson.Options) });
        return model;
    }

    /// <summary>Creates two ONNX models of an encoder-decoder: the encoder, and a step of the decoder.</summary>
    /// <inheritdoc cref="Export"/>
    /// <param name="model">A transformer, or a chain of some with one encoder-decoder.</param>
    /// <param name="operatorSet">The operator set (opset).</param>
    public static (ModelProto Encoder, ModelProto Step) ExportParts(ITransformer model, int operatorSet)
    {
        OnnxModel.CheckOperatorSet(operatorSet);
        var steps = PipelineSteps.Of(model).ToList();
        if (steps is not [TorchTransformer { Model: { Definition: { Objective: SequenceTranslation objective } definition } network }])
            throw new ArgumentException($"The model ({string.Join(" -> ", steps.Select(StepNames.Of))}) is not a single encoder-decoder, which has two parts: an encoder and a step of the decoder.", nameof(model));
        var encoder = new OnnxExport([definition.Input.Name]);
        var step = new OnnxExport([]);
        network.ExportParts(encoder._graph, OnnxColumns.Input(encoder._graph, definition.Input), step._graph);
        if (definition.Input.Symbols is { } symbols)
            encoder._symbols[definition.Input.Name] = symbols;
        step._symbols["Symbols"] = objective.Label.Symbols!;
        return (encoder.ToModel("encoder", null, operatorSet), step.ToModel("step", null, operatorSet));
    }

    private DataViewSchema? Add(ITransformer step, DataViewSchema? schema)
    {
        if (step is TorchTransformer network)
        {
            AddNetwork(network.Model, schema);
            return schema is null ? null : network.GetOutputSchema(schema);
        }

        if (schema is null)
            throw new ArgumentException($"The model has the step {StepNames.Of(step)} besides networks. Pass the schema of the model's input, from which its columns are found.", nameof(schema));
        if (!step.IsRowToRowMapper)
            throw new NotSupportedException($"The step {StepNames.Of(step)} changes the number of rows, which an ONNX graph cannot do. Remove the step from the model.");
        if (step is OneHotEncodingTransformer encoding)
            return PipelineSteps.Of(StepParameters.Of(encoding)).Aggregate(schema, (before, part) => Add(part, before)!);
        AddOther(step, step.GetRowToRowMapper(schema));
        return step.GetOutputSchema(schema);
    }

    /// <param name="network">The network.</param>
    /// <param name="schema">The columns that it finds; null if it reads inputs of the graph, several columns as a single input.</param>
    private void AddNetwork(TorchModel network, DataViewSchema? schema = null)
    {
        var definition = network.Definition;
        var kind = definition.Network.GetType().Name;
        _graph.Owner = kind;
        var input = definition.Input.Parts is { } parts && schema is not null
            ? _graph.Concat(1, [.. parts.Select(part => ReadPart(schema[part.Name], kind))])
            : Read(definition.Input, kind);
        _parts.Add((definition.ReadInput, definition.Objective));
        foreach (var (column, value) in definition.Objective.Columns.Zip(network.Export(_graph, input)))
        {
            Replace(column.Name);
            _outputs.Add(column.Name, new MadeColumn(OnnxColumns.Describe(column, value), kind, column.Values, _parts.Count - 1));
        }
    }

    /// <summary>Finds the value that a network reads: another network's output, a step's output, an existing input, or a new one.</summary>
    private OnnxValue Read(InputColumn column, string network)
    {
        var name = column.Name;
        if (_outputs.TryGetValue(name, out var made))
        {
            if (!made.IsReadAs(column))
                throw new NotSupportedException($"The {network} reads the column '{name}' as {Describe(column)}, but the {made.Network} returns it with another type, size or symbols. Export each network by itself.");
            return Shape(made.Output.Value);
        }

        if (_prepared.TryGetValue(name, out var prepared))
        {
            if (prepared.Unsupported is { } why)
                throw Unsupported(network, name, why);
            if (column.Symbols is not null || prepared.Type != OnnxColumns.TypeOf(column))
                throw new NotSupportedException($"The {network} reads the column '{name}' as {Describe(column)}, which cannot be exported to ONNX if a step makes it. ml.Model.ConvertNetworksToOnnx keeps such steps as ML.NET's own, in a model that needs no libtorch.").About(column: name);
            return Shape(prepared.Value);
        }

        if (_inputs.TryGetValue(name, out var known))
        {
            if (known.Column is null && column.Symbols is null && known.Type == OnnxColumns.TypeOf(column))
                return Shape(known.Value);
            return known.Column is not null && column.IsReadAs(known.Column)
                ? known.Value
                : throw new NotSupportedException($"The {network} reads the column '{name}' as {Describe(column)}, but the {known.Reader} reads it as {(known.Column is null ? known.Type : Describe(known.Column))}, or with other symbols. Export each network by itself.");
        }

        var input = OnnxColumns.Input(_graph, column);
        _inputs.Add(name, new GraphInput(input, OnnxColumns.TypeOf(column), column, network));
        if (column.Symbols is { } symbols)
            _symbols[name] = symbols;
        return input;

        // A sequence has as many steps as the longest row.
        OnnxValue Shape(OnnxValue value) => _graph.Reshape(value, [0, .. column.Shape.Select((size, i) => i == 0 && column.IsSequence ? -1L : size)]);
    }

    /// <summary>Finds one of several columns, as floats [rows, values].</summary>
    private OnnxValue ReadPart(DataViewSchema.Column column, string network)
    {
        if (_prepared.TryGetValue(column.Name, out var prepared) && prepared.Unsupported is { } why)
            throw Unsupported(network, column.Name, why);
        return _graph.Cast(Resolve(column, network)(), DataType.Float);
    }

    private static NotSupportedException Unsupported(string network, string name, (string Step, string Column) why) =>
        new NotSupportedException($"The {network} reads the column '{name}', {(why.Column == name ? "which" : $"and the column '{why.Column}' that it is made of is what")} the step {why.Step} makes, and that step cannot be exported to ONNX. ml.Model.ConvertNetworksToOnnx keeps such steps as ML.NET's own, in a model that needs no libtorch.").About(column: name);

    private static string Describe(InputColumn column) => $"{column.Type} [{string.Join(", ", column.Shape.Select((size, i) => column.IsSequence && i == 0 ? $"up to {size}" : $"{size}"))}]";

    /// <summary>Adds a step that is not a network: columns made of scores at once, other columns when a network reads them.</summary>
    private void AddOther(ITransformer step, IRowToRowMapper mapper)
    {
        var columns = new List<(string Name, MadeColumn? Made, PreparedColumn? Prepared)>();
        // A column that replaces another one hides it: two columns have the same name.
        foreach (var column in mapper.OutputSchema.Where(column => !column.IsHidden && Named(mapper.OutputSchema, column.Name) > Named(mapper.InputSchema, column.Name)).ToList())
        {
            // Sequences of keys are padded with 0, which has no value.
            var sources = mapper.GetDependencies([column]).Select(source => source.Name).ToList();
            if (sources.Find(_outputs.ContainsKey) is { } score)
                columns.Add((column.Name, MakeOfScores(step, mapper, column, sources, score), null));
            else
                columns.Add((column.Name, null, Prepare(step, mapper, column, sources)));
        }

        // All columns of the step are computed from the columns before it.
        foreach (var (name, made, prepared) in columns)
        {
            Replace(name);
            if (prepared is null)
                _outputs.Add(name, made!);
            else
                _prepared.Add(name, prepared);
        }
    }

    private MadeColumn MakeOfScores(ITransformer step, IRowToRowMapper mapper, DataViewSchema.Column column, List<string> sources, string score)
    {
        var made = _outputs[score];
        if (sources.Count == 1 && step is ColumnCopyingTransformer)
            return made with { Part = null };
        // A network's own keys are never 0 (missing).
        if (sources.Count == 1 && made.Part is not null && step is KeyToValueMappingTransformer && mapper.InputSchema[score].Type is KeyDataViewType && made.Values is { } values)
            return new MadeColumn(MapToValue(made.Output.Value, values), made.Network, null, null);
        // Symbols of text are numbers in the graph, which other steps cannot read.
        if (StockSteps.Find(step, mapper, column) is { } known && known.Sources.All(source => !_outputs.TryGetValue(source.Name, out var one) || one.Output.Type == OnnxColumns.TypeOf(source.Type))
            && !sources.Exists(source => _prepared.GetValueOrDefault(source)?.Unsupported is not null))
        {
            var value = known.Write(_graph, [.. known.Sources.Select(source => Resolve(source, StepNames.Of(step))())]);
            var shape = OnnxColumns.ShapeOf(column.Type);
            var names = StockSteps.NamesOf(column);
            return new MadeColumn(new(_graph.Reshape(value, [0, .. shape.Skip(1).Select(size => size.Number)]), OnnxColumns.TypeOf(column.Type)!.Value, shape), made.Network, names, null);
        }

        throw new NotSupportedException($"The step {StepNames.Of(step)} computes the column '{column.Name}' from '{score}', which a network returns, and cannot be exported to ONNX. Remove the step from the model and apply it after scoring, or use ml.Model.ConvertNetworksToOnnx, which keeps it as ML.NET's own in a model that needs no libtorch.").About(column: column.Name);
    }

    private PreparedColumn Prepare(ITransformer step, IRowToRowMapper mapper, DataViewSchema.Column column, List<string> sources)
    {
        if (sources.Select(source => _prepared.GetValueOrDefault(source)?.Unsupported).FirstOrDefault(why => why is not null) is { } before)
            return new PreparedColumn(null, default, before);
        if (StockSteps.Find(step, mapper, column) is not { } known)
            return new PreparedColumn(null, default, (StepNames.Of(step), column.Name));
        // Later columns may replace these.
        var values = known.Sources.Select(source => Resolve(source, StepNames.Of(step))).ToList();
        return new PreparedColumn(() => known.Write(_graph, [.. values.Select(value => value())]), OnnxColumns.TypeOf(column.Type)!.Value, null);
    }

    /// <summary>A function that returns the current column as a tensor [rows, values].</summary>
    private Func<OnnxValue> Resolve(DataViewSchema.Column column, string step)
    {
        if (_outputs.TryGetValue(column.Name, out var made))
            return () => Flatten(made.Output.Value, made.Output.Shape.Count);
        if (_prepared.TryGetValue(column.Name, out var prepared))
            return () => prepared.Value;
        var (type, shape) = (OnnxColumns.TypeOf(column.Type)!.Value, OnnxColumns.ShapeOf(column.Type));
        return () =>
        {
            if (!_inputs.TryGetValue(column.Name, out var known))
                _inputs.Add(column.Name, known = new GraphInput(_graph.Input(column.Name, type, shape), type, null, step));
            return known.Type == type && known.Column is not { IsSequence: true }
                ? Flatten(known.Value, shape.Count)
                : throw new NotSupportedException($"The step {step} reads the column '{column.Name}' as {column.Type}, but the {known.Reader} reads its symbols. Export the network by itself.");
        };

        OnnxValue Flatten(OnnxValue value, int dimensions) => dimensions == 2 ? value : _graph.Reshape(value, 0, -1);
    }

    private OnnxOutput MapToValue(OnnxValue key, ClassNames values)
    {
        var (table, type) = OnnxColumns.Of(values);
        var index = _graph.Plus(_graph.Cast(key, DataType.Int64), _graph.Constant(-1));
        return new OnnxOutput(_graph.Add("Gather", [_graph.Constant(table), index]), type, [OnnxSize.Rows, 1]);
    }

    private static int Named(DataViewSchema schema, string name) => schema.Count(column => column.Name == name);

    /// <summary>Removes a column whose name a new one takes.</summary>
    private void Replace(string column)
    {
        _outputs.Remove(column);
        _prepared.Remove(column);
    }

    private ModelProto ToModel(string name, DataViewSchema? outputSchema, int operatorSet)
    {
        // A column that a step drops is not an output.
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

        var metadata = values.Select(names => (OnnxColumns.ValuesProperty(names.Key), JsonSerializer.Serialize(names.Value, RecordJson.Options)));
        if (parts.Count > 0)
            metadata = metadata.Append((OnnxPart.Property, JsonSerializer.Serialize<IReadOnlyList<OnnxPart>>(parts, RecordJson.Options)));
        return OnnxModel.Of(_graph.ToProto(name), operatorSet, metadata);
    }
}
