using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Tutorials.Dates;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce train dates</c>: an encoder-decoder that translates free-form dates to ISO dates.</summary>
internal static class TrainDatesCommand
{
    private const int UnseenExamples = 10_000;
    private const int ExamplesShown = 8;

    private static readonly Option<int> _examples = new("--examples") { Description = "Number of generated training examples.", DefaultValueFactory = _ => DatePipeline.TrainingExamples };
    private static readonly Option<int> _hidden = new("--hidden-size") { Description = "Units per layer.", DefaultValueFactory = _ => DatePipeline.Options.Network.Layers.HiddenSize };
    private static readonly Option<Word<RecurrentCell>> _cell = new Option<Word<RecurrentCell>>("--cell") { Description = "The recurrent cell.", DefaultValueFactory = _ => DatePipeline.Options.Network.Layers.Cell }.AcceptNames();
    private static readonly Option<bool> _noAttention = new("--no-attention") { Description = "No attention: the decoder sees only the encoder's final state." };
    private static readonly Option<double> _teacherForcing = new("--teacher-forcing") { Description = "Fraction of batches trained with teacher forcing.", DefaultValueFactory = _ => DatePipeline.Options.Network.TeacherForcing };

    public static Command Create()
    {
        var command = TrainingArguments.CreateCommand("dates", "An encoder-decoder that translates free-form dates to ISO dates, trained on generated examples.", _examples, _cell, _hidden, _noAttention, _teacherForcing);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var seed = result.GetValue(TrainingArguments.Seed);
            var ml = new MLContext(seed);
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", "dates.zip");
            AtomicFile.CheckWritable(path);
            var options = result.Configure(Options(result), cancellation);
            var (train, unseen) = DateExamples.Load(ml, result.GetValue(_examples), UnseenExamples, seed);
            var trained = Trained.Fit(terminal, ml, "dates", progress => DatePipeline.Create(ml, options with { Progress = progress }), train, path, result.GetValue(TrainingArguments.ReportEvery));

            // Only the file is carried over.
            var fresh = new MLContext();
            using var model = ModelFile.Load(fresh, path);
            var report = TranslationReport.Evaluate(model, unseen);
            RunArguments.Keep(result, () => Evaluation.Of(fresh, model, unseen));
            cancellation.ThrowIfCancellationRequested();
            var examples = TextTranslator.Translate(fresh, model, [.. unseen.GetColumn<string>(nameof(DateExample.Date)).Take(ExamplesShown)]);
            Print(terminal, examples, report.Mistakes);
            terminal.Line($"dates: {report.ExactMatch:P2} of {report.Rows:N0} unseen strings exactly right, {report.RowsPerSecond:N0} strings/s; {trained.Rows:N0} training examples, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
            terminal.Result(new
            {
                model = path,
                exactMatch = report.ExactMatch,
                unseen = report.Rows,
                examples,
                mistakes = report.Mistakes,
                trainingSeconds = trained.Seconds,
                trainingSteps = trained.Steps,
                trainingRows = trained.Rows,
                seed = trained.Seed,
            });
        });
        return command;
    }

    private static EncoderDecoder.Options Options(ParseResult result)
    {
        var options = DatePipeline.Options;
        return options with
        {
            Network = options.Network with
            {
                Layers = options.Network.Layers with { Cell = result.GetValue(_cell), HiddenSize = result.GetValue(_hidden) },
                Attention = options.Network.Attention && !result.GetValue(_noAttention),
                TeacherForcing = result.GetValue(_teacherForcing),
            },
        };
    }

    private static void Print(Terminal terminal, IReadOnlyList<Translation> examples, IReadOnlyList<Translation> mistakes)
    {
        terminal.Table(["free form", "ISO date"], examples.Select(example => (string[])[example.Input, example.Output]));
        if (mistakes.Count > 0)
            terminal.Table(["mistakes", "given", "expected"], mistakes.Select(mistake => (string[])[mistake.Input, mistake.Output, mistake.Expected!]));
    }
}
