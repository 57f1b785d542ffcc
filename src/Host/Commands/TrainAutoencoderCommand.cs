using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Pipelines;
using Sconce.Pipelines.Metrics;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train autoencoder</c>: trains an autoencoder of any kind on MNIST or files of rows.</summary>
internal static class TrainAutoencoderCommand
{
    private static readonly Option<string> _preset = new("--preset")
    {
        Description = "default: 784-256-64-32; convolutional: two convolutions to a code of 32; plane: 784-128-64-10-2, whose codes can be plotted; classic: the tutorial's 784-128-64-12-3 and its training.",
        DefaultValueFactory = _ => "default",
    };

    private static readonly Option<int?> _codeSize = new("--code-size") { Description = "The size of a code." };
    private static readonly Option<int[]> _widths = new("--hidden-sizes") { Description = "The sizes of the dense layers before the code; the decoder mirrors them.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int[]> _convolutions = new("--convolutions") { Description = "The numbers of filters of the convolutions before the dense layers.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<Word<Activation>> _activation = new Option<Word<Activation>>("--activation") { Description = "The activation of the hidden layers." }.AcceptNames();
    private static readonly Option<bool> _tied = new("--tied") { Description = "Tie the weights: the decoder uses those of the encoder, transposed." };
    private static readonly Option<double?> _noise = new("--noise") { Description = "Denoising: the standard deviation of the noise that is added while training, for pixels in [0, 1]." };
    private static readonly Option<double?> _sparsity = new("--sparsity") { Description = "Sparse: the weight in the loss of the code's mean absolute value." };
    private static readonly Option<double?> _variational = new("--variational") { Description = "Variational: the weight in the loss of the Kullback-Leibler divergence; 1 with --loss cross-entropy is the standard VAE." };
    private static readonly Option<string?> _loss = new("--loss") { Description = "The reconstruction loss: squared-error or cross-entropy. Default: squared-error." };

    public static Command Create()
    {
        _preset.AcceptOnlyFromAmong("default", "convolutional", "plane", "classic");
        _loss.AcceptOnlyFromAmong("squared-error", "cross-entropy");
        var command = TrainingArguments.CreateCommand(
            "autoencoder", "An autoencoder, which compresses rows and needs no labels.", _preset, _codeSize, _widths, _convolutions, _activation, _tied, _noise, _sparsity, _variational, _loss);
        DataArguments.AddTo(command, isLabeled: false, readsImages: false);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", "autoencoder.zip");
            AtomicFile.CheckWritable(path);
            var options = result.Configure(Apply(result, Preset(result)), cancellation);
            var data = TrainingData.Open(result, terminal, ml, result.GetValue(TrainingArguments.Seed), cancellation, LearningTask.Reconstruction);
            var trained = Trained.Fit(terminal, ml, "autoencoder", progress => CreatePipeline(ml, data, options with { Progress = progress }), data.Train, path, result.GetValue(TrainingArguments.ReportEvery));
            using var model = ModelFile.Load(ml, path);
            var report = ReconstructionReport.Evaluate(model, data.Test!);
            RunArguments.Keep(result, () => Evaluation.Of(ml, model, data.Test!));
            cancellation.ThrowIfCancellationRequested();
            // What the autoencoder reads may be made by a step before it.
            var input = model.Autoencoder.Model.Definition.Input;
            var principal = PrincipalComponents.Errors(model.Transform(data.Train, input.Name), model.Transform(data.Test!, input.Name), input, [report.CodeSize])[0];
            terminal.Line($"autoencoder: test mean squared error {report.MeanSquaredError:F5} with codes of {report.CodeSize} ({report.CodeSize} principal components: {principal:F5}); {trained.Rows:N0} training {data.Noun}, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
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

    /// <summary>An autoencoder that gives <c>Code</c>, <c>Reconstruction</c> and <c>ReconstructionError</c>, behind what makes the column that it reads.</summary>
    internal static IEstimator<ITransformer> CreatePipeline(MLContext ml, TrainingData data, Autoencoder.Options options) => data.CreatePipeline((_, features) => CompressionPipeline.Create(ml, options, features));

    private static Autoencoder.Options Preset(ParseResult result) => result.GetValue(_preset) switch
    {
        "convolutional" => new() { Network = Autoencoder.Convolutional },
        "plane" => new() { Network = Autoencoder.Plane },
        "classic" => Autoencoder.Options.Classic,
        _ => new(),
    };

    /// <summary>Replaces a preset's values by those that the user gave.</summary>
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
                HiddenLayerSizes = result.GetValue(_widths) is { Length: > 0 } widths ? widths : network.HiddenLayerSizes,
                Convolutions = result.GetValue(_convolutions) is { Length: > 0 } filters ? filters : network.Convolutions,
                Activation = result.GetResult(_activation) is null ? network.Activation : result.GetValue(_activation),
                TiedWeights = result.GetResult(_tied) is { Implicit: false } ? result.GetValue(_tied) : network.TiedWeights,
                Noise = result.GetValue(_noise) ?? network.Noise,
                SparsityWeight = result.GetValue(_sparsity) ?? network.SparsityWeight,
                VariationalWeight = result.GetValue(_variational) ?? network.VariationalWeight,
            },
        };
    }
}
