using System.CommandLine;
using Sconce.Host.Display;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train lstm</c>: images read row by row, by any recurrent cell.</summary>
internal static class TrainRecurrentCommand
{
    private static readonly Option<string> _preset = new("--preset") { Description = "default: the most accurate for its time; classic: the tutorial's training, 1,000,000 samples at a fixed rate.", DefaultValueFactory = _ => "default" };
    private static readonly Option<RecurrentCell?> _cell = new Option<RecurrentCell?>("--cell") { Description = "What happens at each step. Default: lstm." }.AcceptNames();
    private static readonly Option<Activation?> _activation = new Option<Activation?>("--activation") { Description = "The activation of --cell elman: tanh, sigmoid or relu. Default: tanh." }.AcceptNames();
    private static readonly Option<int?> _hiddenSize = new("--hidden-size") { Description = "The number of values in the hidden state. Default: 128." };
    private static readonly Option<int?> _layers = new("--layers") { Description = "The number of recurrent layers. Default: 1." };
    private static readonly Option<bool> _bidirectional = new("--bidirectional") { Description = "Read each sequence from its end as well." };
    private static readonly Option<double?> _dropout = new("--dropout") { Description = "The share of values that is dropped between layers while training. Default: 0." };

    /// <summary>The tutorial's: a line after each 20 steps.</summary>
    private const int StepsPerClassicReport = 20;

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        _preset.AcceptOnlyFromAmong("default", "classic");
        var command = TrainingArguments.CreateImageCommand(
            "lstm", "A recurrent network that reads images row by row: an LSTM, or another --cell.", _preset, _cell, _activation, _hiddenSize, _layers, _bidirectional, _dropout);
        command.SetAction(result => TrainCommand.Train(
            result, "lstm", open, interruption, Options(result), result.GetValue(_preset) == "classic" ? StepsPerClassicReport : null));
        return command;
    }

    private static RecurrentNetwork.Options Options(ParseResult result)
    {
        var options = result.GetValue(_preset) == "classic" ? RecurrentNetwork.Options.Classic : new();
        var layers = options.Network.Layers;
        return options with
        {
            Network = options.Network with
            {
                Layers = layers with
                {
                    Cell = result.GetValue(_cell) ?? layers.Cell,
                    ElmanActivation = result.GetValue(_activation) ?? layers.ElmanActivation,
                    HiddenSize = result.GetValue(_hiddenSize) ?? layers.HiddenSize,
                    NumberOfLayers = result.GetValue(_layers) ?? layers.NumberOfLayers,
                    Bidirectional = result.GetResult(_bidirectional) is { Implicit: false } ? result.GetValue(_bidirectional) : layers.Bidirectional,
                    Dropout = result.GetValue(_dropout) ?? layers.Dropout,
                },
            },
        };
    }
}
