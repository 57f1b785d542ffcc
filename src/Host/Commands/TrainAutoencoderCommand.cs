using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train autoencoder</c>: every kind of it, by options.</summary>
internal static class TrainAutoencoderCommand
{
    private static readonly Option<string> _preset = new("--preset")
    {
        Description = "default: 784-256-64-32; convolutional: two convolutions to a code of 32; plane: 784-128-64-10-2, whose codes can be drawn; classic: the tutorial's 784-128-64-12-3 and its training.",
        DefaultValueFactory = _ => "default",
    };

    private static readonly Option<int?> _codeSize = new("--code-size") { Description = "The number of values in a code." };
    private static readonly Option<int[]> _widths = new("--widths") { Description = "The widths of the dense layers before the code, which the decoder mirrors.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int[]> _convolutions = new("--convolutions") { Description = "The filters of the convolutions before them.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<Activation?> _activation = new Option<Activation?>("--activation") { Description = "What follows each hidden layer." }.AcceptNames();
    private static readonly Option<bool> _tied = new("--tied") { Description = "The decoder uses the encoder's weights, transposed." };
    private static readonly Option<double?> _noise = new("--noise") { Description = "Denoising: the standard deviation of the noise added while training, of pixels in [0, 1]." };
    private static readonly Option<double?> _sparsity = new("--sparsity") { Description = "Sparse: the weight of the code's mean absolute value in the loss." };
    private static readonly Option<double?> _variational = new("--variational") { Description = "Variational: the weight of the Kullback-Leibler divergence in the loss; 1 with --loss cross-entropy is the textbook's." };
    private static readonly Option<string?> _loss = new("--loss") { Description = "squared-error or cross-entropy. Default: the preset's, squared-error." };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        _preset.AcceptOnlyFromAmong("default", "convolutional", "plane", "classic");
        _loss.AcceptOnlyFromAmong("squared-error", "cross-entropy");
        var command = TrainingArguments.CreateCommand(
            "autoencoder", "An autoencoder, which needs no labels.", _preset, _codeSize, _widths, _convolutions, _activation, _tied, _noise, _sparsity, _variational, _loss);
        command.SetAction(result =>
        {
            var terminal = open(result);
            var cancellation = interruption.Take();
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", "autoencoder.zip");
            AtomicFile.CheckWritable(path);
            var options = result.Configure(Apply(result, Preset(result)), cancellation);
            var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
            var trained = Trained.Fit(terminal, ml, "autoencoder", progress => CompressionPipeline.Create(ml, options with { Progress = progress }), train, path, result.GetValue(TrainingArguments.ReportEvery));
            using var model = ModelFile.Load(ml, path);
            var report = ReconstructionReport.Evaluate(model, test);
            RunArguments.Keep(result, () => Evaluation.Of(ml, model, test));
            cancellation.ThrowIfCancellationRequested();
            var principal = PrincipalComponents.Errors(train, test, model.Autoencoder.Model.Definition.Input, [report.CodeSize])[0];
            terminal.Line($"autoencoder: test mean squared error {report.MeanSquaredError:F5} with codes of {report.CodeSize} ({report.CodeSize} principal components: {principal:F5}); {trained.Rows:N0} training images, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
            terminal.Result(new
            {
                model = path,
                meanSquaredError = report.MeanSquaredError,
                principalComponentError = principal,
                codeSize = report.CodeSize,
                trainingSeconds = trained.Seconds,
                trainingSteps = trained.Steps,
                trainingRows = trained.Rows,
                seed = trained.Seed,
            });
        });
        return command;
    }

    private static Autoencoder.Options Preset(ParseResult result) => result.GetValue(_preset) switch
    {
        "convolutional" => new() { Network = Autoencoder.Convolutional },
        "plane" => new() { Network = Autoencoder.Plane },
        "classic" => Autoencoder.Options.Classic,
        _ => new(),
    };

    /// <summary>Puts what the user gave in place of a preset's own values; what was not given stays the preset's.</summary>
    internal static Autoencoder.Options Apply(ParseResult result, Autoencoder.Options preset)
    {
        var network = preset.Network;
        return preset with
        {
            Loss = result.GetValue(_loss) switch
            {
                "cross-entropy" => ReconstructionLoss.BinaryCrossEntropy,
                "squared-error" => ReconstructionLoss.MeanSquaredError,
                _ => preset.Loss,
            },
            Network = network with
            {
                CodeSize = result.GetValue(_codeSize) ?? network.CodeSize,
                HiddenWidths = result.GetValue(_widths) is { Length: > 0 } widths ? widths : network.HiddenWidths,
                Convolutions = result.GetValue(_convolutions) is { Length: > 0 } filters ? filters : network.Convolutions,
                Activation = result.GetValue(_activation) ?? network.Activation,
                TiedWeights = result.GetResult(_tied) is { Implicit: false } ? result.GetValue(_tied) : network.TiedWeights,
                Noise = result.GetValue(_noise) ?? network.Noise,
                SparsityWeight = result.GetValue(_sparsity) ?? network.SparsityWeight,
                VariationalWeight = result.GetValue(_variational) ?? network.VariationalWeight,
            },
        };
    }
}
