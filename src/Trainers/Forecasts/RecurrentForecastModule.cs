using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Forecasts;

/// <summary>A <see cref="RecurrentForecast"/>'s layers: [rows, window + horizon, channels] to [rows, horizon].</summary>
internal sealed class RecurrentForecastModule : CompositeModule, IOnnxLayer
{
    private readonly ForecastMode _mode;
    private readonly int _window;
    private readonly int _horizon;
    private readonly int _season;
    private readonly int _firstKnown;
    private readonly int _known;
    private readonly int _directions;
    private readonly EncoderDecoderCore? _core;
    private readonly RecurrentStack? _stack;
    private readonly Linear? _steps;
    private readonly Linear? _ahead;
    private readonly Linear _output;

    /// <param name="options">The network.</param>
    /// <param name="window">The number of steps that are read.</param>
    /// <param name="horizon">The number of steps that are forecast.</param>
    /// <param name="known">The number of channels that are known in advance.</param>
    /// <param name="random">The source of dropout.</param>
    public RecurrentForecastModule(RecurrentForecast options, int window, int horizon, int known, Generator random)
        : base(nameof(RecurrentForecastModule))
    {
        (_mode, _window, _horizon, _known) = (options.Mode, window, horizon, known);
        _season = options.SeasonLength ?? 1;
        _directions = options.Layers.Bidirectional ? 2 : 1;
        _firstKnown = 1 + options.PastCovariates;
        // A future step reads its known channels, the value one season before, and the known channels of that.
        var (input, ahead) = (_firstKnown + known, 2 * known + 1);
        if (options.Mode == ForecastMode.Direct)
        {
            register_module("encoder", _stack = new RecurrentStack(options.Layers, input, random));
            register_module("steps", _steps = nn.Linear(_stack.OutputSize, horizon * options.Layers.HiddenSize, dtype: ScalarType.Float32));
            register_module("ahead", _ahead = nn.Linear(ahead, options.Layers.HiddenSize, hasBias: false, dtype: ScalarType.Float32));
        }
        else
        {
            register_module("core", _core = new EncoderDecoderCore(options.Layers, options.Attention, input, options.Mode == ForecastMode.Recursive ? ahead + 1 : ahead, random));
        }

        register_module("output", _output = nn.Linear(_core?.OutputSize ?? options.Layers.HiddenSize, 1, dtype: ScalarType.Float32));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        // Values are relative to the mean of their window: a series may leave the range of the training data.
        var level = input.narrow(1, 0, _window).narrow(2, 0, 1).mean([1], keepdim: true);
        var relative = cat([input.narrow(2, 0, 1).Plus(level.neg()), input.narrow(2, 1, input.shape[2] - 1)], 2);
        var window = relative.narrow(1, 0, _window);
        return (_mode == ForecastMode.Recursive ? Recurse(window, relative) : Correct(window, relative)).Plus(level.squeeze(2)).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var values = graph.Narrow(input, 2, 0, 1);
        var level = graph.Times(graph.Add("ReduceSum", [graph.Narrow(values, 1, 0, _window), graph.Constant([1])], ("keepdims", 1)), 1.0 / _window);
        var relative = graph.Concat(2, graph.Add("Sub", [values, level]), graph.Narrow(input, 2, 1, int.MaxValue));
        var window = graph.Narrow(relative, 1, 0, _window);
        return graph.Plus(_mode == ForecastMode.Recursive ? ExportRecurse(graph, window, relative) : ExportCorrect(graph, window, relative), graph.Squeeze(level, 2));
    }

    /// <summary>Corrects the last season of the window, which is repeated over the horizon, for all steps at once.</summary>
    private Tensor Correct(Tensor window, Tensor input)
    {
        var places = tensor(Enumerable.Range(0, _horizon).Select(step => (long)(_window - _season + step % _season)).ToArray());
        var before = window.index_select(1, places);
        var baseline = before.narrow(2, 0, 1);
        var ahead = cat([Known(input.narrow(1, _window, _horizon)), Known(before), baseline], 2);
        var hidden = _core is not null ? _core.Decode(_core.Encode(window, null), ahead) : Answer(window, ahead);
        return _output.call(hidden).Plus(baseline).squeeze(2);
    }

    private OnnxValue ExportCorrect(OnnxGraph graph, OnnxValue window, OnnxValue input)
    {
        var places = graph.Constant([.. Enumerable.Range(0, _horizon).Select(step => (long)(_window - _season + step % _season))]);
        var before = graph.Add("Gather", [window, places], ("axis", 1));
        var baseline = graph.Narrow(before, 2, 0, 1);
        var ahead = graph.Concat(2, ExportKnown(graph, graph.Narrow(input, 1, _window, _horizon), 2), ExportKnown(graph, before, 2), baseline);
        var hidden = _core is not null ? _core.ExportDecode(graph, _core.ExportEncode(graph, window, null), ahead) : ExportAnswer(graph, window, ahead);
        return graph.Squeeze(graph.Plus(graph.Export(_output, hidden), baseline), 2);
    }

    private Tensor Answer(Tensor window, Tensor ahead)
    {
        // The state rather than the last output: there, the backward direction has read only one step.
        var summary = _stack!.Run(window).State.Last(_directions);
        return _steps!.call(summary).view(window.shape[0], _horizon, -1).Plus(_ahead!.call(ahead)).tanh();
    }

    private OnnxValue ExportAnswer(OnnxGraph graph, OnnxValue window, OnnxValue ahead)
    {
        var summary = OnnxCellState.Last(graph, _stack!.Export(graph, window).State, _directions);
        return graph.Add("Tanh", [graph.Plus(graph.Reshape(graph.Export(_steps!, summary), 0, _horizon, -1), graph.Export(_ahead!, ahead))]);
    }

    /// <summary>Forecasts step by step, each from the forecast before it.</summary>
    private Tensor Recurse(Tensor window, Tensor input)
    {
        var forecasts = new List<Tensor>();
        _core!.Unroll(_core.Encode(window, null), (step, last) =>
        {
            if (last is not null)
                forecasts.Add(_output.call(last).Plus(SeasonBefore(step - 1)));
            if (step == _horizon)
                return null;
            var previous = step == 0 ? window.select(1, _window - 1).narrow(1, 0, 1) : forecasts[step - 1];
            return cat([Known(At(step)), Known(At(step - _season)), SeasonBefore(step), previous], 1);
        });
        return cat(forecasts, 1);

        Tensor At(int step) => input.select(1, _window + step);

        Tensor SeasonBefore(int step) => step < _season ? At(step - _season).narrow(1, 0, 1) : forecasts[step - _season];
    }

    /// <summary>The channels that are known in advance, of steps [rows, steps, channels] or of one [rows, channels].</summary>
    private Tensor Known(Tensor steps) => steps.narrow(steps.Dimensions - 1, _firstKnown, _known);

    private OnnxValue ExportRecurse(OnnxGraph graph, OnnxValue window, OnnxValue input)
    {
        var source = _core!.ExportEncode(graph, window, null);
        var state = source.Summary;
        var forecasts = new List<OnnxValue>();
        for (var step = 0; step < _horizon; step++)
        {
            var previous = step == 0 ? First(At(-1)) : forecasts[^1];
            (var output, state) = _core.ExportStep(graph, graph.Concat(1, ExportKnown(graph, At(step), 1), ExportKnown(graph, At(step - _season), 1), SeasonBefore(step), previous), source, state);
            forecasts.Add(graph.Plus(graph.Export(_output, output), SeasonBefore(step)));
        }

        return graph.Concat(1, forecasts);

        OnnxValue At(int step) => graph.Select(input, 1, _window + step);

        OnnxValue First(OnnxValue channels) => graph.Narrow(channels, 1, 0, 1);

        OnnxValue SeasonBefore(int step) => step < _season ? First(At(step - _season)) : forecasts[step - _season];
    }

    private OnnxValue ExportKnown(OnnxGraph graph, OnnxValue steps, long axis) => graph.Narrow(steps, axis, _firstKnown, _known);
}
